"""Clips: up to a minute of a stream, cut by whoever the page lets. Nothing is encoded anew."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import msgspec

from directfanz.backends import Backends
from directfanz.backends.jobs.contract import Job, Retry
from directfanz.domains.creators.service import team
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Need
from directfanz.domains.live.errors import NoSuchClip, NotForClips, StreamLocked, TooManyOf
from directfanz.domains.live.models import LONGEST_CLIP, LONGEST_TITLE, Clip, Recording, Stream
from directfanz.domains.live.repository import after, recordings, streams
from directfanz.domains.live.service import cutting, timeline, watching
from directfanz.domains.live.service.watching import Watching
from directfanz.domains.media.models import Asset, ViewGrant
from directfanz.domains.media.service import library, playing
from directfanz.domains.media.service import recordings as films
from directfanz.domains.media.service.playing import Playback
from directfanz.errors import InvalidInput, NotFound, Unavailable
from directfanz.http.caller import Caller
from directfanz.http.shown import one_line
from directfanz.kit.ids import new_id

MOST_CLIPS = 500
CLIPS_SHOWN = 30
log = logging.getLogger("directfanz.live")


class Cut(msgspec.Struct, frozen=True):
    clip_id: UUID


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """The moment is one of the stream (`ends_at`), or a place in its recording (`from_ms`)."""

    title: str
    seconds: int
    ends_at: datetime | None = None
    from_ms: int | None = None


async def ask(backends: Backends, caller: Caller, stream_id: UUID, wanted: Wish) -> Clip:
    """It is made in a moment; whoever may see the stream may see it."""
    found = await watching.find(backends, caller, stream_id)
    await _require_may(backends, caller, found)
    async with backends.database.writing() as tx:
        recording = await recordings.of_stream(tx, stream_id)
        if await after.count_clips(tx, stream_id) >= MOST_CLIPS:
            raise TooManyOf(f"A stream has at most {MOST_CLIPS} clips.")
        clip = Clip(
            id=new_id(), stream_id=stream_id, creator_id=found.creator.id, made_by=caller.require_user(),
            title=one_line(wanted.title, "title", LONGEST_TITLE) or found.stream.title,
            begins_at=_begins(wanted, found.stream, recording, backends.clock.now()), seconds=wanted.seconds,
            state="making", problem=None, created_at=backends.clock.now(),
        )  # fmt: skip
        await after.insert_clip(tx, clip)
        await backends.jobs.enqueue(tx, CUT, Cut(clip.id))
    return clip


async def of_stream(backends: Backends, caller: Caller, stream_id: UUID) -> list[Clip]:
    """For who may see the stream, the newest first."""
    found = await watching.find(backends, caller, stream_id)
    if not found.open:
        raise StreamLocked("This stream is not open to you, or not any more.")
    async with backends.database.writing() as tx:
        return await after.clips_of(tx, stream_id, CLIPS_SHOWN)


async def find(backends: Backends, caller: Caller, clip_id: UUID) -> tuple[Clip, Watching]:
    async with backends.database.writing() as tx:
        clip = await after.find_clip(tx, clip_id)
    if clip is None:
        raise _no_such()
    return clip, await watching.find(backends, caller, clip.stream_id)


async def play(backends: Backends, caller: Caller, clip_id: UUID) -> tuple[Playback, ViewGrant]:
    clip, found = await find(backends, caller, clip_id)
    if not found.open:
        raise StreamLocked("This clip is of a stream that is not open to you, or not any more.")
    async with backends.database.writing() as tx:
        asset = await library.find(tx, clip.id)
    if asset is None:
        raise _no_such("It is being made. One moment." if clip.state == "making" else "This clip is gone.")
    return await playing.open_playback(
        backends, caller, asset, renew=f"/api/v1/clips/{clip.id}/playback", title=clip.title
    )


async def _cut(backends: Backends, payload: Cut) -> None:
    async with backends.database.writing() as tx:
        clip = await after.find_clip(tx, payload.clip_id)
        stream = await streams.find(tx, clip.stream_id) if clip else None
        recording = await recordings.of_stream(tx, clip.stream_id) if clip else None
    if clip is None or stream is None or clip.state != "making":
        return
    try:
        asset = await _made(backends, clip, stream, recording)
    except (ValueError, NotFound) as error:
        log.warning("clip %s could not be cut: %s", clip.id, error)
        asset = None
    except httpx.HTTPError as error:
        raise Unavailable(f"the stream cannot be read at the moment: {type(error).__name__}") from None
    async with backends.database.writing() as tx:
        await after.settle_clip(tx, clip.id, None if asset else "Nothing of that moment is kept any more.")


async def _made(backends: Backends, clip: Clip, stream: Stream, recording: Recording | None) -> Asset | None:
    if recording is not None and recording.asset_id is not None:
        master, tapes = await cutting.tapes_of_recording(backends, recording)
    elif stream.is_on_air:
        master, tapes = await cutting.tapes_on_air(backends, stream)
    elif recording is not None and recording.state in ("recording", "finishing", "ready"):
        raise Unavailable("the recording is not ready yet")
    else:
        return None
    ends = clip.begins_at + timedelta(seconds=clip.seconds)
    cut = await cutting.cut(backends, f"{clip.id.hex}/v/1", master, tapes, clip.begins_at, ends)
    if cut is None:
        return None
    facts = {"duration_ms": round(cut.seconds * 1000), "clip_of": str(stream.id)}
    facts |= {name: recording.facts[name] for name in ("width", "height") if recording and name in recording.facts}
    picture = await cutting.picture_of(backends, cut.first)
    async with backends.database.writing() as tx:
        asset = await films.adopt(backends, tx, clip.creator_id, f"Clip: {clip.title}", clip.id, cut.renditions, facts)
    if picture is not None:
        await films.set_poster(backends, asset, picture)
    return asset


def _begins(wanted: Wish, stream: Stream, recording: Recording | None, now: datetime) -> datetime:
    most = int(LONGEST_CLIP.total_seconds())
    if not 1 <= wanted.seconds <= most:
        raise InvalidInput.in_field("seconds", f"A clip lasts 1 to {most} seconds.", "Choose a shorter stretch.")
    if wanted.from_ms is not None and recording is not None and recording.asset_id is not None:
        if not 0 <= wanted.from_ms < recording.duration_ms:
            raise InvalidInput.in_field("from_ms", "That moment is not in the recording.")
        return timeline.of_recording(recording).moment(wanted.from_ms)
    end = wanted.ends_at or now
    if stream.began_at is None or not stream.began_at < end <= now + timedelta(seconds=5):
        raise InvalidInput.in_field("ends_at", "That moment is not in the stream.")
    return max(stream.began_at, end - timedelta(seconds=wanted.seconds))


async def _require_may(backends: Backends, caller: Caller, found: Watching) -> None:
    if not found.open:
        raise StreamLocked("This stream is not open to you, or not any more.")
    async with backends.database.writing() as tx:
        rules = await after.rules(tx, found.creator.id)
    if found.role is not None or rules.clips == "viewers":
        return
    if rules.clips == "members":
        need = Need(creator_id=found.creator.id, access="members")
        if (await entitlements.decide(backends, caller.user_id, need)).allowed:
            return
        raise NotForClips("Members may cut clips of this stream.")
    raise NotForClips("Only the team may cut clips of this stream.")


def _no_such(words: str = "There is no such clip.") -> NoSuchClip:
    return NoSuchClip(words)


async def remove(backends: Backends, caller: Caller, clip_id: UUID) -> None:
    """By its maker, or the team of the page."""
    clip, found = await find(backends, caller, clip_id)
    async with backends.database.writing() as tx:
        if clip.made_by != caller.require_user():
            await team.require(tx, caller, found.creator.id, "posts")
        await after.remove_clip(tx, clip_id)
        await films.drop(backends, tx, clip_id)


CUT = Job("live.cut_clip", Cut, _cut, retry=Retry(tries=6, first_seconds=3), timeout_seconds=180)
