"""Signing in with a password, then with a code when the account asks for one.

Wrong password, no such account, erased account: one answer, after the same work. What differs (not confirmed,
suspended) is only told to somebody who knew the password.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from directfanz.backends import Backends
from directfanz.domains.accounts.errors import CodeRefused, LinkInvalid, SignInRefused, Suspended, VerifyFirst
from directfanz.domains.accounts.models import (
    LINK_LIVES,
    MAY_SIGN_IN,
    Method,
    SecondFactorNeeded,
    SignedIn,
    User,
    Visitor,
)
from directfanz.domains.accounts.policy.addresses import spoken_address
from directfanz.domains.accounts.repository import users
from directfanz.domains.accounts.repository.users import Credentials
from directfanz.domains.accounts.service import hashing, letters, lockout, second_factor
from directfanz.domains.accounts.service.change import Change, changing
from directfanz.domains.accounts.service.lockout import Attempt
from directfanz.domains.accounts.service.secrets import address_key, opened_ticket, ticket
from directfanz.domains.accounts.service.sessions import device_named, open_session, prefix_of

TICKET = "second-factor"
TICKET_LIVES = timedelta(minutes=10)
CODE_TRIES_BEFORE_WARNING = 5
REFUSED = "The address or the password is wrong."


async def sign_in(
    backends: Backends, address: str, password: str, visitor: Visitor, replaces: str | None = None
) -> SignedIn | SecondFactorNeeded:
    address = spoken_address(address)
    attempt = await lockout.take_attempt(backends, address, visitor)
    known = await _find(backends, address)
    right = await hashing.matches(known.hash if known else None, password)
    if known is None or not right:
        raise await _refused(backends, address, attempt)
    await _require_open(backends, known, address)
    await lockout.succeeded(backends, attempt)
    await _rehash(backends, known, password)
    return await second_step_or_session(backends, known, "password", visitor, replaces)


async def second_step_or_session(
    backends: Backends, known: Credentials, method: Method, visitor: Visitor, replaces: str | None
) -> SignedIn | SecondFactorNeeded:
    if known.has_totp:
        count_sign_in(backends, method, "code_asked")
        expires = backends.clock.now() + TICKET_LIVES
        return SecondFactorNeeded(ticket=ticket(backends.tokens, TICKET, expires, known.id.hex, method, mark_of(known)))
    async with changing(backends) as change:
        user = await admit(change, known.id, method, mark=mark_of(known))
        return await enter(change, user, method, visitor, replaces)


async def give_code(
    backends: Backends, text: str, code: str, visitor: Visitor, replaces: str | None = None
) -> SignedIn:
    """The second step: a code of the app, or one of the printed ones."""
    user_id, method, mark = _opened(backends, text)
    user = await _user(backends, user_id)
    if user is None or user.email is None:
        raise LinkInvalid("Begin again: sign in with your password.")
    attempt = await lockout.take_code_attempt(backends, user_id, user.email, visitor)
    try:
        async with changing(backends) as change:
            user = await admit(change, user_id, method, mark=mark, with_code=True)
            await second_factor.require_any_code(change, user_id, code)
            signed_in = await enter(change, user, method, visitor, replaces)
    except CodeRefused:
        await _note_wrong_code(backends, user_id, attempt, method)
        raise
    await lockout.succeeded(backends, attempt)
    return signed_in


async def admit(
    change: Change, user_id: UUID, method: Method, *, mark: str | None = None, with_code: bool = False
) -> User:
    """The person, locked and looked at again: nobody slips in while the password changes, a second step is put up or the
    account is suspended. `mark` is of the password that was right."""
    user = await users.lock_user(change.tx, user_id)
    known = await users.find_credentials(change.tx, user_id)
    if user is None or known is None or user.status not in MAY_SIGN_IN:
        raise _not_open(user)
    if mark is not None and mark_of(known) != mark:
        raise SignInRefused("The password was changed meanwhile. Sign in with the new one.")
    if known.has_totp and not with_code and method != "passkey":
        raise SignInRefused("Two-step sign-in was switched on meanwhile. Sign in again.")
    return user


async def enter(change: Change, user: User, method: Method, visitor: Visitor, replaces: str | None) -> SignedIn:
    signed_in = await open_session(change, user, method, visitor, replaces)
    await _tell_of_new_device(change, user, visitor)
    count_sign_in(change.backends, method, "signed_in")
    return signed_in


def mark_of(known: Credentials) -> str:
    """Of the password: another one, even the same typed again, has another mark. A hash made anew has not."""
    return known.changed_at.isoformat() if known.changed_at else ""


def count_sign_in(backends: Backends, method: str, outcome: str) -> None:
    backends.telemetry.counter("sign_ins_total").add(1, method=method, outcome=outcome)


async def _find(backends: Backends, address: str) -> Credentials | None:
    """On the primary: somebody may sign in the moment after a change of password."""
    since = backends.clock.now() - LINK_LIVES["verify"]
    async with backends.database.writing() as tx:
        return await users.find_credentials_by_email(tx, address, since)


async def _refused(backends: Backends, address: str, attempt: Attempt) -> SignInRefused:
    count_sign_in(backends, "password", "refused")
    if attempt.owner_is_due_a_warning:
        async with backends.database.writing() as tx:
            await letters.ask_by_mail(backends, tx, "warn_of_attempts", address)
    return SignInRefused(REFUSED)


async def _require_open(backends: Backends, known: Credentials, address: str) -> None:
    if known.status == "unverified":
        async with backends.database.writing() as tx:
            await letters.ask_by_mail(backends, tx, "verify_again", address)
        raise VerifyFirst("Confirm your address first. We sent you a new link.")
    if known.status not in MAY_SIGN_IN:
        raise _not_open(await _user(backends, known.id))


def _not_open(user: User | None) -> Exception:
    if user is not None and user.status == "suspended":
        return Suspended("This account is suspended. We wrote to you why.")
    return SignInRefused(REFUSED)


async def _user(backends: Backends, user_id: UUID) -> User | None:
    async with backends.database.writing() as tx:
        return await users.find_user(tx, user_id)


async def _rehash(backends: Backends, known: Credentials, password: str) -> None:
    if known.hash is not None and hashing.is_outdated(known.hash):
        fresh = await hashing.hash_password(password)
        async with backends.database.writing() as tx:
            await users.rehash_password(tx, known.id, known.hash, fresh)


def _opened(backends: Backends, text: str) -> tuple[UUID, Method, str]:
    parts = opened_ticket(backends.tokens, TICKET, text, backends.clock.now())
    if parts is None:
        raise LinkInvalid("This took too long. Begin again: sign in with your password.")
    user_id, method, mark = parts
    return UUID(hex=user_id), "oidc" if method == "oidc" else "password", mark


async def _note_wrong_code(backends: Backends, user_id: UUID, attempt: Attempt, method: Method) -> None:
    count_sign_in(backends, method, "code_refused")
    if attempt.by_stranger and attempt.tries == CODE_TRIES_BEFORE_WARNING:
        async with backends.database.writing() as tx:
            await letters.tell(backends, tx, user_id, "warn_of_codes")


async def _tell_of_new_device(change: Change, user: User, visitor: Visitor) -> None:
    backends = change.backends
    if lockout.device_of(backends, visitor, address_key(backends.tokens, user.email or "")) is None:
        device, place = await device_named(visitor.user_agent), prefix_of(visitor.address)
        await letters.tell(backends, change.tx, user.id, "new_device", device=device, place=place or "unknown")
