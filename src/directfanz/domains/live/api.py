"""Streams over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, PathParameter
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.creators.service import studio
from directfanz.domains.entitlements.models import Access
from directfanz.domains.live.models import LONGEST_ABOUT, LONGEST_TITLE, Health, NewKey, State, Stream
from directfanz.domains.live.service import health, streams
from directfanz.domains.live.service.addresses import Ingest, ingest_of
from directfanz.http.caller import Caller, require_scope, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.limits import rate_limit
from directfanz.http.paging import PAGE, PageAsk, Paged, paged
from directfanz.http.validation import Input

TAGS = {"Live": "Streams: planned, on air, and how they do."}
TAG = ["Live"]
READ = require_scope("posts:write")
LISTING = "streams"
Slug = Annotated[str, PathParameter(max_length=64, description="The address of the page, of today or of before.")]


class StreamAsk(Input, frozen=True, kw_only=True):
    """`access`: `public`, `members` (of any tier), `rank` (of the tier `min_rank` and above), or `paid` (who buys it for `price`)."""

    title: Annotated[str, Meta(max_length=LONGEST_TITLE * 2)]
    about: Annotated[str, Meta(max_length=LONGEST_ABOUT * 2)] = ""
    access: Access = "public"
    min_rank: Annotated[int, Meta(ge=1, le=1000)] | None = None
    price: Annotated[Annotated[int, Meta(ge=1, le=2**53)] | None, Meta(description="In minor units.")] = None
    scheduled_at: Annotated[datetime, Meta(tz=True)] | None = None
    is_recorded: bool = True


class OwnStream(msgspec.Struct, frozen=True, kw_only=True):
    """As its team sees it."""

    id: UUID
    creator_id: UUID
    title: str
    about: str
    access: Access
    min_rank: int | None
    price: int | None
    currency: str
    state: State
    is_recorded: bool
    scheduled_at: datetime | None
    began_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None
    created_at: datetime


class KeyShown(msgspec.Struct, frozen=True, kw_only=True):
    """`secret` is what the encoder shows. It is not shown again: make another when it is lost."""

    secret: str
    hint: str
    ingest: Ingest


class Planned(msgspec.Struct, frozen=True):
    stream: OwnStream
    key: KeyShown


class Condition(msgspec.Struct, frozen=True):
    """The newest first."""

    figures: list[Health]
    events: list[Health]


def own_of(found: Stream) -> OwnStream:
    return OwnStream(**{name: getattr(found, name) for name in OwnStream.__struct_fields__})


def key_of(backends: Backends, made: NewKey) -> KeyShown:
    return KeyShown(secret=made.secret, hint=made.key.hint, ingest=ingest_of(backends))


@post(
    "/creators/{slug:str}/streams", guards=[signed_in], opt=rate_limit("plan-streams", per_hour=60), tags=TAG,
    summary="Plan a stream, or prepare one to begin now",
)  # fmt: skip
async def plan_stream(
    backends: Given[Backends], caller: Given[Caller], slug: Slug, data: JSONBody[StreamAsk]
) -> Planned:
    """With `scheduled_at` it is scheduled, without it is prepared: it is on air as soon as an encoder sends with the key."""
    entered = await studio.enter(backends, caller, slug, "posts")
    wanted = streams.Plan(**{name: getattr(data, name) for name in StreamAsk.__struct_fields__})
    stream, key = await streams.plan(backends, caller, entered.creator.id, wanted)
    return Planned(own_of(stream), key_of(backends, key))


@get(
    "/creators/{slug:str}/streams", guards=[READ], dependencies=PAGE, tags=TAG, summary="The streams of a page, for its team"
)  # fmt: skip
async def list_streams(
    request: Request[Any, Any, Any], backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk], slug: Slug
) -> Response[Paged[OwnStream]]:
    position = page.position(backends, LISTING, tuple[datetime, UUID])
    entered = await studio.enter(backends, caller, slug, "posts")
    found = await streams.of_team(backends, caller, entered.creator.id, position, page.limit + 1)
    rows = [own_of(each) for each in found]
    return paged(request, backends, LISTING, rows, page.limit, lambda row: (row.created_at, row.id))


@get("/streams/{stream_id:uuid}/condition", guards=[READ], tags=TAG, summary="How a stream of yours does")
async def stream_condition(backends: Given[Backends], caller: Given[Caller], stream_id: FromPath[UUID]) -> Condition:
    stream = await streams.get_own(backends, caller, stream_id)
    return Condition(
        await health.figures(backends.database, stream.id), await health.events(backends.database, stream.id)
    )


@post(
    "/streams/{stream_id:uuid}/key", status_code=200, guards=[signed_in], opt=rate_limit("rotate-keys", per_hour=60),
    tags=TAG, summary="Replace the key of a stream",
)  # fmt: skip
async def rotate_stream_key(backends: Given[Backends], caller: Given[Caller], stream_id: FromPath[UUID]) -> KeyShown:
    """The old one stops at once, also for an encoder that is sending with it."""
    return key_of(backends, await streams.rotate_key(backends, caller, stream_id))


@post("/streams/{stream_id:uuid}/end", status_code=200, guards=[signed_in], tags=TAG, summary="End a stream")
async def end_stream(backends: Given[Backends], caller: Given[Caller], stream_id: FromPath[UUID]) -> OwnStream:
    return own_of(await streams.end(backends, caller, stream_id))


routes = [plan_stream, list_streams, stream_condition, rotate_stream_key, end_stream]
