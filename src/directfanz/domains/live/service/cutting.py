"""Takes stretches out of a stream as they are: from the store once it is recorded, from the edge while it runs."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin

import httpx

from directfanz.backends import Backends
from directfanz.backends.transcoder.ffmpeg.program import Ffmpeg
from directfanz.domains.live.models import Recording, Stream
from directfanz.domains.live.service import playlists, timeline
from directfanz.domains.live.service.playlists import Piece, Place, Segment
from directfanz.domains.live.service.watching import folder_grant
from directfanz.domains.media.models import MEDIA, Rendition

PLAYLIST, FILM = "application/vnd.apple.mpegurl", "video/mp4"
NAMES = ("source", "audio")
# Of a minute of film; what is more was not a minute.
MOST_BYTES = 400 << 20
FETCH_SECONDS = 30
log = logging.getLogger("directfanz.live")

Read = Callable[[Piece], Awaitable[bytes]]


class Tape(NamedTuple):
    """One of a stream's files, and how its bytes are read."""

    name: str
    segments: list[Segment]
    read: Read


class Cut(NamedTuple):
    renditions: list[Rendition]
    seconds: float
    first: bytes  # header and frames of its first segment


async def tapes_of_recording(backends: Backends, recording: Recording) -> tuple[str, list[Tape]]:
    """With the playlist that leads to them."""
    bucket = backends.storage.bucket(MEDIA)
    master = (await bucket.get(f"{recording.folder}/master.m3u8")).decode()

    async def read(piece: Piece) -> bytes:
        end = piece.offset + piece.length if piece.length else None
        parts = [each async for each in bucket.stream(f"{recording.folder}/{piece.uri}", start=piece.offset, end=end)]
        return b"".join(parts)

    tapes = []
    for name in NAMES:
        if f"{name}.m3u8" in master:
            text = (await bucket.get(f"{recording.folder}/{name}.m3u8")).decode()
            tapes.append(Tape(name, playlists.read(text), read))
    return master, tapes


async def tapes_on_air(backends: Backends, stream: Stream) -> tuple[str, list[Tape]]:
    """As far back as viewers can rewind, by the way that viewers come."""
    grant = await folder_grant(backends, stream)
    base = urljoin(backends.settings.site_url, grant.base_url)

    async def fetched(name: str) -> bytes:
        async with httpx.AsyncClient(timeout=FETCH_SECONDS, cookies=dict(grant.cookies)) as client:
            answer = await client.get(urljoin(base, name))
            answer.raise_for_status()
            return answer.content

    async def read(piece: Piece) -> bytes:
        return await fetched(piece.uri)

    master = (await fetched("rewind.m3u8")).decode()
    tapes = []
    for name in NAMES:
        if f"{name}.rewind.m3u8" in master:
            text = (await fetched(f"{name}.rewind.m3u8")).decode()
            tapes.append(Tape(name, playlists.read(text), read))
    return master, tapes


async def cut(
    backends: Backends, folder: str, master: str, tapes: Sequence[Tape], begin: datetime, end: datetime
) -> Cut | None:
    """Whole segments, written as a film under `folder`. None when nothing lies between the two moments."""
    bucket = backends.storage.bucket(MEDIA)
    made: list[Rendition] = []
    used: list[list[Segment]] = []
    seconds, first = 0.0, b""
    for tape in tapes:
        chosen = playlists.between(tape.segments, begin, end)
        if not chosen:
            continue
        if used:  # the sound lasts as long as the pictures, which begin at a key frame
            chosen = playlists.between(tape.segments, used[0][0].at, used[0][-1].ends)
        data, headers, media = await _copied(tape, chosen)
        file = f"{tape.name}.mp4"
        await bucket.put(f"{folder}/{file}", data, content_type=FILM)
        text = playlists.written(file, chosen, headers, media).encode()
        await bucket.put(f"{folder}/{tape.name}.m3u8", text, content_type=PLAYLIST)
        role = "video" if tape.name == "source" else "audio"
        made.append(Rendition(name=tape.name, role=role, path=file, mime=FILM, bytes=len(data)))  # type: ignore[arg-type]
        seconds = max(seconds, sum(each.seconds for each in chosen))
        first = first or data[: media[0].offset + media[0].length]
        used.append(chosen)
    if not made:
        return None
    text = playlists.master(master, [each.name for each in made]).encode()
    await bucket.put(f"{folder}/master.m3u8", text, content_type=PLAYLIST)
    made.insert(0, Rendition(name="master", role="playlist", path="master.m3u8", mime=PLAYLIST, bytes=len(text)))
    return Cut(made, seconds, first)


async def picture_at(backends: Backends, recording: Recording, place_ms: int) -> bytes | None:
    moment = timeline.of_recording(recording).moment(place_ms)
    _, tapes = await tapes_of_recording(backends, recording)
    video = next((each for each in tapes if each.name == "source"), None)
    if video is None or not video.segments:
        return None
    there = [each for each in video.segments if each.at <= moment] or video.segments[:1]
    segment = there[-1]
    film = await video.read(segment.header) + await video.read(segment.media)
    return await picture_of(backends, film)


async def picture_of(backends: Backends, film: bytes) -> bytes | None:
    """The first picture of a stretch, as WebP. A film without one is a film all the same."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "film.mp4", Path(folder) / "poster.webp"
        source.write_bytes(film)
        words = ["-frames:v", "1", "-vf", "scale='min(1280,iw)':-2", "-f", "webp", "-quality", "80", str(target)]
        ended = await Ffmpeg(backends.platform.processing).run(words, source, folder=Path(folder), cpu_seconds=30)
        if not target.exists():
            log.warning("a picture of a stream could not be made: %s", ended.said[-300:])
            return None
        return target.read_bytes()


async def _copied(tape: Tape, chosen: Sequence[Segment]) -> tuple[bytes, list[Place], list[Place]]:
    data, headers, media = bytearray(), [], []
    known: dict[Piece, Place] = {}
    for segment in chosen:
        if segment.header not in known:
            header = await tape.read(segment.header)
            known[segment.header] = Place(len(data), len(header))
            data += header
        headers.append(known[segment.header])
        frames = await tape.read(segment.media)
        media.append(Place(len(data), len(frames)))
        data += frames
        if len(data) > MOST_BYTES:
            raise ValueError("this is more than a minute of film")
    return bytes(data), headers, media
