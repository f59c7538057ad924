"""Waiting for what a track does next, without a task for each who waits."""

from __future__ import annotations

import asyncio

from directfanz.processes.streaming.packaging.track import Track


class Bell:
    """Rings at every new part of a track; all who wait hear it."""

    def __init__(self, track: Track) -> None:
        self._waiting: set[asyncio.Future[bool]] = set()
        track.on_part.append(self._ring)

    def _ring(self, track: Track) -> None:
        waiting, self._waiting = self._waiting, set()
        for each in waiting:
            _tell(each, True)

    async def heard(self, until: float) -> bool:
        """False when nothing came before that time of the loop."""
        loop = asyncio.get_running_loop()
        if loop.time() >= until:
            return False
        ring: asyncio.Future[bool] = loop.create_future()
        self._waiting.add(ring)
        timer = loop.call_at(until, _tell, ring, False)
        try:
            return await ring
        finally:
            timer.cancel()
            self._waiting.discard(ring)


def _tell(ring: asyncio.Future[bool], heard: bool) -> None:
    if not ring.done():
        ring.set_result(heard)
