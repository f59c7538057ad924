"""Playing files, how far the work on them is, their subtitles, and where people stopped."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post, put
from litestar.params import FromPath, JSONBody, PathParameter
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.media.policy.subtitles import MAX_BYTES
from directfanz.domains.media.service import library, playing, subtitles, watching, working
from directfanz.domains.media.service.playing import Playback
from directfanz.domains.media.service.working import Progress
from directfanz.http.caller import Caller, require_scope, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.grants import set_grant
from directfanz.http.limits import rate_limit
from directfanz.http.validation import Input

TAGS = {"Playing": "What is shown of files, and where people stopped."}
TAG = ["Playing"]
WRITE = require_scope("posts:write")
Language = Annotated[str, PathParameter(max_length=35, description="Such as en, de or pt-BR.")]


class PositionAsk(Input, frozen=True, kw_only=True):
    position_ms: Annotated[int, Meta(ge=0, le=watching.LONGEST_MS)]
    duration_ms: Annotated[int, Meta(ge=0, le=watching.LONGEST_MS)] = 0


class PositionView(msgspec.Struct, frozen=True):
    asset_id: UUID
    position_ms: int


class SubtitlesAsk(Input, frozen=True, kw_only=True):
    text: Annotated[str, Meta(min_length=1, max_length=MAX_BYTES, description="The file: WebVTT or SubRip.")]
    label: Annotated[str, Meta(max_length=80, description="As viewers read it. Default: the language's own name.")] = ""
    kind: Annotated[
        Literal["subtitles", "captions", "chapters"],
        Meta(description="`captions` also tell what is heard beside words."),
    ] = "subtitles"


class TrackView(msgspec.Struct, frozen=True):
    language: str
    kind: str
    label: str


def renewed_at(asset_id: UUID) -> str:
    return f"/api/v1/files/{asset_id}/playback"


def original_at(asset_id: UUID) -> str:
    return f"/studio/files/{asset_id}/original"


@get(
    "/files/{file_id:uuid}/playback",
    guards=[WRITE],
    tags=TAG,
    summary="All that a player needs of a file, for its team",
)
async def get_file_playback(
    backends: Given[Backends], caller: Given[Caller], file_id: FromPath[UUID]
) -> Response[Playback]:
    """Opens for less than a minute: ask again while somebody watches."""
    asset = await library.get(backends, caller, file_id)
    playback, grant = await playing.open_playback(
        backends, caller, asset, renew=renewed_at(asset.id), download=original_at(asset.id)
    )
    answer = Response(playback)
    set_grant(backends, answer, grant.cookies, grant.cookie_path)
    return answer


@get(
    "/files/{file_id:uuid}/progress",
    guards=[WRITE],
    tags=TAG,
    summary="How far the work on a file is, and what was tried",
)
async def get_file_progress(backends: Given[Backends], caller: Given[Caller], file_id: FromPath[UUID]) -> Progress:
    """The same comes over the WebSocket as it happens: messages of the type `asset`."""
    return await working.progress(backends, caller, file_id)


@post("/files/{file_id:uuid}/cancel", status_code=200, guards=[WRITE], tags=TAG, summary="Stop the work on a file")
async def cancel_file_work(backends: Given[Backends], caller: Given[Caller], file_id: FromPath[UUID]) -> Progress:
    """It counts as failed then, and can be tried again."""
    await working.cancel(backends, caller, file_id)
    return await working.progress(backends, caller, file_id)


@put(
    "/files/{file_id:uuid}/subtitles/{language:str}", status_code=200, guards=[WRITE], tags=TAG,
    opt=rate_limit("subtitles", per_minute=30), summary="Give a film or a sound subtitles",
)  # fmt: skip
async def put_file_subtitles(
    backends: Given[Backends], caller: Given[Caller], file_id: FromPath[UUID], language: Language,
    data: JSONBody[SubtitlesAsk],
) -> TrackView:  # fmt: skip
    """In place of those of this language and kind. Refused with the line that is wrong."""
    made = await subtitles.put(backends, caller, file_id, language, data.kind, data.text.encode(), data.label)
    return TrackView(made.language, made.kind, made.label)


@delete(
    "/files/{file_id:uuid}/subtitles/{language:str}/{kind:str}", guards=[WRITE], tags=TAG, summary="Remove subtitles"
)
async def remove_file_subtitles(
    backends: Given[Backends], caller: Given[Caller], file_id: FromPath[UUID], language: Language,
    kind: FromPath[Literal["subtitles", "captions", "chapters"]],
) -> None:  # fmt: skip
    await subtitles.remove(backends, caller, file_id, language, kind)


@put(
    "/media/{asset_id:uuid}/position", status_code=200, guards=[signed_in], tags=TAG,
    opt=rate_limit("watch-position", per_minute=60), summary="Remember where you stopped",
)  # fmt: skip
async def put_watch_position(
    backends: Given[Backends], caller: Given[Caller], asset_id: FromPath[UUID], data: JSONBody[PositionAsk]
) -> PositionView:
    """Who is near the end has seen it: the next time begins at 0."""
    kept = await watching.remember(backends, caller, asset_id, data.position_ms, data.duration_ms)
    return PositionView(kept.asset_id, kept.position_ms)


@get("/media/{asset_id:uuid}/position", guards=[signed_in], tags=TAG, summary="Where you stopped")
async def get_watch_position(
    backends: Given[Backends], caller: Given[Caller], asset_id: FromPath[UUID]
) -> PositionView:
    return PositionView(asset_id, (await watching.where(backends, caller, [asset_id])).get(asset_id, 0))


routes = [
    get_file_playback,
    get_file_progress,
    cancel_file_work,
    put_file_subtitles,
    remove_file_subtitles,
    put_watch_position,
    get_watch_position,
]
