"""Known marks in the bytes themselves: what one machine has without an engine. It finds the test file that all scanners find, and
little else; who runs a platform for others sets `clamd_address`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from directfanz.backends.scanning.contract import Verdict

# In two pieces, so that no scanner takes this file for it.
MARKS = {b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*": "EICAR test file"}
_LONGEST = max(len(mark) for mark in MARKS)


class Signatures:
    @asynccontextmanager
    async def scan(self) -> AsyncIterator[MarkScan]:
        yield MarkScan()

    async def ping(self) -> None:
        """Always there."""


class MarkScan:
    def __init__(self) -> None:
        self._tail = b""
        self._looked_at = 0
        self._found: str | None = None

    async def feed(self, chunk: bytes) -> None:
        """A mark may lie across two chunks: the last bytes of one are looked at again with the next."""
        joint = self._tail + chunk[:_LONGEST]
        for mark, name in MARKS.items():
            if mark in joint or mark in chunk:
                self._found = self._found or name
        self._tail = (self._tail + chunk)[-(_LONGEST - 1) :] if len(chunk) < _LONGEST else chunk[-(_LONGEST - 1) :]
        self._looked_at += len(chunk)

    async def end(self) -> Verdict:
        return Verdict(found=self._found, looked_at=self._looked_at)
