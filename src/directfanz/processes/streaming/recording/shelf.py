"""All recordings of this process: those that run, and those that an earlier process left on the disk."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

from directfanz.backends import Backends
from directfanz.domains.live.models import Admitted
from directfanz.processes.streaming.recording.recorder import About, Problem, Recorder, read_about, stopped

FOLDER = "live"
log = logging.getLogger("directfanz.streaming")


class Shelf:
    def __init__(self, backends: Backends, node: str) -> None:
        self._backends = backends
        self._node = node
        self._folder = Path(backends.settings.state_dir) / FOLDER / node
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="tapes")
        self._running: dict[UUID, tuple[Recorder, asyncio.Task[None]]] = {}
        self._finishing: set[asyncio.Task[None]] = set()

    def open(self, admitted: Admitted, problem: Problem) -> Recorder:
        about = About(stream_id=admitted.stream_id, creator_id=admitted.creator_id, is_recorded=admitted.is_recorded)
        return self._open(about, problem)

    def left(self) -> Iterator[About]:
        """Of what an earlier process was recording when it ended."""
        for folder in sorted(self._folder.glob("*/")):
            about = read_about(folder)
            if about is not None:
                yield about

    def reopen(self, about: About, problem: Problem) -> Recorder:
        return self._open(about, problem)

    def of(self, stream_id: UUID) -> Recorder | None:
        found = self._running.get(stream_id)
        return None if found is None else found[0]

    def finish(self, stream_id: UUID) -> None:
        """The stream is over; the film is made while others go on."""
        found = self._running.get(stream_id)
        if found is not None:
            task = asyncio.get_running_loop().create_task(self._finish(*found))
            self._finishing.add(task)
            task.add_done_callback(self._finishing.discard)

    def drop(self, stream_id: UUID) -> None:
        """Nothing was ever shown."""
        found = self._running.pop(stream_id, None)
        if found is not None:
            found[1].cancel()
            found[0].remove()

    def leave(self, stream_id: UUID) -> None:
        """It cannot be used: its files stay for whoever looks into it."""
        found = self._running.pop(stream_id, None)
        if found is not None:
            found[1].cancel()
            found[0].close()

    async def settle(self) -> None:
        """Until the films of streams that are over are made."""
        await asyncio.gather(*self._finishing, return_exceptions=True)

    async def close(self, within_seconds: float) -> None:
        """Films that are not ready by then are the next process's."""
        if self._finishing:
            await asyncio.wait(self._finishing, timeout=within_seconds)
        for task in list(self._finishing):
            await stopped(task)
        for recorder, task in list(self._running.values()):
            await stopped(task)
            for tape in recorder.tapes.values():
                await tape.settle()
            recorder.close()
        self._running.clear()
        self._pool.shutdown()

    def _open(self, about: About, problem: Problem) -> Recorder:
        folder = self._folder / about.stream_id.hex
        recorder = Recorder(self._backends, folder, about, self._node, self._pool, problem)
        recorder.open()
        task = asyncio.get_running_loop().create_task(recorder.run())
        self._running[about.stream_id] = (recorder, task)
        return recorder

    async def _finish(self, recorder: Recorder, task: asyncio.Task[None]) -> None:
        await stopped(task)
        try:
            await recorder.finish()
        except Exception:
            log.exception("a recording could not be finished; it stays on the disk")
        finally:
            self._running.pop(recorder.about.stream_id, None)
