"""What must be told to the database, in order, and again until it is heard: a stream goes on while the database is away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from directfanz.backends.clock.contract import Clock
from directfanz.errors import DirectFanzError

Told = Callable[[], Awaitable[object]]
MOST_WAITING = 1000
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 15.0
log = logging.getLogger("directfanz.streaming")


class Reporter:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._queue: asyncio.Queue[Told] = asyncio.Queue(MOST_WAITING)

    def tell(self, told: Told) -> None:
        try:
            self._queue.put_nowait(told)
        except asyncio.QueueFull:
            log.error("too much waits to be told to the database: something about a stream is lost")

    async def run(self) -> None:
        while True:
            told = await self._queue.get()
            try:
                await self._until_heard(told)
            finally:
                self._queue.task_done()

    async def settle(self, within_seconds: float) -> None:
        """Waits until all is told."""
        try:
            async with asyncio.timeout(within_seconds):
                await self._queue.join()
        except TimeoutError:
            log.error("%s reports about streams were not heard", self._queue.qsize())

    async def _until_heard(self, told: Told) -> None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                await told()
            except DirectFanzError as error:
                if not error.retryable:
                    log.warning("a report about a stream was refused: %s", error.message)
                    return
            except Exception:
                log.exception("a report about a stream failed")
                return
            else:
                return
            await self._clock.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
