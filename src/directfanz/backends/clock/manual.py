"""A clock that is moved by hand: for tests, drills and forecasts."""

from __future__ import annotations

import asyncio
import heapq
from datetime import UTC, datetime, timedelta

# Turns of the loop that whoever wakes gets before time moves on: enough for a lock, a queue and a task in between.
TURNS = 10


class ManualClock:
    """Sleepers wake, in order of their time, when `advance` passes them."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock starts at a moment with a time zone")
        self._start = start.astimezone(UTC)
        self._elapsed = timedelta()
        self._sleepers: list[tuple[timedelta, int, asyncio.Future[None]]] = []
        self._count = 0

    def now(self) -> datetime:
        return self._start + self._elapsed

    def monotonic(self) -> float:
        return self._elapsed.total_seconds()

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (self._elapsed + timedelta(seconds=seconds), self._count, waiter))
        await waiter

    async def advance(self, by: timedelta) -> None:
        """Move on; whoever wakes runs before time goes further, so order is as it would be in life."""
        if by < timedelta():
            raise ValueError("time does not go back")
        until = self._elapsed + by
        while self._sleepers and self._sleepers[0][0] <= until:
            self._elapsed, _, waiter = heapq.heappop(self._sleepers)
            if not waiter.done():
                waiter.set_result(None)
                await _others()
        self._elapsed = until
        await _others()


async def _others() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)
