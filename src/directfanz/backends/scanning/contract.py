"""Is there something in these bytes that harms whoever opens them?

- One `scan` per file: `feed` all its bytes in order, then `end`. Whoever leaves early gets no verdict.
- `found` names what was found; None means that nothing was. `looked_at` is how many bytes were looked at: an engine with a limit
  stops there, and what comes behind is not known.
- `Unavailable` when the engine does not answer: the file waits, it is not waved through.
- Memory does not grow with the file.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    found: str | None
    looked_at: int


class Scan(Protocol):
    async def feed(self, chunk: bytes) -> None: ...

    async def end(self) -> Verdict: ...


class Scanner(Protocol):
    def scan(self) -> AbstractAsyncContextManager[Scan]: ...

    async def ping(self) -> None: ...
