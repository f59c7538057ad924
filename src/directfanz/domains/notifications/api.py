from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Redirect
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.notifications.kinds import Channel
from directfanz.domains.notifications.models import Preference, View, view
from directfanz.domains.notifications.service import inbox
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


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: Annotated[str, Meta(max_length=80)]
    channel: Channel
    wanted: bool


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


routes = [notifications, unread, mark_read, mark_all_read, preferences, choose, unsubscribe, unsubscribe_page]
