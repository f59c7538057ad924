"""A notification for browsers that are closed; and the browsers that somebody wants to be told in."""

from __future__ import annotations

from binascii import Error as NotBase64
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.push.contract import Gone, PushMessage, Subscription
from directfanz.backends.push.encryption import AUTH_BYTES, POINT_BYTES
from directfanz.domains.accounts.service import sessions
from directfanz.domains.notifications.errors import NoSuchBrowser
from directfanz.domains.notifications.models import Browser, Notification
from directfanz.domains.notifications.repository import browsers
from directfanz.errors import DirectFanzError, Forbidden, InvalidInput
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id
from directfanz.kit.text import from_text, to_text

BROWSERS_PER_PERSON = 10
KEPT_BY_THE_SERVICE_SECONDS = 2 * 86_400
LONGEST_TEXT = 600
# A phone that sleeps is woken for these.
URGENT = frozenset({"live.started", "payments.disputed"})


class Shown(msgspec.Struct, frozen=True):
    """What the service worker reads; see frontend/src/push/worker.ts."""

    title: str
    body: str
    href: str
    tag: str


class Keys(msgspec.Struct, frozen=True):
    p256dh: str
    auth: str


async def push(backends: Backends, told: Notification) -> None:
    """To each browser that is still signed in. One that fails does not keep the others from it."""
    async with backends.database.writing() as tx:
        listed = await browsers.of_user(tx, told.user_id)
    live = await sessions.still_live(backends, [each.session_id for each in listed if each.session_id])
    message = _message(told)
    gone = [each.id for each in listed if each.session_id not in live]
    reached: list[UUID] = []
    failed: list[DirectFanzError] = []
    for browser in listed:
        if browser.session_id not in live:
            continue
        try:
            await backends.push.send(_subscription(browser), message)
            reached.append(browser.id)
        except (Gone, InvalidInput):
            gone.append(browser.id)
        except DirectFanzError as error:
            failed.append(error)
    async with backends.database.writing() as tx:
        await browsers.remove_many(tx, gone)
        await browsers.used(tx, reached, backends.clock.now())
    if failed:  # those reached before show it once: the tag is the same
        raise failed[0]


async def public_key(backends: Backends) -> str | None:
    return await backends.push.public_key()


async def subscribe(backends: Backends, caller: Caller, endpoint: str, keys: Keys, device: str) -> Browser:
    """The browser that asks. Its session's end ends it: who signs out is told nothing more there."""
    user_id, session_id = caller.require_user(), caller.session_id
    if session_id is None:
        raise Forbidden("A browser subscribes itself, signed in. An access token cannot.")
    browser = Browser(
        id=new_id(), user_id=user_id, session_id=UUID(session_id), endpoint=backends.push.require_address(endpoint),
        p256dh=_decoded(keys.p256dh, POINT_BYTES, "p256dh"), auth=_decoded(keys.auth, AUTH_BYTES, "auth"),
        device=device, created_at=backends.clock.now(),
    )  # fmt: skip
    async with backends.database.writing() as tx:
        await browsers.keep(tx, browser)
        await browsers.remove_beyond(tx, user_id, BROWSERS_PER_PERSON)
    return browser


async def listed(backends: Backends, caller: Caller) -> list[Browser]:
    async with backends.database.writing() as tx:
        return await browsers.of_user(tx, caller.require_user())


async def forget(backends: Backends, caller: Caller, browser_id: UUID) -> None:
    async with backends.database.writing() as tx:
        if not await browsers.remove(tx, caller.require_user(), browser_id):
            raise NoSuchBrowser("There is no such browser any more.")


async def forget_endpoint(backends: Backends, caller: Caller, endpoint: str) -> None:
    """The browser itself says so; twice is as good as once."""
    async with backends.database.writing() as tx:
        await browsers.remove_endpoint(tx, caller.require_user(), endpoint)


def _subscription(browser: Browser) -> Subscription:
    return Subscription(endpoint=browser.endpoint, p256dh=browser.p256dh, auth=browser.auth)


def _message(told: Notification) -> PushMessage:
    shown = Shown(told.title, told.text[:LONGEST_TEXT], told.link or "/notifications", str(told.id))
    return PushMessage(
        data=msgspec.json.encode(shown), ttl_seconds=KEPT_BY_THE_SERVICE_SECONDS,
        urgency="high" if told.kind in URGENT else "normal", topic=to_text(told.id.bytes),
    )  # fmt: skip


def _decoded(text: str, length: int, field: str) -> bytes:
    try:
        data = from_text(text.rstrip("="))
    except (ValueError, NotBase64):
        data = b""
    if len(data) != length:
        raise InvalidInput.in_field(field, "This is not a key of a subscription.", "Send what the browser gives.")
    return data
