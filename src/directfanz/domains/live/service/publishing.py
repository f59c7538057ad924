"""A recording becomes a post in one step: its words, who may see it, its picture, and the markers as chapters."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.domains.content.models import Attachment, Post
from directfanz.domains.content.service import writing
from directfanz.domains.entitlements.models import Access
from directfanz.domains.live.errors import NotRecorded
from directfanz.domains.live.models import Marker, Recording, Stream
from directfanz.domains.live.repository import after, recordings
from directfanz.domains.live.service import cutting, streams, timeline
from directfanz.domains.media.service import library
from directfanz.domains.media.service import recordings as films
from directfanz.errors import InvalidInput
from directfanz.http.caller import Caller

LANGUAGE = "und"
# A marker so near the beginning is the beginning.
FIRST_CHAPTER_MS = 1000


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    """`poster_ms`: the moment of the recording whose picture stands for it; None leaves the one that was chosen."""

    title: str
    body: str = ""
    access: Access = "public"
    min_rank: int | None = None
    price: int | None = None
    poster_ms: int | None = None


async def publish(backends: Backends, caller: Caller, stream_id: UUID, wanted: Publication) -> Post:
    """Again, it is the same post: two presses of the button publish once."""
    stream, recording = await _kept(backends, caller, stream_id)
    assert recording.asset_id is not None  # `_kept`
    if recording.post_id is not None:
        return await writing.publish(backends, caller, recording.post_id)
    draft = writing.Draft(
        title=wanted.title, body=wanted.body or stream.about, access=wanted.access, min_rank=wanted.min_rank,
        price=wanted.price, assets=[Attachment(asset_id=recording.asset_id, alt=stream.title)],
    )  # fmt: skip
    post = await writing.begin(backends, caller, stream.creator_id, draft, ticket_id=stream.id)
    async with backends.database.writing() as tx:
        if not await recordings.take_post(tx, recording.id, post.id):
            other = await recordings.of_stream(tx, stream_id)
        else:
            other = None
    if other is not None and other.post_id is not None:  # somebody else pressed it at the same moment
        await writing.remove(backends, caller, post.id)
        return await writing.for_team(backends, caller, other.post_id)
    if wanted.poster_ms is not None:
        await choose_poster(backends, caller, stream_id, wanted.poster_ms)
    await keep_chapters(backends, recording)
    return await writing.publish(backends, caller, post.id)


class Moment(msgspec.Struct, frozen=True):
    """A picture to choose: its moment, and where it lies on the storyboard."""

    at_ms: int
    left: int
    top: int


# As the streaming process draws it: one picture every ten seconds, or fewer of a long film; ten in a row.
STORY_SECONDS, STORY_MOST, STORY_ACROSS, STORY_WIDTH, STORY_HEIGHT = 10, 400, 10, 160, 90
SHARES = (0, 15, 30, 45, 60, 75, 90)


def moments_of(recording: Recording) -> list[Moment]:
    """Some, spread over the film, each once."""
    step = max(STORY_SECONDS, recording.duration_ms / 1000 / STORY_MOST)
    numbers = dict.fromkeys(int(recording.duration_ms / 1000 * share / 100 / step) for share in SHARES)
    return [
        Moment(round(n * step * 1000), n % STORY_ACROSS * STORY_WIDTH, n // STORY_ACROSS * STORY_HEIGHT)
        for n in numbers
    ]


async def choose_poster(backends: Backends, caller: Caller, stream_id: UUID, place_ms: int) -> None:
    """The picture at this moment of the recording."""
    _, recording = await _kept(backends, caller, stream_id)
    if not 0 <= place_ms <= recording.duration_ms:
        raise InvalidInput.in_field("poster_ms", "That moment is not in the recording.")
    picture = await cutting.picture_at(backends, recording, place_ms)
    async with backends.database.writing() as tx:
        asset = await library.find(tx, recording.id)
    if picture is not None and asset is not None:
        await films.set_poster(backends, asset, picture)


async def keep_chapters(backends: Backends, recording: Recording) -> None:
    """Markers beside the film; also after they were named anew."""
    async with backends.database.writing() as tx:
        found = await after.markers(tx, recording.stream_id)
        asset = await library.find(tx, recording.id)
    chapters = chapters_of(recording, found)
    if asset is not None and chapters:
        text = timeline.as_vtt(chapters, recording.duration_ms)
        await films.set_chapters(backends, asset, text, LANGUAGE)


def chapters_of(recording: Recording, markers: list[Marker]) -> list[tuple[int, str]]:
    """Where each begins, in milliseconds."""
    line = timeline.of_recording(recording)
    placed = [(line.place(each.at), each.label) for each in markers]
    return [(0, "Beginning"), *placed] if placed and placed[0][0] > FIRST_CHAPTER_MS else placed


async def _kept(backends: Backends, caller: Caller, stream_id: UUID) -> tuple[Stream, Recording]:
    stream = await streams.get_own(backends, caller, stream_id)
    async with backends.database.writing() as tx:
        recording = await recordings.of_stream(tx, stream_id)
    if recording is None:
        raise NotRecorded("This stream was not recorded.")
    if recording.asset_id is None:
        raise NotRecorded("The recording is not ready yet. It takes some seconds after the end.")
    return stream, recording
