"""One track's recording: a file that only grows. Written by a thread, so that a slow disk does not stop the streams."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from directfanz.processes.streaming.packaging import segments
from directfanz.processes.streaming.packaging.segments import Segment
from directfanz.processes.streaming.packaging.track import Track
from directfanz.processes.streaming.recording.walker import Entry, Place, Walker

READ_BYTES = 1 << 20
MOST_PIECES = 512
MOST_UNWRITTEN_BYTES = 64 << 20


class Tape:
    def __init__(self, path: Path, writing: ThreadPoolExecutor, on_problem: Callable[[OSError], None]) -> None:
        self.path = path
        self.name = path.stem
        self.entries: list[Entry] = []
        self.headers: list[Place] = []
        self.written = 0
        self._writing = writing
        self._on_problem = on_problem
        self._size = 0
        self._file: int | None = None
        self.is_broken = False

    # --- told ---------------------------------------------------------------------------------------------------------

    def open(self) -> Walker | None:
        """A new file; or what an earlier process left, without what it had not finished."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        walker = _walked(self.path) if self.path.exists() else None
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        if walker is not None:
            os.ftruncate(self._file, walker.end)
            self.entries, self.headers = walker.entries, walker.headers
            self._size = self.written = walker.end
        return walker

    def take(self, track: Track, segment: Segment) -> None:
        """A segment is whole."""
        if self.is_broken or self._file is None:
            return
        pieces: list[bytes] = []
        is_new = not self.entries or segment.is_discontinuity or self._header != segment.header
        if is_new:
            header = track.headers[segment.header]
            self.headers.append(Place(self._size, len(header)))
            pieces.append(header)
            self._size += len(header)
        self._header = segment.header
        entry = Entry(
            segment.number, self._size, segment.size, segment.time, segment.seconds, segment.wall, len(self.headers) - 1,
            is_new and bool(self.entries),
        )  # fmt: skip
        self.entries.append(entry)
        pieces += [part.data for part in segment.parts]
        begin = self._size - (len(pieces[0]) if is_new else 0)
        self._size += segment.size
        if self._size - self.written > MOST_UNWRITTEN_BYTES:
            self._problem(OSError("the disk is too slow for the recording"))
            return
        done = asyncio.get_running_loop().run_in_executor(self._writing, _write, self._file, pieces, begin)
        done.add_done_callback(lambda result: self._wrote(result, segment, entry))

    _header = -1

    async def settle(self) -> None:
        """Until all is on the disk."""
        await asyncio.get_running_loop().run_in_executor(self._writing, self._sync)
        await asyncio.sleep(0)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    # --- asked --------------------------------------------------------------------------------------------------------

    async def read(self, offset: int, length: int) -> bytes:
        if self._file is None:
            raise FileNotFoundError(self.path)
        return await asyncio.get_running_loop().run_in_executor(None, os.pread, self._file, length, offset)

    # --- inside -------------------------------------------------------------------------------------------------------

    def _wrote(self, result: asyncio.Future[int], segment: Segment, entry: Entry) -> None:
        if result.cancelled():
            return
        problem = result.exception()
        if isinstance(problem, OSError):
            self._problem(problem)
        elif problem is None:
            self.written = max(self.written, entry.offset + entry.length)
            segment.place = segments.Place(entry.offset, entry.length)

    def _problem(self, problem: OSError) -> None:
        if not self.is_broken:
            self.is_broken = True
            self._on_problem(problem)

    def _sync(self) -> None:
        if self._file is not None:
            os.fsync(self._file)


def _write(file: int, pieces: list[bytes], at: int) -> int:
    """All pieces in as few calls as they go; what a call leaves over follows in the next."""
    left = [memoryview(piece) for piece in pieces]
    done = 0
    while left:
        written = os.pwritev(file, left[:MOST_PIECES], at + done)
        done += written
        while left and written >= len(left[0]):
            written -= len(left.pop(0))
        if written:
            left[0] = left[0][written:]
    return done


def _walked(path: Path) -> Walker:
    walker = Walker()
    with path.open("rb") as file:
        with contextlib.suppress(ValueError):  # what is behind the last whole segment is of no use
            while data := file.read(READ_BYTES):
                walker.feed(data)
        walker.finish()
    return walker
