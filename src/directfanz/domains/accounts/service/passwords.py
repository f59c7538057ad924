"""Passwords forgotten, changed, removed; and the proof, asked for again before delicate acts, that it is still the same person."""

from __future__ import annotations

from uuid import UUID

from directfanz.backends import Backends
from directfanz.domains.accounts import policy
from directfanz.domains.accounts.errors import CodeRefused, StateChanged
from directfanz.domains.accounts.models import Purpose, User, Visitor
from directfanz.domains.accounts.policy.addresses import same_address, spoken_address
from directfanz.domains.accounts.policy.passwords import require_good
from directfanz.domains.accounts.repository import email_requests, sessions, users
from directfanz.domains.accounts.service import hashing, letters, lockout, second_factor
from directfanz.domains.accounts.service.change import Change, changing
from directfanz.domains.accounts.service.secrets import opened_link
from directfanz.domains.accounts.service.security import security_in
from directfanz.domains.accounts.service.sessions import renew
from directfanz.domains.accounts.service.sign_up import count_mails
from directfanz.domains.accounts.service.verification import activate, link_invalid, usable_request, use_once
from directfanz.domains.audit import service as audit
from directfanz.errors import InvalidInput
from directfanz.http.caller import Caller

RESET: tuple[Purpose, ...] = ("reset",)


async def forgot_password(backends: Backends, address: str, visitor: Visitor) -> None:
    """Says nothing: the mailbox is told, if it has an account."""
    await count_mails(backends, visitor)
    async with backends.database.writing() as tx:
        await letters.ask_by_mail(backends, tx, "reset", spoken_address(address))


async def reset_password(backends: Backends, token: str, password: str, visitor: Visitor) -> str:
    """Ends all sessions. The person signs in with the new password next: the second step, if there is one, is not skipped.
    Answers the cookie by which this browser is known as the owner's, so no stranger's guessing keeps it out."""
    request = await usable_request(backends, opened_link(backends.tokens, "reset", token), RESET)
    async with backends.database.writing() as tx:
        user = await users.find_user(tx, request.user_id) if request.user_id else None
    if user is None or not same_address(user.email, request.email):
        raise link_invalid()
    require_good(password, user.email, user.handle, user.display_name)
    hashed = await hashing.hash_password(password)
    async with changing(backends) as change:
        user = await use_once(change, request)
        if not same_address(user.email, request.email) or user.status == "erased":
            raise link_invalid()
        if user.status == "unverified":
            await activate(change.tx, user, backends)
        await _replace(change, user, hashed, besides=None)
    await lockout.unlock(backends, user.id, request.email)
    return lockout.device_cookie(backends, visitor, request.email)


async def change_password(backends: Backends, caller: Caller, current: str | None, password: str) -> str:
    """Ends all other sessions; answers the new cookie of this one. Somebody without a password gets their first."""
    user_id, session_id = policy.require_session(caller)
    async with backends.database.writing() as tx:
        user, known = await users.find_user(tx, user_id), await users.find_credentials(tx, user_id)
    if user is None or known is None:
        raise StateChanged("This account is gone.")
    if known.hash is None:
        policy.require_fresh(caller, backends.clock.now())
    else:
        await _require_current(backends, caller, known.hash, current or "", "current_password")
    require_good(password, user.email, user.handle, user.display_name, field="new_password")
    hashed = await hashing.hash_password(password)
    async with changing(backends) as change:
        await users.lock_user(change.tx, user_id)
        now_known = await users.find_credentials(change.tx, user_id)
        if now_known is None or now_known.hash != known.hash:
            raise StateChanged("The password was changed meanwhile. Sign in with the new one.")
        cookie = await renew(change, caller, confirmed=True)
        await _replace(change, user, hashed, besides=session_id)
    return cookie


async def remove_password(backends: Backends, caller: Caller) -> str:
    """For people who sign in with passkeys or another provider."""
    user_id, _ = policy.require_fresh(caller, backends.clock.now())
    async with changing(backends) as change:
        await users.lock_user(change.tx, user_id)
        security = await security_in(change.tx, user_id)
        if not security.has_password:
            raise StateChanged("This account has no password.")
        policy.require_another_way_in(security)
        await users.remove_password(change.tx, user_id)
        cookie = await renew(change, caller, confirmed=False)
        await letters.tell(backends, change.tx, user_id, "password_changed")
        await audit.record(change.tx, actor=user_id, action="accounts.password_removed", target=user_id)
    return cookie


async def confirm(backends: Backends, caller: Caller, *, password: str | None = None, code: str | None = None) -> str:
    """It is still them: the session's new cookie, fresh for a quarter of an hour."""
    user_id, _ = policy.require_session(caller)
    if not password and not code:
        raise InvalidInput.in_field("password", "Type your password, or a code of your app.")
    if password:
        async with backends.database.writing() as tx:
            known = await users.find_credentials(tx, user_id)
        await _require_current(backends, caller, known.hash if known else None, password, "password")
        async with changing(backends) as change:
            return await renew(change, caller, confirmed=True)
    return await _confirm_with_code(backends, caller, code or "")


async def _confirm_with_code(backends: Backends, caller: Caller, code: str) -> str:
    user_id, session_id = policy.require_session(caller)
    attempt = await lockout.take_confirmation(backends, user_id, session_id)
    async with changing(backends) as change:
        if not await second_factor.use_app_code(change, user_id, code):
            raise CodeRefused("This code is wrong or was used already. Wait for the next one.")
        cookie = await renew(change, caller, confirmed=True)
    await lockout.succeeded(backends, attempt)
    return cookie


async def _require_current(backends: Backends, caller: Caller, known: str | None, password: str, field: str) -> None:
    user_id, session_id = policy.require_session(caller)
    attempt = await lockout.take_confirmation(backends, user_id, session_id)
    if not await hashing.matches(known, password):
        raise InvalidInput.in_field(field, "This is not your password.", "Try again, or reset it by mail.")
    await lockout.succeeded(backends, attempt)


async def _replace(change: Change, user: User, hashed: str, besides: UUID | None) -> None:
    now = change.backends.clock.now()
    await users.set_password(change.tx, user.id, hashed, now)
    change.end(await sessions.revoke_all(change.tx, user.id, now, besides=besides))
    await email_requests.void_requests(change.tx, user.id, ("reset", "verify", "verify_again", "change"), now)
    await letters.tell(change.backends, change.tx, user.id, "password_changed")
    await audit.record(change.tx, actor=user.id, action="accounts.password_changed", target=user.id)
