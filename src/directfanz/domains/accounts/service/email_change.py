"""Another address: confirmed by a mail to the new one, told to the old one, which can undo it for two weeks.

The old address is the owner's way back after somebody took over the account, so the undo also signs everybody out and
takes away what a thief may have left behind: access tokens, and whatever can open or lock the account that was added since the
day before the change.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import ConstraintBroken
from directfanz.domains.accounts import policy
from directfanz.domains.accounts.errors import EmailTaken
from directfanz.domains.accounts.models import Purpose, User
from directfanz.domains.accounts.policy.addresses import checked_address, same_address
from directfanz.domains.accounts.repository import (
    access_tokens,
    email_requests,
    factors,
    identities,
    passkeys,
    sessions,
    users,
)
from directfanz.domains.accounts.repository.email_requests import EmailRequest
from directfanz.domains.accounts.service import letters, lockout
from directfanz.domains.accounts.service.change import Change, changing
from directfanz.domains.accounts.service.secrets import link_token, opened_link
from directfanz.domains.accounts.service.verification import link_invalid, usable_request, use_once
from directfanz.domains.audit import service as audit
from directfanz.errors import Forbidden, InvalidInput
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id

CHANGES_PER_DAY = 5
# How far before the change a thief may have begun.
SUSPECT = timedelta(days=1)
CHANGE: tuple[Purpose, ...] = ("change",)
UNDO: tuple[Purpose, ...] = ("undo_change",)


async def ask_to_change_email(backends: Backends, caller: Caller, text: str) -> None:
    """The same answer whether or not the new address has an account: the mail tells."""
    user_id, _ = policy.require_fresh(caller, backends.clock.now())
    address = checked_address(text)
    await lockout.count(backends, "change-email", str(user_id), CHANGES_PER_DAY, 86_400)
    async with backends.database.writing() as tx:
        user = await users.lock_user(tx, user_id)
        if user is not None and same_address(user.email, address):
            raise InvalidInput.in_field("email", "This is your address already.")
        await email_requests.void_requests(tx, user_id, CHANGE, backends.clock.now())
        await letters.ask_by_mail(backends, tx, "change", address, user_id)


async def confirm_email_change(backends: Backends, caller: Caller, token: str) -> str:
    """The new address. Only in a browser signed in to that account: otherwise somebody could have their account confirmed by
    the owner of an address that is not theirs."""
    user_id, _ = policy.require_session(caller)
    request = await usable_request(backends, opened_link(backends.tokens, "change", token), CHANGE)
    if request.user_id != user_id:
        raise Forbidden("Sign in to the account that asked for this, then open the link again.")
    async with changing(backends) as change:
        user = await use_once(change, request)
        if user.email is None:
            raise link_invalid()
        await _set(change, user, user.email, request.email)
        await letters.ask_by_mail(backends, change.tx, "undo_change", user.email, user.id)
        await audit.record(change.tx, actor=user.id, action="accounts.email_changed", target=user.id)
    return request.email


async def undo_email_change(backends: Backends, token: str) -> str:
    """Puts the old address back; answers the token with which a new password is chosen."""
    request = await usable_request(backends, opened_link(backends.tokens, "undo_change", token), UNDO)
    async with changing(backends) as change:
        user = await use_once(change, request)
        if user.email is None:
            raise link_invalid()
        await _set(change, user, user.email, request.email)
        await _throw_out(change, user.id, request)
        reset_id = new_id()
        await email_requests.insert_request(change.tx, reset_id, "reset", request.email, user.id, backends.clock.now())
        await audit.record(change.tx, actor=user.id, action="accounts.email_change_undone", target=user.id)
    return link_token(backends.tokens, "reset", reset_id)


async def _set(change: Change, user: User, old: str, new: str) -> None:
    try:
        if not await users.set_email(change.tx, user.id, old, new, change.backends.clock.now()):
            raise link_invalid()
    except ConstraintBroken as error:
        if error.constraint != "users_email_key":
            raise
        raise EmailTaken("Another account has this address meanwhile.") from None


async def _throw_out(change: Change, user_id: UUID, request: EmailRequest) -> None:
    now, since = change.backends.clock.now(), request.created_at - SUSPECT
    change.end(await sessions.revoke_all(change.tx, user_id, now))
    change.bury(await access_tokens.revoke_all(change.tx, user_id, now))
    await passkeys.remove_since(change.tx, user_id, since)
    await identities.remove_since(change.tx, user_id, since)
    await factors.remove_totp_since(change.tx, user_id, since)
    await email_requests.void_requests(change.tx, user_id, UNDO, now, after=request.id)
    await email_requests.void_requests(change.tx, user_id, ("change", "reset"), now)
