"""Reads from the publishers that are on the air: from all of them, twenty times a second.

Encoders send a hundred small pieces a second. Read as each comes, every piece costs a turn of the loop and a call of the kernel, and
finds the processor's caches full of something else. Read together they cost half of that, and a picture is EVERY_SECONDS later at most.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable

EVERY_SECONDS = 0.05
READ_BYTES = 128 << 10
# More waits in the kernel, and so in the end at the encoder: 80 Mbit/s.
MOST_READS = 4
Take = Callable[[bytes], None]
log = logging.getLogger("directfanz.streaming.ingest")


class Sweep:
    def __init__(self) -> None:
        self._lines: dict[asyncio.Transport, tuple[int, Take]] = {}
        self._next: asyncio.TimerHandle | None = None

    def add(self, transport: asyncio.Transport, take: Take) -> bool:
        """From now on the loop does not read it any more. False for TLS, which only the loop can read."""
        if transport.get_extra_info("sslcontext") is not None:
            return False
        transport.pause_reading()
        self._lines[transport] = (transport.get_extra_info("socket").fileno(), take)
        self._next = self._next or asyncio.get_running_loop().call_later(EVERY_SECONDS, self._turn)
        return True

    def drop(self, transport: asyncio.Transport) -> None:
        self._lines.pop(transport, None)

    def _turn(self) -> None:
        for transport, (file, take) in tuple(self._lines.items()):
            try:
                self._read(transport, file, take)
            except Exception:  # one publisher's trouble is no matter of the others
                log.exception("a publisher could not be read")
                transport.abort()
        self._next = asyncio.get_running_loop().call_later(EVERY_SECONDS, self._turn) if self._lines else None

    def _read(self, transport: asyncio.Transport, file: int, take: Take) -> None:
        for _ in range(MOST_READS):
            if transport not in self._lines or transport.is_closing():
                return
            try:
                data = os.read(file, READ_BYTES)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:  # the loop finds out by itself how it ended
                self.drop(transport)
                transport.resume_reading()
                return
            take(data)
            if len(data) < READ_BYTES:
                return
