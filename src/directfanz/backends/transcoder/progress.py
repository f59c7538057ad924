"""How much of an order is done, told as it grows."""

from __future__ import annotations

import asyncio

from directfanz.backends.transcoder.contract import Tell

TICK_SECONDS = 1.0
ALMOST = 0.999


class Meter:
    """The work is a row of parts with a weight each; all weights are 1."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._before = 0.0
        self._weight = 0.0
        self._length = 1.0
        self._at = 0.0
        self._told = 0.0

    def begin(self, weight: float, seconds: float) -> None:
        self._before += self._weight
        self._weight, self._length, self._at = weight, max(seconds, 0.001), 0.0

    def line(self, text: str) -> None:
        """ffmpeg's `-progress`: out_time_us=1234567 (or N/A)."""
        if text.startswith("out_time_us=") and (told := text.removeprefix("out_time_us=")).isdigit():
            self._at = min(int(told) / 1_000_000 / self._length, 1.0)

    async def until(self, running: asyncio.Future[object] | asyncio.Task[object]) -> None:
        while not running.done():
            await asyncio.wait([running], timeout=TICK_SECONDS)
            await self._say(min(self._before + self._weight * self._at, ALMOST))

    async def finish(self) -> None:
        await self._say(1.0)

    async def _say(self, share: float) -> None:
        if share > self._told:
            self._told = share
            await self._tell(share)
