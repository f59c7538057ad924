"""A stream that is over, watched again: its recording as it was published, with chat, polls and tips at their places."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.domains.chat.models import Event
from directfanz.domains.chat.service import reading as chat
from directfanz.domains.content.models import Reading
from directfanz.domains.content.service import reading, viewing
from directfanz.domains.live.errors import NotRecorded, StreamLocked
from directfanz.domains.live.models import Recording
from directfanz.domains.live.repository import after, recordings
from directfanz.domains.live.service import publishing, timeline
from directfanz.domains.media.models import ViewGrant
from directfanz.domains.media.service.playing import Playback
from directfanz.errors import Forbidden, InvalidInput, NotFound
from directfanz.http.caller import Caller

LONGEST_STRETCH_MS = 3_600_000


class Chapter(msgspec.Struct, frozen=True):
    at_ms: int
    label: str


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """The recording as its post shows it to somebody; without a playback it is locked to them."""

    recording: Recording
    found: Reading
    playback: Playback | None
    grant: ViewGrant | None
    chapters: list[Chapter]


class Happened(msgspec.Struct, frozen=True):
    """Something of the chat, at its place in the recording."""

    at_ms: int
    event: Event


async def find(backends: Backends, caller: Caller, stream_id: UUID) -> Replay | None:
    """None when nothing was published of it, or it was taken down."""
    async with backends.database.writing() as tx:
        recording = await recordings.of_stream(tx, stream_id)
        markers = await after.markers(tx, stream_id)
    if recording is None or recording.asset_id is None or recording.post_id is None:
        return None
    try:
        _, found = await reading.read(backends, caller, recording.post_id)
    except (NotFound, Forbidden):
        return None
    playback, grant = None, None
    if found.open and any(each.asset.id == recording.asset_id for each in found.assets):
        playback, grant = await viewing.play(backends, caller, found, recording.asset_id)
    chapters = [Chapter(*each) for each in publishing.chapters_of(recording, markers)]
    return Replay(recording=recording, found=found, playback=playback, grant=grant, chapters=chapters)


async def stretch(
    backends: Backends, caller: Caller, stream_id: UUID, from_ms: int, to_ms: int, after_position: int = 0
) -> list[Happened]:
    """For who may see the recording: in order, at most 500; ask again after the last position."""
    if not 0 <= from_ms < to_ms <= from_ms + LONGEST_STRETCH_MS:
        raise InvalidInput.in_field("to_ms", "A stretch is at most an hour, and ends after it begins.", "Ask in parts.")
    replay = await find(backends, caller, stream_id)
    if replay is None:
        raise NotRecorded("No recording of this stream was published.")
    if not replay.found.open:
        raise StreamLocked("This recording is not open to you, or not any more.")
    line = timeline.of_recording(replay.recording)
    begin, end = line.moment(from_ms), line.moment(to_ms)
    # What was said while nothing was recorded lies where the recording goes on: after the moment before the gap.
    if to_ms >= line.length_ms:
        end += timedelta(minutes=5)
    if from_ms == 0:
        begin -= timedelta(minutes=10)
    events = await chat.of_time(backends, caller, stream_id, begin, end, after_position)
    return [Happened(line.place(each.said_at), each) for each in events]
