"""Streams over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post, put
from litestar.datastructures import Cookie
from litestar.params import FromPath, JSONBody, PathParameter, QueryParameter
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.creators.service import studio
from directfanz.domains.entitlements.models import Access, Decision
from directfanz.domains.live.models import LONGEST_ABOUT, LONGEST_TITLE, Backend, Health, NewKey, State, Stream
from directfanz.domains.live.service import figures, health, streams, watching
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
# As the streaming process names them.
MANIFEST = "manifest.mpd"
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
    backend: Annotated[
        Backend | None, Meta(description="Who takes and encodes it; what is not offered here is refused.")
    ] = None


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
    backend: Backend
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


def key_of(made: NewKey) -> KeyShown:
    return KeyShown(secret=made.secret, hint=made.key.hint, ingest=ingest_of(made))


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
    return Planned(own_of(stream), key_of(key))


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
    return key_of(await streams.rotate_key(backends, caller, stream_id))


@post("/streams/{stream_id:uuid}/end", status_code=200, guards=[signed_in], tags=TAG, summary="End a stream")
async def end_stream(backends: Given[Backends], caller: Given[Caller], stream_id: FromPath[UUID]) -> OwnStream:
    return own_of(await streams.end(backends, caller, stream_id))


@post("/streams/{stream_id:uuid}/arm", status_code=200, guards=[signed_in], opt=rate_limit("arm-streams", per_hour=60),
      tags=TAG, summary="Make a stream ready for its picture")  # fmt: skip
async def arm_stream(backends: Given[Backends], caller: Given[Caller], stream_id: FromPath[UUID]) -> OwnStream:
    """Where it is encoded elsewhere that takes minutes, and costs from then on; here it is ready at any time."""
    return own_of(await streams.arm(backends, caller, stream_id))


class StreamView(msgspec.Struct, frozen=True, kw_only=True):
    """`access_now` says whether the caller may watch, and why."""

    id: UUID
    creator_id: UUID
    title: str
    about: str
    access: Access
    min_rank: int | None
    price: int | None
    currency: str
    state: State
    scheduled_at: datetime | None
    began_at: datetime | None
    ended_at: datetime | None
    access_now: Decision


class OnList(msgspec.Struct, frozen=True, kw_only=True):
    """`watching` is null before it begins."""

    id: UUID
    creator: str
    slug: str
    title: str
    access: Access
    state: State
    scheduled_at: datetime | None
    began_at: datetime | None
    watching: int | None


class Directory(msgspec.Struct, frozen=True):
    live: list[OnList]
    coming: list[OnList]


class Playback(msgspec.Struct, frozen=True, kw_only=True):
    """The cookies that come with the answer open what lies under `base_url`; ask again before `expires_at`, as long as you watch."""

    hls: str
    dash: str
    base_url: str
    query: str
    expires_at: datetime


class Reminder(Input, frozen=True):
    wanted: bool = True


def view_of(found: watching.Watching) -> StreamView:
    shown = {name: getattr(found.stream, name) for name in StreamView.__struct_fields__ if name != "access_now"}
    return StreamView(**shown, access_now=found.decision)


def listed(found: watching.Listed) -> OnList:
    return OnList(
        id=found.stream.id, creator=found.creator.name, slug=found.creator.slug, title=found.stream.title,
        access=found.stream.access, state=found.stream.state, scheduled_at=found.stream.scheduled_at,
        began_at=found.stream.began_at, watching=found.watching,
    )  # fmt: skip


@get("/live", tags=TAG, summary="What is on air, and what comes next")
async def list_live(backends: Given[Backends]) -> Directory:
    live, coming = await watching.directory(backends)
    return Directory([listed(each) for each in live], [listed(each) for each in coming])


@get("/streams/{stream_id:uuid}", tags=TAG, summary="One stream, and whether you may watch it")
async def get_stream(backends: Given[Backends], caller: Given[Caller], stream_id: FromPath[UUID]) -> StreamView:
    return view_of(await watching.find(backends, caller, stream_id))


@get("/streams/{stream_id:uuid}/playback", tags=TAG, summary="The way to its pictures, for a moment")
async def get_playback(
    backends: Given[Backends], caller: Given[Caller], stream_id: FromPath[UUID],
    viewer: Annotated[str, QueryParameter(max_length=36, description="A name that a stranger's browser made up.")] = "",
    source: Annotated[str, QueryParameter(max_length=60, description="Where they come from.")] = "",
    rendition: Annotated[str, QueryParameter(max_length=8, description="What their player shows, such as `720p`.")] = "",
) -> Response[Playback]:  # fmt: skip
    """Asking again says that you still watch."""
    found, grant = await watching.open_view(backends, caller, stream_id, viewer, source, rendition)
    has_dash = backends.live.of(found.stream.backend).can.dash
    shown = Playback(
        hls=f"{grant.base_url}{grant.manifest}", dash=f"{grant.base_url}{MANIFEST}" if has_dash else "",
        base_url=grant.base_url, query=grant.query, expires_at=grant.expires_at,
    )  # fmt: skip
    secure = backends.settings.site_url.startswith("https:")
    cookies = [
        Cookie(key=name, value=value, path=grant.cookie_path, httponly=True, secure=secure, samesite="lax")
        for name, value in grant.cookies.items()
    ]
    return Response(shown, cookies=cookies, headers={"Cache-Control": "no-store"})


@put(
    "/streams/{stream_id:uuid}/reminder",
    status_code=204,
    guards=[signed_in],
    tags=TAG,
    summary="Be told when it begins",
)
async def set_reminder(
    backends: Given[Backends], caller: Given[Caller], stream_id: FromPath[UUID], data: JSONBody[Reminder]
) -> None:
    await watching.set_reminder(backends, caller, stream_id, wanted=data.wanted)


@get(
    "/streams/{stream_id:uuid}/figures",
    guards=[READ],
    tags=TAG,
    summary="Who watched a stream of yours, and for how long",
)
async def stream_figures(backends: Given[Backends], caller: Given[Caller], stream_id: FromPath[UUID]) -> figures.Told:
    return await figures.of_stream(backends, caller, stream_id)


routes = [
    plan_stream, list_streams, stream_condition, rotate_stream_key, arm_stream, end_stream, list_live, get_stream, get_playback,
    set_reminder, stream_figures,
]  # fmt: skip
