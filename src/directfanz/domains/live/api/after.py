"""What is left of a stream: markers, the recording as a post, clips, and the replay."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.entitlements.models import Access
from directfanz.domains.live.api.streams import READ, TAG
from directfanz.domains.live.models import LONGEST_LABEL, LONGEST_TITLE, Clip, ClipState, Marker
from directfanz.domains.live.service import clipping, marking, publishing, replaying
from directfanz.domains.media.service.playing import Playback
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.grants import set_grant
from directfanz.http.limits import rate_limit
from directfanz.http.validation import Input

Stream = FromPath[UUID]
Place = Annotated[int, Meta(ge=0, le=2**40)]


class MarkAsk(Input, frozen=True):
    label: Annotated[str, Meta(max_length=LONGEST_LABEL * 2)] = ""


class PublishAsk(Input, frozen=True, kw_only=True):
    """`access` as of a post. `poster_ms`: the moment of the recording whose picture stands for it."""

    title: Annotated[str, Meta(max_length=LONGEST_TITLE * 2)]
    body: Annotated[str, Meta(max_length=50_000)] = ""
    access: Access = "public"
    min_rank: Annotated[int, Meta(ge=1, le=1000)] | None = None
    price: Annotated[Annotated[int, Meta(ge=1, le=2**53)] | None, Meta(description="In minor units.")] = None
    poster_ms: Place | None = None


class Published(msgspec.Struct, frozen=True):
    post_id: UUID


class ClipAsk(Input, frozen=True, kw_only=True):
    """Of a running stream what ends at `ends_at` (now, if it is left out); of a recording what begins at `from_ms`."""

    seconds: Annotated[int, Meta(ge=1, le=60)] = 30
    title: Annotated[str, Meta(max_length=LONGEST_TITLE * 2)] = ""
    ends_at: Annotated[datetime, Meta(tz=True)] | None = None
    from_ms: Place | None = None


class ClipView(msgspec.Struct, frozen=True, kw_only=True):
    """It is cut at key frames: a little longer than asked for. `problem` says why there is none."""

    id: UUID
    stream_id: UUID
    title: str
    seconds: int
    begins_at: datetime
    state: ClipState
    problem: str | None
    created_at: datetime


def clip_of(found: Clip) -> ClipView:
    return ClipView(**{name: getattr(found, name) for name in ClipView.__struct_fields__})


@post("/streams/{stream_id:uuid}/markers", guards=[signed_in], opt=rate_limit("mark", per_minute=30), tags=TAG,
      summary="Mark this moment: a chapter of the recording")  # fmt: skip
async def mark_stream(
    backends: Given[Backends], caller: Given[Caller], stream_id: Stream, data: JSONBody[MarkAsk]
) -> Marker:
    return await marking.mark(backends, caller, stream_id, data.label)


@get("/streams/{stream_id:uuid}/markers", guards=[READ], tags=TAG, summary="The markers of a stream, in order")
async def list_markers(backends: Given[Backends], caller: Given[Caller], stream_id: Stream) -> list[Marker]:
    return await marking.of_team(backends, caller, stream_id)


@patch("/streams/{stream_id:uuid}/markers/{marker_id:uuid}", guards=[signed_in], tags=TAG, summary="Name a marker anew")
async def name_marker(
    backends: Given[Backends], caller: Given[Caller], stream_id: Stream, marker_id: FromPath[UUID], data: JSONBody[MarkAsk]
) -> Marker:  # fmt: skip
    return await marking.rename(backends, caller, stream_id, marker_id, data.label)


@delete("/streams/{stream_id:uuid}/markers/{marker_id:uuid}", guards=[signed_in], tags=TAG, summary="Remove a marker")
async def remove_marker(
    backends: Given[Backends], caller: Given[Caller], stream_id: Stream, marker_id: FromPath[UUID]
) -> None:
    await marking.remove(backends, caller, stream_id, marker_id)


@post("/streams/{stream_id:uuid}/recording/post", status_code=200, guards=[signed_in],
      opt=rate_limit("write-posts", per_minute=60), tags=TAG, summary="Publish the recording as a post")  # fmt: skip
async def publish_recording(
    backends: Given[Backends], caller: Given[Caller], stream_id: Stream, data: JSONBody[PublishAsk]
) -> Published:
    """In one step, with the markers as chapters. Asked twice, it is one post."""
    wanted = publishing.Publication(**msgspec.structs.asdict(data))
    return Published((await publishing.publish(backends, caller, stream_id, wanted)).id)


@post("/streams/{stream_id:uuid}/clips", guards=[signed_in], opt=rate_limit("cut-clips", per_hour=30), tags=TAG,
      summary="Cut a clip of up to a minute")  # fmt: skip
async def cut_clip(
    backends: Given[Backends], caller: Given[Caller], stream_id: Stream, data: JSONBody[ClipAsk]
) -> ClipView:
    wanted = clipping.Wish(**msgspec.structs.asdict(data))
    return clip_of(await clipping.ask(backends, caller, stream_id, wanted))


@get("/streams/{stream_id:uuid}/clips", tags=TAG, summary="The clips of a stream, the newest first")
async def list_clips(backends: Given[Backends], caller: Given[Caller], stream_id: Stream) -> list[ClipView]:
    return [clip_of(each) for each in await clipping.of_stream(backends, caller, stream_id)]


@get("/clips/{clip_id:uuid}", tags=TAG, summary="A clip, and whether it is made")
async def get_clip(backends: Given[Backends], caller: Given[Caller], clip_id: FromPath[UUID]) -> ClipView:
    return clip_of((await clipping.find(backends, caller, clip_id))[0])


@delete("/clips/{clip_id:uuid}", guards=[signed_in], tags=TAG, summary="Remove a clip")
async def remove_clip(backends: Given[Backends], caller: Given[Caller], clip_id: FromPath[UUID]) -> None:
    """Your own, or as its team any."""
    await clipping.remove(backends, caller, clip_id)


@get("/clips/{clip_id:uuid}/playback", tags=TAG, summary="All that a player needs of a clip")
async def get_clip_playback(
    backends: Given[Backends], caller: Given[Caller], clip_id: FromPath[UUID]
) -> Response[Playback]:
    """Opens for less than a minute, with the cookies that come along: ask again while somebody watches."""
    playback, grant = await clipping.play(backends, caller, clip_id)
    answer = Response(playback, headers={"Cache-Control": "no-store"})
    set_grant(backends, answer, grant.cookies, grant.cookie_path)
    return answer


@get("/streams/{stream_id:uuid}/replay", tags=TAG, summary="The chat of a published recording, by its time")
async def get_replay(
    backends: Given[Backends], caller: Given[Caller], stream_id: Stream, from_ms: FromQuery[int], to_ms: FromQuery[int],
    after: FromQuery[int] = 0,
) -> list[replaying.Happened]:  # fmt: skip
    """What was said, asked and given in a stretch of the recording, at most 500 in order; ask again `after` the last position."""
    return await replaying.stretch(backends, caller, stream_id, from_ms, to_ms, after)


routes = [
    mark_stream, list_markers, name_marker, remove_marker, publish_recording, cut_clip, list_clips, get_clip, remove_clip,
    get_clip_playback, get_replay,
]  # fmt: skip
