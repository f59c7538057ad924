"""A stream's recording: two tapes on the disk, from which viewers rewind; and, if it is kept, a film in the store at the end."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.domains.live.models import Recording
from directfanz.domains.live.service import recordings
from directfanz.errors import DirectFanzError
from directfanz.processes.streaming.packaging.segments import Segment
from directfanz.processes.streaming.packaging.track import Track
from directfanz.processes.streaming.recording import film, finishing
from directfanz.processes.streaming.recording.tape import Tape
from directfanz.processes.streaming.recording.upload import Upload
from directfanz.processes.streaming.recording.walker import Walker

UPLOAD_EVERY_SECONDS = 2.0
RETRY_SECONDS = 10.0
MOST_TRIES = 60
ABOUT = "about.json"
MEDIA = "media"
TAPES = ("source", "audio")
log = logging.getLogger("directfanz.streaming")
Problem = Callable[[str, str], None]


class About(msgspec.Struct, kw_only=True):
    """Beside the tapes, for the process that comes after a crash."""

    stream_id: UUID
    creator_id: UUID
    is_recorded: bool
    codecs: dict[str, str] = msgspec.field(default_factory=dict)
    width: int = 0
    height: int = 0
    uploads: dict[str, str] = msgspec.field(default_factory=dict)


class Recorder:
    def __init__(
        self, backends: Backends, folder: Path, about: About, node: str, pool: ThreadPoolExecutor, problem: Problem
    ) -> None:
        self._backends = backends
        self._folder = folder
        self._node = node
        self._problem = problem
        self.about = about
        self.tapes = {name: Tape(folder / f"{name}.mp4", pool, self._broken) for name in TAPES}
        self.walkers: dict[str, Walker] = {}
        self._uploads: dict[str, Upload] = {}
        self._recording: Recording | None = None

    # --- while live ---------------------------------------------------------------------------------------------------

    def open(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for name, tape in self.tapes.items():
            walker = tape.open()
            if walker is not None:
                self.walkers[name] = walker
        self._write_about()

    def attach(self, track: Track) -> None:
        track.on_segment.append(self._segment)

    def tape_of(self, track: Track) -> Tape | None:
        return self.tapes.get(track.name)

    async def run(self) -> None:
        """Sends parts while the stream goes on; a store that is away is asked again."""
        if not self.about.is_recorded:
            return
        while True:
            try:
                await self._begin()
                for upload in self._uploads.values():
                    while await upload.go_on():
                        pass
                await self._backends.clock.sleep(UPLOAD_EVERY_SECONDS)
            except DirectFanzError as error:
                log.warning("stream %s: the recording is not uploaded yet: %s", self.about.stream_id, error.message)
                await self._backends.clock.sleep(RETRY_SECONDS)
            except Exception:
                log.exception("stream %s: the recording is not uploaded yet", self.about.stream_id)
                await self._backends.clock.sleep(RETRY_SECONDS)

    async def _begin(self) -> None:
        if self._recording is None:
            about = self.about
            self._recording = await recordings.begin(self._backends, about.stream_id, about.creator_id, self._node)
        bucket = self._backends.storage.bucket(MEDIA)
        for name, tape in self.tapes.items():
            if name in self._uploads or not tape.written:
                continue
            upload = Upload(bucket, tape, f"{self._recording.folder}/{name}.mp4", self.about.uploads.get(name))
            await upload.begin()
            self._uploads[name] = upload
            assert upload.upload_id is not None
            self.about.uploads[name] = upload.upload_id
            self._write_about()

    # --- afterwards ---------------------------------------------------------------------------------------------------

    async def finish(self) -> None:
        """Nothing follows. Until the film is in the store the tapes stay, and the next process tries again."""
        for tape in self.tapes.values():
            await tape.settle()
        if not self.about.is_recorded or not any(tape.entries for tape in self.tapes.values()):
            self.remove()
            return
        for _ in range(MOST_TRIES):
            try:
                await self._make_film()
            except DirectFanzError as error:
                if not error.retryable:
                    await self._give_up(error.message)
                    return
                log.warning("stream %s: the recording is not ready: %s", self.about.stream_id, error.message)
                await self._backends.clock.sleep(RETRY_SECONDS)
            else:
                self.remove()
                return
        log.error("stream %s: the recording stays on this machine, in %s", self.about.stream_id, self._folder)

    async def _make_film(self) -> None:
        await self._begin()
        recording = self._recording
        assert recording is not None
        await recordings.finishing(self._backends, recording)
        sizes = {name: await upload.finish() for name, upload in list(self._uploads.items())}
        made = await finishing.finish(self._backends, recording, self.about, self.tapes, sizes)
        seconds = max(film.seconds_of(tape.entries) for tape in self.tapes.values())
        facts = finishing.facts_of(self.about, seconds)
        longest = max(self.tapes.values(), key=lambda tape: film.seconds_of(tape.entries))
        timed = {**facts, "timeline": film.timeline_of(longest.entries)}
        await recordings.ready(self._backends, recording, round(seconds * 1000), timed)
        await recordings.adopt(self._backends, recording.stream_id, made, facts)
        log.info("stream %s: its recording of %.1f s is ready", self.about.stream_id, seconds)

    async def _give_up(self, why: str) -> None:
        if self._recording is not None:
            await recordings.failed(self._backends, self._recording, why)
        self._problem("recording_failed", f"The recording could not be kept: {why}")

    def close(self) -> None:
        for tape in self.tapes.values():
            tape.close()

    def remove(self) -> None:
        self.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    # --- inside -------------------------------------------------------------------------------------------------------

    def _segment(self, track: Track, segment: Segment) -> None:
        if self.about.codecs.get(track.name) != track.codecs or (track.is_video and track.width != self.about.width):
            self.about.codecs[track.name] = track.codecs
            if track.is_video:
                self.about.width, self.about.height = track.width, track.height
            self._write_about()
        self.tapes[track.name].take(track, segment)

    def _broken(self, problem: OSError) -> None:
        self._problem("recording_stopped", f"The recording stopped here: {problem.strerror or problem}.")

    def _write_about(self) -> None:
        half = self._folder / f".{ABOUT}"
        half.write_bytes(msgspec.json.encode(self.about))
        half.rename(self._folder / ABOUT)


def read_about(folder: Path) -> About | None:
    try:
        return msgspec.json.decode((folder / ABOUT).read_bytes(), type=About)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError):
        return None


async def stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
