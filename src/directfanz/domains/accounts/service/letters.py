"""Mails that are asked for by a request and written by the worker.

A request with an address does the same whether or not somebody has that address: one row, one job. Who is meant is looked up
when the mail is written, and only the mailbox learns the answer. The job holds the row's id and nothing else.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.backends.jobs.contract import Job
from directfanz.domains.accounts import email
from directfanz.domains.accounts.models import LINK_LIVES, Purpose, User
from directfanz.domains.accounts.repository import email_requests, users
from directfanz.domains.accounts.repository.email_requests import EmailRequest
from directfanz.domains.accounts.service.secrets import link_token
from directfanz.kit.ids import new_id

# A stranger may ask for mails to any address, so an address gets only so many. Links sent before keep working.
MAILS_PER_HOUR = 5
ASKED_BY_STRANGERS: tuple[Purpose, ...] = ("verify", "verify_again", "reset", "change", "warn_of_attempts")
PATHS: dict[Purpose, str] = {
    "verify": "/verify-email",
    "verify_again": "/verify-email",
    "reset": "/reset-password",
    "change": "/confirm-email",
    "undo_change": "/undo-email-change",
}
SECURITY_PAGE = "/settings/security"


class SendLink(msgspec.Struct, frozen=True):
    request_id: UUID


class SendNotice(msgspec.Struct, frozen=True):
    """`facts` are shown in the mail; nothing secret goes in."""

    user_id: UUID
    kind: str
    key: str
    at: datetime
    facts: dict[str, str] = {}


async def ask_by_mail(
    backends: Backends, tx: Writer, purpose: Purpose, address: str, user_id: UUID | None = None
) -> UUID:
    request_id = new_id()
    await email_requests.insert_request(tx, request_id, purpose, address, user_id, backends.clock.now())
    await backends.jobs.enqueue(tx, SEND_LINK, SendLink(request_id))
    return request_id


async def tell(backends: Backends, tx: Writer, user_id: UUID, kind: str, **facts: str) -> None:
    """What the owner of an account should know happened to it; sent with the change that it tells of."""
    now = backends.clock.now()
    await backends.jobs.enqueue(tx, SEND_NOTICE, SendNotice(user_id, kind, new_id().hex, now, facts))


async def send(backends: Backends, folder: Path, letter: str, to: str, key: str, link: str, **facts: str) -> None:
    """A letter of another domain, from its own folder: for its jobs. The same key is sent once."""
    await backends.mailer.send(email.written(backends.settings, letter, to, key, link, folder, **facts))


async def _send_link(backends: Backends, payload: SendLink) -> None:
    async with backends.database.writing() as tx:
        request = await email_requests.find_request(tx, payload.request_id)
        letter = await _letter_for(backends, tx, request) if request else None
    if request is None or letter is None:
        return
    link = _link_of(backends, request, letter)
    message = email.written(backends.settings, letter, request.email, f"{request.id.hex}-{letter}", link)
    await backends.mailer.send(message)


async def _letter_for(backends: Backends, tx: Writer, request: EmailRequest) -> str | None:
    """Which mail answers the request; None for none."""
    now = backends.clock.now()
    if request.used_at is not None or request.expires_at <= now:
        return None
    if request.purpose in ASKED_BY_STRANGERS and await _is_flooded(tx, request):
        return None
    owner = await users.find_by_email(tx, request.email)
    if request.purpose in ("verify", "verify_again", "change") and owner is not None:
        return "already"
    if request.user_id is None:
        owner = owner or await _hopeful(tx, request)
        if owner is None:
            return None
        await email_requests.bind_request(tx, request.id, owner.id)
    return "verify" if request.purpose == "verify_again" else request.purpose


async def _hopeful(tx: Writer, request: EmailRequest) -> User | None:
    """Who signed up with this address and has not confirmed it yet; they too may ask for a link or a new password."""
    if request.purpose not in ("verify_again", "reset"):
        return None
    return await users.find_newest_unverified(tx, request.email, request.created_at - LINK_LIVES["verify"])


async def _is_flooded(tx: Writer, request: EmailRequest) -> bool:
    since = request.created_at - timedelta(hours=1)
    return await email_requests.count_before(tx, request, ASKED_BY_STRANGERS, since) >= MAILS_PER_HOUR


def _link_of(backends: Backends, request: EmailRequest, letter: str) -> str:
    if letter == "already":
        return "/sign-in"
    if letter == "warn_of_attempts":
        return "/forgot-password"
    token = link_token(backends.tokens, request.purpose, request.id)
    return f"{PATHS[request.purpose]}?{urlencode({'token': token})}"


_NOTICE_LINKS = {
    "new_device": "/settings/sessions",
    "password_changed": "/forgot-password",
    "warn_of_codes": "/forgot-password",
    "token_made": "/settings/tokens",
    "role_changed": "/sign-in",
    "suspended": "",
    "unsuspended": "/sign-in",
}


async def _send_notice(backends: Backends, payload: SendNotice) -> None:
    async with backends.database.reading() as reader:
        user = await users.find_user(reader, payload.user_id)
    if user is None or user.email is None:
        return
    facts = {"when": email.moment(payload.at, user.timezone), **payload.facts}
    link = _NOTICE_LINKS.get(payload.kind, SECURITY_PAGE)
    await backends.mailer.send(
        email.written(backends.settings, payload.kind, user.email, payload.key, link, email.FOLDER, **facts)
    )


SEND_LINK = Job("accounts.send_link", SendLink, _send_link, queue="mail")
SEND_NOTICE = Job("accounts.send_notice", SendNotice, _send_notice, queue="mail")
