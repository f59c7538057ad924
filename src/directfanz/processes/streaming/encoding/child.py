"""One ffmpeg: fed with tags, read sample by sample. Whoever owns it decides what becomes of a death."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import struct
import subprocess
from collections.abc import Callable, Sequence
from typing import cast

from directfanz.processes.streaming.cmaf.fragment import Sample
from directfanz.processes.streaming.cmaf.reading import Header, read_header, read_moof, samples_of
from directfanz.processes.streaming.packaging.source import Tag
from directfanz.processes.streaming.rtmp.chunks import VIDEO

# More than this unread by the child means that it cannot keep up, or hangs.
MOST_QUEUED_BYTES = 8 << 20
PIPE_BYTES = 1 << 20
F_SETPIPE_SZ = 1031
LAST_WORDS = 2000
FLV_VIDEO, FLV_AUDIO = b"FLV\x01\x01\0\0\0\x09\0\0\0\0", b"FLV\x01\x04\0\0\0\x09\0\0\0\0"


class Output(asyncio.Protocol):
    """Reads one pipe: a header, then fragments."""

    def __init__(self, on_header: Callable[[bytes, Header], None], on_samples: Callable[[list[Sample]], None]) -> None:
        self._on_header, self._on_samples = on_header, on_samples
        self._buffer = bytearray()
        self._kind = self._moof = b""
        self.transport: asyncio.ReadTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.ReadTransport, transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= 8:
            size = int.from_bytes(self._buffer[:4], "big")
            if len(self._buffer) < size:
                return
            box = bytes(self._buffer[:size])
            del self._buffer[: max(size, 8)]
            self._take(box)

    def _take(self, box: bytes) -> None:
        kind = box[4:8]
        if kind == b"ftyp":
            self._kind = box
        elif kind == b"moov":
            header = self._kind + box
            self._on_header(header, read_header(header))
        elif kind == b"moof":
            self._moof = box
        elif kind == b"mdat" and self._moof:
            moof, self._moof = read_moof(self._moof, 8, len(self._moof)), b""
            self._on_samples(samples_of(moof, box[8:]))


class _Input(asyncio.BaseProtocol):
    """The child's standard input. That it is closed is seen by the child's death."""

    def pause_writing(self) -> None: ...

    def resume_writing(self) -> None: ...

    def connection_lost(self, exc: Exception | None) -> None: ...


class Child:
    def __init__(self, on_death: Callable[[Child], None]) -> None:
        self._on_death = on_death
        self._process: subprocess.Popen[bytes] | None = None
        self._input: asyncio.WriteTransport | None = None
        self._early: list[bytes] = []
        self._outputs: Sequence[Output] = ()
        self._errors = b""
        self._opening: asyncio.Task[None] | None = None
        self.is_behind = False

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        return 0 if self._process is None else self._process.pid

    @property
    def last_words(self) -> str:
        return self._errors.decode("utf-8", "replace").strip()

    def start(self, argv: Callable[[Sequence[int]], list[str]], outputs: Sequence[Output], *, is_video: bool) -> None:
        self._outputs = outputs
        reads, writes = zip(*(os.pipe() for _ in outputs), strict=True)
        feed_read, feed_write = os.pipe()
        error_read, error_write = os.pipe()
        for pipe in (feed_write, *writes):
            with contextlib.suppress(OSError):
                _enlarge(pipe)
        try:
            self._process = subprocess.Popen(
                argv(writes), stdin=feed_read, stdout=subprocess.DEVNULL, stderr=error_write, pass_fds=writes,
                start_new_session=True,
            )  # fmt: skip
        finally:
            for pipe in (feed_read, error_write, *writes):
                os.close(pipe)
        loop = asyncio.get_running_loop()
        self._early = [FLV_VIDEO if is_video else FLV_AUDIO]
        self._watch()
        self._opening = loop.create_task(self._open(feed_write, error_read, reads))

    def feed(self, tag: Tag) -> None:
        """Bytes that it does not take in time are dropped from here to the next segment; `is_behind` says so."""
        if self._input is not None and self._input.get_write_buffer_size() > MOST_QUEUED_BYTES:
            self.is_behind = True
        if self.is_behind and tag.cut is None and not tag.is_config:
            return
        self.is_behind = False
        data = flv_tag(tag)
        if self._input is None:
            self._early.append(data)
        elif not self._input.is_closing():
            self._input.write(data)

    def kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def finish(self) -> None:
        """Nothing more comes: it writes what it has and ends."""
        if self._input is not None:
            self._input.close()

    async def _open(self, feed: int, errors: int, reads: Sequence[int]) -> None:
        loop = asyncio.get_running_loop()
        for pipe, output in zip(reads, self._outputs, strict=True):
            await loop.connect_read_pipe(lambda output=output: output, os.fdopen(pipe, "rb", 0))  # type: ignore[misc]
        await loop.connect_read_pipe(lambda: _Errors(self), os.fdopen(errors, "rb", 0))
        transport, _ = await loop.connect_write_pipe(_Input, os.fdopen(feed, "wb", 0))
        transport.write(b"".join(self._early))
        self._early = []
        self._input = transport

    def _watch(self) -> None:
        assert self._process is not None
        pidfd = os.pidfd_open(self._process.pid)
        asyncio.get_running_loop().add_reader(pidfd, self._died, pidfd)

    def _died(self, pidfd: int) -> None:
        asyncio.get_running_loop().remove_reader(pidfd)
        os.close(pidfd)
        assert self._process is not None
        self._process.wait()
        if self._input is not None and not self._input.is_closing():
            self._input.abort()
        # What it wrote before its end is still read: the pipes are closed behind it.
        self._on_death(self)

    def heard(self, data: bytes) -> None:
        self._errors = (self._errors + data)[-LAST_WORDS:]


class _Errors(asyncio.Protocol):
    def __init__(self, child: Child) -> None:
        self._child = child

    def data_received(self, data: bytes) -> None:
        self._child.heard(data)


def flv_tag(tag: Tag) -> bytes:
    size, time = len(tag.body), max(0, tag.time)
    kind = 9 if tag.kind == VIDEO else 8
    low = time & 0xFFFFFF
    head = struct.pack(">BBHBHB3x", kind, size >> 16, size & 0xFFFF, low >> 16, low & 0xFFFF, time >> 24 & 0xFF)
    return b"".join((head, tag.body, (size + 11).to_bytes(4, "big")))


def _enlarge(pipe: int) -> None:
    import fcntl

    fcntl.fcntl(pipe, F_SETPIPE_SZ, PIPE_BYTES)
