"""Orders done with ffmpeg on this machine.

A film is encoded in slices. What a slice made is in the bucket, and a note of it under `work/`, before the next one begins: another worker
that is given the order reads the notes and goes on. The playlists come last, so nobody sees half a film.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from pathlib import Path
from tempfile import mkdtemp

import msgspec

from directfanz.backends.storage.contract import Storage
from directfanz.backends.transcoder import playlists
from directfanz.backends.transcoder.contract import MAIN_PLAYLIST, BadMedia, Made, Order, Rendition, Tell
from directfanz.backends.transcoder.ffmpeg import commands
from directfanz.backends.transcoder.ffmpeg.program import Ffmpeg, Packets
from directfanz.backends.transcoder.ffmpeg.shelf import PLAYLIST, Shelf, track_of
from directfanz.backends.transcoder.ffmpeg.slices import Done, Slice, slices_of
from directfanz.backends.transcoder.progress import Meter
from directfanz.platform_toml.media import Processing

SOUND = "audio"
# A file that promises more than it holds was cut off on its way.
LEAST_SHARE = 0.9
COPY_WEIGHT, SOUND_WEIGHT = 0.02, 0.05


class FfmpegTranscoder:
    name = "ffmpeg"

    def __init__(self, storage: Storage, rules: Processing, scratch: str | None = None) -> None:
        self._storage = storage
        self._rules = rules
        self._ffmpeg = Ffmpeg(rules)
        self._scratch = scratch

    async def transcode(self, order: Order, tell: Tell) -> Made:
        folder = Path(mkdtemp(prefix="directfanz-film-", dir=self._scratch))
        try:
            return await _Work(self._storage, self._rules, self._ffmpeg, order, folder, tell).whole()
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def cancel(self, order: Order) -> None:
        """What runs ended with its task; the notes go, so that nothing of it is taken up again."""
        await Shelf(self._storage.bucket(order.target_bucket), order.target, self._rules).forget()

    async def close(self) -> None:
        return None


class _Work:
    def __init__(
        self, storage: Storage, rules: Processing, ffmpeg: Ffmpeg, order: Order, folder: Path, tell: Tell
    ) -> None:
        self._storage, self._rules, self._ffmpeg = storage, rules, ffmpeg
        self._order, self._folder = order, folder
        self._meter = Meter(tell)
        self._shelf = Shelf(storage.bucket(order.target_bucket), order.target, rules)
        self._mark = _fingerprint(order, rules)

    async def whole(self) -> Made:
        source = await self._fetched()
        done = await self._shelf.done(self._mark)
        film: dict[str, Done] = {}
        if self._order.rungs:
            packets = await self._ffmpeg.packets(source)
            self._require_whole(packets)
            film = await self._film(source, packets, done)
        sound = await self._sound(source, done) if self._order.facts.sound else None
        return await self._published(film, sound)

    async def _fetched(self) -> Path:
        if self._order.local_source:
            return Path(self._order.local_source)
        path = self._folder / "source"
        bucket = self._storage.bucket(self._order.bucket)
        with path.open("wb") as file:
            async for piece in bucket.stream(self._order.source):
                await asyncio.to_thread(file.write, piece)
        return path

    def _require_whole(self, packets: Packets) -> None:
        promised = self._order.facts.seconds
        if promised and packets.end < promised * LEAST_SHARE and promised - packets.end > 2:
            raise BadMedia(
                "truncated",
                f"The file ends after {packets.end:.0f} of its {promised:.0f} seconds. It was cut off, probably while it was "
                "copied. Upload it again.",
            )

    async def _film(self, source: Path, packets: Packets, done: dict[str, Done]) -> dict[str, Done]:
        encoded = [rung for rung in self._order.rungs if not rung.copied]
        copied = [rung for rung in self._order.rungs if rung.copied]
        slices = slices_of(packets, self._order.facts.container, self._rules.slice_seconds) if encoded else []
        length = max(packets.end - packets.first, 0.1)
        kept: dict[str, Done] = {}
        for rung in copied:
            self._meter.begin(COPY_WEIGHT, length)
            if rung.name not in done:
                path = self._folder / f"{rung.name}.mp4"
                await self._run(commands.copy(path), source, [], length)
                cuts = [piece.begin for piece in slices[1:]]
                done[rung.name] = await self._shelf.put(
                    rung.name, self._mark, {rung.name: path}, 0, packets.first, cuts
                )
            kept[rung.name] = done[rung.name]
        share = 1 - SOUND_WEIGHT - (COPY_WEIGHT if copied else 0)
        for piece in slices:
            seconds = (piece.end or packets.end) - piece.begin
            self._meter.begin(share * seconds / length, seconds)
            name = f"{piece.number:04d}"
            if name not in done:
                done[name] = await self._encoded(source, piece, seconds, bool(copied))
            kept[name] = done[name]
        return kept

    async def _encoded(self, source: Path, piece: Slice, seconds: float, with_source: bool) -> Done:
        rungs = [rung for rung in self._order.rungs if not rung.copied]
        arguments = commands.encode(self._order.facts, rungs, self._rules, self._folder, with_source=with_source)
        await self._run(arguments, source, commands.cut(piece.begin if piece.number else 0, piece.end), seconds)
        files = {rung.name: self._folder / f"{rung.name}.mp4" for rung in rungs}
        return await self._shelf.put(f"{piece.number:04d}", self._mark, files, piece.number, piece.begin)

    async def _sound(self, source: Path, done: dict[str, Done]) -> Done:
        self._meter.begin(SOUND_WEIGHT if self._order.rungs else 1.0, self._order.facts.seconds)
        if SOUND not in done:
            path = self._folder / "audio.mp4"
            await self._run(commands.sound(self._rules, path), source, [], self._order.facts.seconds)
            done[SOUND] = await self._shelf.put(SOUND, self._mark, {SOUND: path}, 0, 0.0)
        return done[SOUND]

    async def _run(self, arguments: list[str], source: Path, before: list[str], seconds: float) -> None:
        running = asyncio.ensure_future(
            self._ffmpeg.run(
                arguments, source, before=before, line=self._meter.line, cpu_seconds=self._ffmpeg.cpu_for(seconds)
            )
        )
        try:
            await self._meter.until(running)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        running.result().require_success()

    async def _published(self, film: dict[str, Done], sound: Done | None) -> Made:
        order = self._order
        tracks = [
            track_of(rung.name, film, width=rung.width, height=rung.height, rate=self._rate()) for rung in order.rungs
        ]
        heard = track_of(SOUND, {SOUND: sound}) if sound else None
        renditions: list[Rendition] = []
        for track in [*tracks, *([heard] if heard else [])]:
            await self._shelf.write(f"{track.name}/{PLAYLIST}", playlists.media_playlist(track))
            renditions.append(_rendition(track))
        await self._shelf.write(MAIN_PLAYLIST, playlists.main_playlist(tracks, heard))
        await self._shelf.forget()
        await self._meter.finish()
        main = Rendition(name="main", role="playlist", path=MAIN_PLAYLIST, mime="application/vnd.apple.mpegurl")
        return Made((main, *renditions), max(track.seconds for track in [*tracks, *([heard] if heard else [])]))

    def _rate(self) -> float:
        picture = self._order.facts.picture
        return min(picture.frames_per_second, self._rules.frames_per_second_max) if picture else 0.0


def _rendition(track: playlists.Track) -> Rendition:
    return Rendition(
        name=track.name,
        role="audio" if track.name == SOUND else "video",
        path=f"{track.name}/{PLAYLIST}",
        mime="application/vnd.apple.mpegurl",
        width=track.width or None,
        height=track.height or None,
        bits_per_second=track.average,
        bytes=track.bytes,
    )


def _fingerprint(order: Order, rules: Processing) -> str:
    asked = msgspec.json.encode([order.token, order.source, order.rungs, rules.segment_seconds, rules.keyframe_seconds])
    return hashlib.sha256(asked).hexdigest()[:16]
