"""What administrators do to accounts. Each act is written into the audit log in the transaction that does it."""

from __future__ import annotations

from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader
from directfanz.domains.accounts import policy
from directfanz.domains.accounts.errors import LastAdmin, StateChanged
from directfanz.domains.accounts.models import Status, User
from directfanz.domains.accounts.repository import access_tokens, people, sessions, users
from directfanz.domains.accounts.repository.people import UserFilter
from directfanz.domains.accounts.service import letters
from directfanz.domains.accounts.service.change import Change, changing
from directfanz.domains.audit import service as audit
from directfanz.errors import InvalidInput, NotFound
from directfanz.http.caller import Caller, Role

LONGEST_REASON = 500
SHORTEST_REASON = 3


async def list_users(
    backends: Backends, caller: Caller, wanted: UserFilter, before: UUID | None, limit: int
) -> list[User]:
    """Newest first."""
    policy.require_admin(caller)
    async with backends.database.reading() as reader:
        return await people.list_users(reader, wanted, before, limit)


async def operators(tx: Reader) -> list[UUID]:
    """Who is told when something is wrong with the platform."""
    return await users.active_admins(tx)


async def count_users(backends: Backends, caller: Caller) -> dict[str, int]:
    """By their state."""
    policy.require_admin(caller)
    return await people.count_by_status(backends.database)


async def user_for_admin(backends: Backends, caller: Caller, user_id: UUID) -> User:
    policy.require_admin(caller)
    async with backends.database.writing() as tx:
        return _there(await users.find_user(tx, user_id))


async def suspend(backends: Backends, caller: Caller, user_id: UUID, reason: str) -> User:
    """Ends every session and token use at once; the person is told why."""
    actor, why = policy.require_admin(caller), _checked_reason(reason)
    policy.require_not_self(actor, user_id)
    async with changing(backends) as change:
        await users.take_turn_on_admins(change.tx)
        user = await _locked(change, user_id)
        await require_another_admin(change, user)
        await _move(change, user, "suspended", why)
        await _sign_out_everywhere(change, user_id)
        change.bury(await access_tokens.live_hashes(change.tx, user_id))
        await letters.tell(backends, change.tx, user_id, "suspended", reason=why)
        await audit.record(change.tx, actor=actor, action="accounts.suspended", target=user_id, reason=why)
        return _there(await users.find_user(change.tx, user_id))


async def unsuspend(backends: Backends, caller: Caller, user_id: UUID) -> User:
    actor = policy.require_admin(caller)
    async with changing(backends) as change:
        user = await _locked(change, user_id)
        if user.status != "suspended":
            raise StateChanged("This account is not suspended.")
        await _move(change, user, "active", None)
        await change.refresh(user_id)
        await letters.tell(backends, change.tx, user_id, "unsuspended")
        await audit.record(change.tx, actor=actor, action="accounts.unsuspended", target=user_id)
        return _there(await users.find_user(change.tx, user_id))


async def change_role(backends: Backends, caller: Caller, user_id: UUID, role: Role) -> User:
    """The person signs in again: a session never carries more, or less, than what it was opened with."""
    actor = policy.require_admin(caller)
    policy.require_not_self(actor, user_id)
    async with changing(backends) as change:
        await users.take_turn_on_admins(change.tx)
        user = await _locked(change, user_id)
        if user.role == role:
            return user
        if user.status != "active":
            raise StateChanged("Only an active account can get another role.")
        await require_another_admin(change, user)
        await set_role(change, user, role)
        await audit.record(
            change.tx, actor=actor, action="accounts.role_changed", target=user_id, before=user.role, after=role
        )
        return _there(await users.find_user(change.tx, user_id))


async def sign_out_user(backends: Backends, caller: Caller, user_id: UUID) -> int:
    """For an account that looks taken over; its password stays."""
    actor = policy.require_admin(caller)
    async with changing(backends) as change:
        await _locked(change, user_id)
        ended = await sessions.revoke_all(change.tx, user_id, backends.clock.now())
        change.end(ended)
        await audit.record(change.tx, actor=actor, action="accounts.signed_out", target=user_id)
    return len(ended)


async def require_another_admin(change: Change, user: User) -> None:
    """After `take_turn_on_admins`."""
    if user.role == "admin" and await users.count_other_admins(change.tx, user.id) == 0:
        raise LastAdmin("This is the only administrator. Make another one first.")


async def set_role(change: Change, user: User, role: Role) -> None:
    if not await users.set_role(change.tx, user.id, user.role, role, change.backends.clock.now()):
        raise StateChanged("The role was changed meanwhile. Look again.")
    await _sign_out_everywhere(change, user.id)
    if role != "admin":
        change.bury(await access_tokens.revoke_admin_tokens(change.tx, user.id, change.backends.clock.now()))
    await letters.tell(change.backends, change.tx, user.id, "role_changed", role=role)


async def _sign_out_everywhere(change: Change, user_id: UUID) -> None:
    change.end(await sessions.revoke_all(change.tx, user_id, change.backends.clock.now()))
    await change.refresh(user_id)


async def _locked(change: Change, user_id: UUID) -> User:
    return _there(await users.lock_user(change.tx, user_id))


async def _move(change: Change, user: User, new: Status, reason: str | None) -> None:
    if user.status == "closing":
        raise StateChanged("This account is being closed by its owner and is seen by nobody. Sign it out instead.")
    policy.require_transition(user.status, new)
    if not await users.move_status(change.tx, user.id, user.status, new, change.backends.clock.now(), reason):
        raise StateChanged("The account was changed meanwhile. Look again.")


def _there(user: User | None) -> User:
    if user is None or user.status == "erased":
        raise NotFound("There is no such account.")
    return user


def _checked_reason(reason: str) -> str:
    text = " ".join(reason.split())
    if not SHORTEST_REASON <= len(text) <= LONGEST_REASON:
        raise InvalidInput.in_field("reason", "Say why, in a sentence.", "The person is told, and the log keeps it.")
    return text
