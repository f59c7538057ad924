"""Leaving. An account that closes stays for a while, so that its owner can come back; then it is emptied for good.

Who asks for it, and when the time is over, is the business of `privacy`; what it means for an account is here.
"""

from __future__ import annotations

from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.accounts import policy
from directfanz.domains.accounts.errors import StateChanged
from directfanz.domains.accounts.models import User
from directfanz.domains.accounts.repository import (
    access_tokens,
    email_requests,
    factors,
    identities,
    passkeys,
    sessions,
    users,
)
from directfanz.domains.accounts.service.admin import require_another_admin
from directfanz.domains.accounts.service.avatars import REMOVE_AVATAR, RemoveAvatar
from directfanz.domains.accounts.service.change import Change
from directfanz.errors import NotFound


async def begin_closing(change: Change, user_id: UUID) -> User:
    """Signs out everywhere and revokes all tokens. Signing in again is still possible, to change one's mind."""
    now = change.backends.clock.now()
    await users.take_turn_on_admins(change.tx)
    user = await users.lock_user(change.tx, user_id)
    if user is None:
        raise NotFound("This account is gone.")
    await require_another_admin(change, user)
    policy.require_transition(user.status, "closing")
    if not await users.move_status(change.tx, user_id, user.status, "closing", now):
        raise StateChanged("The account was changed meanwhile. Look again.")
    change.end(await sessions.revoke_all(change.tx, user_id, now))
    change.bury(await access_tokens.revoke_all(change.tx, user_id, now))
    return user


async def stay(change: Change, user_id: UUID) -> None:
    """The owner changed their mind."""
    if not await users.move_status(change.tx, user_id, "closing", "active", change.backends.clock.now()):
        raise StateChanged("This account is not being closed.")


async def erase(backends: Backends, tx: Writer, user_id: UUID) -> bool:
    """Empties what is left of a closing account. True once; a second call finds nothing to do."""
    user = await users.lock_user(tx, user_id)
    if user is None or user.status != "closing":
        return False
    for remove in _REMOVALS:
        await remove(tx, user_id)
    if user.email is not None:
        await email_requests.remove_requests_to(tx, user.email)
    if user.avatar:
        await backends.jobs.enqueue(tx, REMOVE_AVATAR, RemoveAvatar(user.avatar))
    return await users.erase_user(tx, user_id, f"erased_{user_id.hex}", backends.clock.now())


_REMOVALS = (
    users.remove_password,
    users.forget_handles,
    factors.remove_totp,
    passkeys.remove_all,
    identities.remove_all,
    access_tokens.remove_all,
    sessions.remove_all,
    email_requests.remove_requests_of,
)
