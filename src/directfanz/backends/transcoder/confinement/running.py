"""Runs one confined program: its lines as they come, its end told in our words."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from directfanz.backends.transcoder.contract import BadMedia
from directfanz.errors import Rejected, Unavailable
from directfanz.platform_toml.media import Processing

log = logging.getLogger("directfanz.transcoder")
LAUNCHER = Path(__file__).with_name("launcher.py")
SAID_BYTES = 64 * 1024
LINE_BYTES = 64 * 1024
MIB, GIB = 1024**2, 1024**3
# Niced behind others on a busy machine, a run may take many times its processor time.
WALL_PER_CPU = 6


class Ended(msgspec.Struct, frozen=True):
    code: int
    said: str  # the last of its standard error

    def require_success(self, reason: str = "unreadable", words: str = "") -> None:
        if self.code != 0:
            raise BadMedia(reason, words or "This file cannot be read to its end. It may be damaged.")


class Confinement:
    def __init__(self, rules: Processing) -> None:
        self._rules = rules

    async def run(
        self,
        command: Sequence[str],
        *,
        cpu_seconds: int | None = None,
        line: Callable[[str], None] | None = None,
        folder: Path | None = None,
    ) -> Ended:
        """`line` hears each line of standard output. A program that runs into a limit raises `BadMedia`."""
        cpu = cpu_seconds or self._rules.cpu_seconds
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-S", str(LAUNCHER), self._limits(cpu), *command,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            limit=LINE_BYTES, cwd=folder, start_new_session=True,
        )  # fmt: skip
        try:
            async with asyncio.timeout(cpu * WALL_PER_CPU):
                said, _ = await asyncio.gather(_tail(process.stderr), _lines(process.stdout, line))
                code = await process.wait()
        except TimeoutError:
            raise BadMedia("too_much_work", "Reading this file takes longer than we allow.") from None
        finally:
            await _end(process)
        if code != 0 and said:
            log.info("%s ended with %s: %s", Path(command[0]).name, code, said.strip().splitlines()[-1][:200])
        _explain(code, said)
        return Ended(code, said)

    def _limits(self, cpu_seconds: int) -> str:
        rules = self._rules
        return json.dumps(
            {
                "memory": rules.memory_mib * MIB,
                "cpu": cpu_seconds,
                "file": rules.scratch_gib * GIB,
                "nice": rules.nice,
                "parent": os.getpid(),
            }
        )


async def _lines(stream: asyncio.StreamReader | None, line: Callable[[str], None] | None) -> None:
    assert stream is not None
    while True:
        try:
            read = await stream.readline()
        except ValueError:
            raise BadMedia("unreadable", "This file makes no sense to the programs that read it.") from None
        if not read:
            return
        if line is not None:
            line(read.decode("utf-8", "replace").rstrip("\r\n"))


async def _tail(stream: asyncio.StreamReader | None) -> str:
    assert stream is not None
    kept = b""
    while piece := await stream.read(LINE_BYTES):
        kept = (kept + piece)[-SAID_BYTES:]
    return kept.decode("utf-8", "replace")


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _explain(code: int, said: str) -> None:
    """Limits first: they are no fault in the reading, and say something else to who sent the file."""
    if code == -signal.SIGXCPU:
        raise BadMedia("too_much_work", "Reading this file takes more work than we allow.")
    if code == -signal.SIGXFSZ or (code != 0 and "File too large" in said):
        raise BadMedia("too_large", "What this file unpacks to is larger than we allow.")
    if code != 0 and ("Cannot allocate memory" in said or "MemoryError" in said or "std::bad_alloc" in said):
        raise BadMedia("too_much_memory", "Reading this file needs more memory than we allow.")
    if "No space left on device" in said:
        raise Unavailable("The worker has no room left on its disk.")
    if code in (-signal.SIGKILL, -signal.SIGTERM):
        raise Unavailable("The program that reads the file was ended from outside.")
    if code in (-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGFPE, -signal.SIGILL):
        raise BadMedia("unreadable", "This file breaks the programs that read it. It may be damaged.")
    if code == 127 or "No such file or directory" in said.splitlines()[-1:]:
        raise Rejected("The program that reads files is not there.")
