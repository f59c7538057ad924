from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Redirect
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.backends.push.addresses import LONGEST_ADDRESS
from directfanz.domains.accounts.service import sessions
from directfanz.domains.notifications.kinds import Channel
from directfanz.domains.notifications.models import Browser, Preference, Rhythm, View, view
from directfanz.domains.notifications.service import inbox, pushing
from directfanz.domains.notifications.service import preferences as choices
from directfanz.http.caller import Caller, require_scope
from directfanz.http.dependencies import Given
from directfanz.http.limits import rate_limit
from directfanz.http.paging import PAGE, PageAsk, Paged, paged

LISTING = "notifications"
UNSUBSCRIBE = "/notifications/unsubscribe"
Token = Annotated[str, QueryParameter(max_length=500)]
TAGS = ["Notifications"]
READ, WRITE = require_scope("notifications:read"), require_scope("notifications:write")


class Unread(msgspec.Struct, frozen=True):
    unread: int


class Upto(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    upto: (
        Annotated[int, Meta(ge=0, le=2**63 - 1, description="The newest position you have seen; later ones stay new.")]
        | None
    ) = None


class Subscribing(msgspec.Struct, frozen=True):
    endpoint: Annotated[str, Meta(max_length=LONGEST_ADDRESS)]
    keys: pushing.Keys


class Forgetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    endpoint: Annotated[str, Meta(max_length=LONGEST_ADDRESS)]


class BrowserView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    device: str
    here: Annotated[bool, Meta(description="Whether it is the browser that asks.")]
    since: datetime
    used_at: datetime | None


class Pushing(msgspec.Struct, frozen=True, kw_only=True):
    """`key` is null where this installation cannot push."""

    key: str | None
    browsers: list[BrowserView]


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: Annotated[str, Meta(max_length=80)]
    channel: Channel
    wanted: bool


def browser_view(browser: Browser, caller: Caller) -> BrowserView:
    here = caller.session_id is not None and str(browser.session_id) == caller.session_id
    return BrowserView(
        id=browser.id, device=browser.device, here=here, since=browser.created_at, used_at=browser.used_at
    )


@get("/notifications", guards=[READ], dependencies=PAGE, tags=TAGS, summary="What you were told, the newest first")
async def notifications(
    request: Request[Any, Any, Any], backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk]
) -> Response[Paged[View]]:
    before = page.position(backends, LISTING, tuple[int])
    rows = await inbox.newest(backends, caller, before[0] if before else None, page.limit + 1)
    return paged(request, backends, LISTING, [view(row) for row in rows], page.limit, lambda row: (row.position,))


@get("/notifications/unread", guards=[READ], tags=TAGS, summary="How many you have not read")
async def unread(backends: Given[Backends], caller: Given[Caller]) -> Unread:
    return Unread(await inbox.unread(backends, caller))


@post(
    "/notifications/{notification_id:uuid}/read", status_code=204, guards=[WRITE], tags=TAGS, summary="Mark one as read"
)
async def mark_read(backends: Given[Backends], caller: Given[Caller], notification_id: FromPath[UUID]) -> None:
    await inbox.mark_read(backends, caller, notification_id)


@post("/notifications/read", status_code=200, guards=[WRITE], tags=TAGS, summary="Mark all as read")
async def mark_all_read(backends: Given[Backends], caller: Given[Caller], data: JSONBody[Upto]) -> Unread:
    await inbox.mark_all_read(backends, caller, data.upto)
    return Unread(await inbox.unread(backends, caller))


@get("/me/notification-preferences", guards=[READ], tags=TAGS, summary="What you are told, and how")
async def preferences(backends: Given[Backends], caller: Given[Caller]) -> list[Preference]:
    return await choices.preferences(backends, caller)


@put("/me/notification-preferences", guards=[WRITE], tags=TAGS, summary="Choose what you are told, and how")
async def choose(
    backends: Given[Backends], caller: Given[Caller], data: JSONBody[Annotated[list[Choice], Meta(max_length=200)]]
) -> list[Preference]:
    wanted = [Preference(kind=each.kind, channel=each.channel, wanted=each.wanted) for each in data]
    return await choices.choose(backends, caller, wanted)


@get("/me/notification-rhythm", guards=[READ], tags=TAGS, summary="When you are told")
async def rhythm(backends: Given[Backends], caller: Given[Caller]) -> Rhythm:
    return await choices.rhythm(backends, caller)


@put("/me/notification-rhythm", guards=[WRITE], tags=TAGS, summary="Choose when you are told")
async def keep_rhythm(backends: Given[Backends], caller: Given[Caller], data: JSONBody[Rhythm]) -> Rhythm:
    """Quiet hours hold mails and pushes back until they end; a digest gathers the mails that can wait. Times are of your time zone."""
    return await choices.keep_rhythm(backends, caller, data)


@get(
    "/push-subscriptions",
    guards=[READ],
    tags=TAGS,
    summary="The browsers you are told in, and the key to subscribe one",
)
async def push_subscriptions(backends: Given[Backends], caller: Given[Caller]) -> Pushing:
    listed = [browser_view(each, caller) for each in await pushing.listed(backends, caller)]
    return Pushing(key=await pushing.public_key(backends), browsers=listed)


@post(
    "/push-subscriptions", guards=[WRITE], opt=rate_limit("push-subscribe", per_minute=20), tags=TAGS,
    summary="Be told in this browser while it is closed",
)  # fmt: skip
async def subscribe(backends: Given[Backends], caller: Given[Caller], data: JSONBody[Subscribing]) -> BrowserView:
    """What `pushManager.subscribe` gave. Only the browser itself can, with its session: it ends when the session ends."""
    device = await sessions.device_named(caller.user_agent)
    return browser_view(await pushing.subscribe(backends, caller, data.endpoint, data.keys, device), caller)


@delete("/push-subscriptions/{browser_id:uuid}", guards=[WRITE], tags=TAGS, summary="Be told there no more")
async def forget(backends: Given[Backends], caller: Given[Caller], browser_id: FromPath[UUID]) -> None:
    await pushing.forget(backends, caller, browser_id)


@post(
    "/push-subscriptions/forget", status_code=204, guards=[WRITE], tags=TAGS, summary="Be told in this browser no more"
)
async def forget_endpoint(backends: Given[Backends], caller: Given[Caller], data: JSONBody[Forgetting]) -> None:
    await pushing.forget_endpoint(backends, caller, data.endpoint)


@post(
    UNSUBSCRIBE, status_code=204, opt=rate_limit("unsubscribe", per_minute=30, by_address=True), tags=TAGS,
    summary="Stop a kind of mail, with the token of its header: what mail programs call when one clicks unsubscribe",
)  # fmt: skip
async def unsubscribe(backends: Given[Backends], token: Token) -> None:
    """RFC 8058. No cookie comes along and none is needed: the token is all there is."""
    await choices.unsubscribe(backends, token)


@get(UNSUBSCRIBE, status_code=303, tags=TAGS, summary="Leads to the page where a person unsubscribes")
async def unsubscribe_page(token: Token) -> Redirect:
    """Some mail programs open the header's address in a browser instead."""
    return Redirect(f"{UNSUBSCRIBE}?{urlencode({'token': token})}", status_code=303)


routes = [
    notifications, unread, mark_read, mark_all_read, preferences, choose, rhythm, keep_rhythm,
    push_subscriptions, subscribe, forget, forget_endpoint, unsubscribe, unsubscribe_page,
]  # fmt: skip
