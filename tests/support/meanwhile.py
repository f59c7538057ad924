"""What goes on while a test does something to it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

from directfanz.backends.cache.contract import Cache
from directfanz.errors import Unavailable

PATIENCE_SECONDS = 60
LOOK_EVERY_SECONDS = 0.02


@contextlib.asynccontextmanager
async def meanwhile(work: Callable[[], Awaitable[None]], copies: int) -> AsyncIterator[None]:
    """Copies of `work` run until the block ends; one that fails fails the test."""
    going_on = [asyncio.ensure_future(work()) for _ in range(copies)]
    try:
        yield
    finally:
        for task in going_on:
            task.cancel()
        results = await asyncio.gather(*going_on, return_exceptions=True)
    for result in results:
        if not isinstance(result, asyncio.CancelledError):
            raise AssertionError("it ended before its time") from result


async def until(true: Callable[[], object | Awaitable[object]]) -> None:
    """For what no event tells: another process' state. Asks until the answer is true."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (await answer if isinstance(answer := true(), Awaitable) else answer):  # noqa: ASYNC110
            await asyncio.sleep(LOOK_EVERY_SECONDS)


class Counting:
    """Increments one counter, and tells what was acknowledged from what may or may not have happened."""

    def __init__(self, cache: Cache) -> None:
        self.cache = cache
        self.acknowledged = 0
        self.unknown = 0

    async def go_on(self) -> None:
        while True:
            self.unknown += 1  # until the answer is there; a cancelled one stays unknown
            try:
                await self.cache.increment("counter")
            except Unavailable:
                await asyncio.sleep(0)
            else:
                self.acknowledged += 1
                self.unknown -= 1

    async def reaches(self, acknowledged: int) -> None:
        await until(lambda: self.acknowledged >= acknowledged)
