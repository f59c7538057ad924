"""Confirming an address: the link, and whoever knows the password of the attempt it belongs to.

The link alone is not enough. Somebody may sign up with an address that is not theirs and hope that its owner clicks: the browser
that signed up carries a cookie, any other is asked for the password.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import ConstraintBroken, Writer
from directfanz.domains.accounts.errors import EmailTaken, LinkInvalid, PasswordNeeded, SignInRefused
from directfanz.domains.accounts.models import Purpose, SignedIn, User, Visitor
from directfanz.domains.accounts.policy.addresses import same_address
from directfanz.domains.accounts.repository import email_requests, users
from directfanz.domains.accounts.repository.email_requests import EmailRequest
from directfanz.domains.accounts.service import hashing, lockout
from directfanz.domains.accounts.service.change import Change, changing
from directfanz.domains.accounts.service.secrets import opened_link, opened_ticket
from directfanz.domains.accounts.service.sessions import open_session
from directfanz.domains.accounts.service.sign_up import SIGN_UP_TICKET

PURPOSES: tuple[Purpose, ...] = ("verify", "verify_again")
PASSWORD_TRIES = 10


async def verify_email(
    backends: Backends,
    token: str,
    visitor: Visitor,
    *,
    sign_up_cookie: str | None = None,
    password: str | None = None,
    replaces: str | None = None,
) -> SignedIn:
    request_id = next((found for each in PURPOSES if (found := opened_link(backends.tokens, each, token))), None)
    request = await usable_request(backends, request_id, PURPOSES)
    if not _is_same_browser(backends, sign_up_cookie, request.user_id):
        await _require_password(backends, request, password)
    async with changing(backends) as change:
        user = await _activate(change, request)
        return await open_session(change, user, "sign_up", visitor, replaces)


async def usable_request(backends: Backends, request_id: UUID | None, purposes: tuple[Purpose, ...]) -> EmailRequest:
    """Looked at, not used."""
    if request_id is not None:
        async with backends.database.writing() as tx:
            request = await email_requests.find_request(tx, request_id)
        if request and request.purpose in purposes and request.user_id and is_open(request, backends.clock.now()):
            return request
    raise link_invalid()


def is_open(request: EmailRequest, now: datetime) -> bool:
    return request.used_at is None and request.expires_at > now


async def use_once(change: Change, request: EmailRequest) -> User:
    """The request and its person, both locked until the commit."""
    used = await email_requests.use_request(change.tx, request.id, [request.purpose], change.backends.clock.now())
    user = await users.lock_user(change.tx, used.user_id) if used and used.user_id else None
    if user is None:
        raise link_invalid()
    return user


async def activate(tx: Writer, user: User, backends: Backends) -> None:
    """The address is proven. Of two people who proved the same one, the first has it."""
    try:
        moved = await users.move_status(tx, user.id, "unverified", "active", backends.clock.now())
    except ConstraintBroken as error:
        if error.constraint != "users_email_key":
            raise
        raise EmailTaken("There is an account with this address already. Sign in with it.") from None
    if not moved:
        raise link_invalid()


def link_invalid() -> LinkInvalid:
    return LinkInvalid("This link was used already, is too old, or is not complete. Ask for a new one.")


async def _activate(change: Change, request: EmailRequest) -> User:
    user = await use_once(change, request)
    if not same_address(user.email, request.email):
        raise link_invalid()
    await activate(change.tx, user, change.backends)
    await email_requests.void_requests(change.tx, user.id, PURPOSES, change.backends.clock.now())
    return user


def _is_same_browser(backends: Backends, cookie: str | None, user_id: UUID | None) -> bool:
    parts = opened_ticket(backends.tokens, SIGN_UP_TICKET, cookie or "", backends.clock.now())
    return parts is not None and user_id is not None and parts == [user_id.hex]


async def _require_password(backends: Backends, request: EmailRequest, password: str | None) -> None:
    if password is None:
        raise PasswordNeeded("Type the password that you chose when you signed up.")
    await lockout.count(backends, "verify", request.id.hex, PASSWORD_TRIES, 3600)
    async with backends.database.writing() as tx:
        known = await users.find_credentials(tx, request.user_id) if request.user_id else None
    if not await hashing.matches(known.hash if known else None, password):
        raise SignInRefused("This is not the password that was chosen at the sign-up.")
