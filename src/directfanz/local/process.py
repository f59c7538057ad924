"""One operating system process with everything it starts: begun, watched, stopped as a group.

`asyncio.subprocess` is not used: its `wait` does not return while an orphaned grandchild holds the output pipe.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from directfanz.local.privileges import drop_mode

LAUNCH = Path(__file__).with_name("launch.py")
READ_BYTES = 65_536
Sink = Callable[[bytes], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str] = field(default_factory=dict)
    unroot: bool = False  # the program refuses to run as root
    death_signal: signal.Signals = signal.SIGTERM  # what it gets when the supervisor dies

    def launched_by(self, parent: int) -> list[str]:
        mode = drop_mode() if self.unroot else "plain"
        wrapper = [sys.executable, "-S", "-E", str(LAUNCH), str(parent), str(int(self.death_signal)), mode]
        return [*wrapper, *self.argv]


class Process:
    """Made by `start`, on the loop's main thread: the parent-death signal follows the thread that started it."""

    def __init__(self, popen: subprocess.Popen[bytes], output: int, sink: Sink) -> None:
        self._popen = popen
        self._output = output
        self._sink = sink
        self._exit: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    @classmethod
    def start(cls, command: Command, sink: Sink) -> Process:
        read_end, write_end = os.pipe()
        try:
            popen = subprocess.Popen(
                command.launched_by(os.getpid()),
                cwd=command.cwd,
                env=dict(command.env),
                stdin=subprocess.DEVNULL,
                stdout=write_end,
                stderr=write_end,
            )
        except OSError:
            os.close(read_end)
            raise
        finally:
            os.close(write_end)
        os.set_blocking(read_end, False)
        process = cls(popen, read_end, sink)
        process._watch()
        return process

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def alive(self) -> bool:
        return not self._exit.done()

    async def wait(self) -> int:
        """The exit code, negative for a signal. By then the whole group is gone and its output is read."""
        return await asyncio.shield(self._exit)

    def signal(self, number: int) -> None:
        """To the leader alone: it knows how to stop its children."""
        if self.alive:
            self._popen.send_signal(number)

    def kill_group(self) -> None:
        # The session may not exist yet, in the instant between fork and setsid: then the leader alone is killed.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        if self._popen.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    async def stop(self, number: int, grace_seconds: float) -> int:
        self.signal(number)
        try:
            return await asyncio.wait_for(self.wait(), grace_seconds)
        except TimeoutError:
            self.kill_group()
            return await self.wait()

    def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_reader(self._output, self._read)
        if sys.platform == "linux":
            pidfd = os.pidfd_open(self.pid)
            loop.add_reader(pidfd, self._ended, pidfd)
        else:
            threading.Thread(target=self._wait_in_thread, args=(loop,), daemon=True).start()

    def _wait_in_thread(self, loop: asyncio.AbstractEventLoop) -> None:
        """On a Mac. Like a pidfd it tells of the end and leaves the reaping to us."""
        if sys.platform != "linux":
            exits = select.kevent(self.pid, select.KQ_FILTER_PROC, select.KQ_EV_ADD, select.KQ_NOTE_EXIT)
            with contextlib.closing(select.kqueue()) as queue, contextlib.suppress(ProcessLookupError):
                queue.control([exits], 1)
        with contextlib.suppress(RuntimeError):  # the loop closed first
            loop.call_soon_threadsafe(self._ended, None)

    def _ended(self, pidfd: int | None) -> None:
        loop = asyncio.get_running_loop()
        if pidfd is not None:
            loop.remove_reader(pidfd)
            os.close(pidfd)
        # Before the leader is reaped its id cannot belong to anyone else; what it left behind would keep the ports.
        self.kill_group()
        code = self._popen.wait()
        while self._read():
            pass
        loop.remove_reader(self._output)
        os.close(self._output)
        if not self._exit.done():
            self._exit.set_result(code)

    def _read(self) -> bool:
        try:
            chunk = os.read(self._output, READ_BYTES)
        except BlockingIOError:
            return False
        if not chunk:
            asyncio.get_running_loop().remove_reader(self._output)
            return False
        self._sink(chunk)
        return True


async def finished(command: Command, sink: Sink, timeout_seconds: float) -> int:
    """Run to the end; what takes too long is killed."""
    process = Process.start(command, sink)
    try:
        return await asyncio.wait_for(process.wait(), timeout_seconds)
    finally:
        if process.alive:
            process.kill_group()
            await process.wait()
