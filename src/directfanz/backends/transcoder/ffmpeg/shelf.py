"""Where the pieces of one order lie: segments in their folders, and notes of what is done under `work/`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from directfanz.backends.storage.contract import Bucket
from directfanz.backends.transcoder import cmaf
from directfanz.backends.transcoder.ffmpeg.slices import Done, Piece, gathered, timed
from directfanz.backends.transcoder.playlists import Segment, Track
from directfanz.platform_toml.media import Processing

PLAYLIST = "index.m3u8"
INIT = "init.mp4"
UPLOADS_AT_ONCE = 4
# Numbers of fragments grow through the whole film; a slice has fewer than this.
FRAGMENTS_PER_SLICE = 100_000


class Shelf:
    def __init__(self, bucket: Bucket, folder: str, rules: Processing) -> None:
        self._bucket = bucket
        self._folder = folder
        self._segment_ticks = rules.segment_seconds * cmaf.TICKS
        self._places = asyncio.Semaphore(UPLOADS_AT_ONCE)

    async def done(self, mark: str) -> dict[str, Done]:
        """What an earlier try left, by name; only of this very order."""
        found: dict[str, Done] = {}
        async for note in self._bucket.walk(f"{self._folder}/work"):
            read = msgspec.json.decode(await self._bucket.get(note.key), type=Done)
            if read.order == mark:
                found[note.key.rsplit("/", 1)[1].removesuffix(".json")] = read
        return found

    async def put(
        self, name: str, mark: str, files: Mapping[str, Path], number: int, begin: float, cuts: Sequence[float] = ()
    ) -> Done:
        """Cuts and stores what one run made, then notes it. The files are gone afterwards."""
        codecs: dict[str, str] = {}
        pieces: dict[str, list[Piece]] = {}
        for track, path in files.items():
            made = await asyncio.to_thread(cmaf.opened, path)
            codecs[track] = cmaf.codec_of(made.head)
            pieces[track] = await self._stored(track, path, made, number, begin, cuts)
            path.unlink()
        done = Done(mark, codecs, pieces)
        await self._bucket.put(f"{self._folder}/work/{name}.json", msgspec.json.encode(done))
        return done

    async def write(self, path: str, text: str) -> None:
        await self._bucket.put(f"{self._folder}/{path}", text.encode(), content_type="application/vnd.apple.mpegurl")

    async def forget(self) -> None:
        notes = [note.key async for note in self._bucket.walk(f"{self._folder}/work")]
        if notes:
            await self._bucket.delete(*notes)

    async def _stored(
        self, track: str, path: Path, made: cmaf.Opened, number: int, begin: float, cuts: Sequence[float]
    ) -> list[Piece]:
        if number == 0:
            await self._bucket.put(f"{self._folder}/{track}/{INIT}", made.head, content_type="video/mp4")
        later = round(begin * made.timescale)
        wanted = self._segment_ticks * made.timescale // cmaf.TICKS
        marks = [round((cut - begin) * made.timescale) for cut in cuts]
        stored: list[asyncio.Task[Piece]] = []
        async with asyncio.TaskGroup() as group:
            count = number * FRAGMENTS_PER_SLICE
            for at, fragments in enumerate(gathered(made, wanted, marks)):
                await self._places.acquire()
                name = f"{number:04d}-{at:05d}.m4s"
                work = self._segment(path, fragments, later, count + 1, f"{track}/{name}", made.timescale)
                stored.append(group.create_task(work))
                count += len(fragments)
        return [task.result() for task in stored]

    async def _segment(
        self, path: Path, fragments: list[cmaf.Fragment], later: int, number: int, target: str, timescale: int
    ) -> Piece:
        try:
            body = await asyncio.to_thread(_read, path, fragments, later, number)
            await self._bucket.put(f"{self._folder}/{target}", body, content_type="video/iso.segment")
        finally:
            self._places.release()
        first, last = fragments[0], fragments[-1]
        ticks = last.begins + last.ticks - first.begins
        return Piece(
            target.rsplit("/", 1)[1],
            (first.begins + later) * cmaf.TICKS // timescale,
            ticks * cmaf.TICKS // timescale,
            len(body),
        )


def track_of(name: str, done: Mapping[str, Done], *, width: int = 0, height: int = 0, rate: float = 0) -> Track:
    """One rendition, joined of all runs that made a part of it."""
    parts = [each for each in done.values() if name in each.pieces]
    pieces = [piece for each in parts for piece in each.pieces[name]]
    return Track(
        name=name,
        codec=parts[0].codecs[name],
        segments=[Segment(piece.path, ticks / cmaf.TICKS, piece.bytes) for piece, ticks in timed(pieces)],
        width=width,
        height=height,
        frames_per_second=rate,
    )


def _read(path: Path, fragments: list[cmaf.Fragment], later: int, number: int) -> bytes:
    body = bytearray()
    with path.open("rb") as file:
        for offset, fragment in enumerate(fragments):
            file.seek(fragment.at)
            body += cmaf.moved(file.read(fragment.bytes), fragment, later, number + offset)
    return bytes(body)
