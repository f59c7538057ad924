"""Time as a backend, so that a test lives a year in a second.

Guarantees: `now` is in UTC and never None; `monotonic` never goes back, in seconds; `sleep` returns no earlier than
asked. Nothing else in `src/` may ask the machine for the time.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...
