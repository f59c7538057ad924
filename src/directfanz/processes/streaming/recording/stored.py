"""Segments of `hybrid` streams in the store: viewers rewind from there, also in the lower renditions, and a task needs no disk for it.

What is new comes from memory; a segment leaves that only when the store has it, or when nobody may rewind so far."""

from __future__ import annotations

import asyncio
import logging
from uuid import UUID

from directfanz.backends.clock.contract import Clock
from directfanz.backends.storage.contract import Bucket
from directfanz.errors import DirectFanzError
from directfanz.processes.streaming.packaging.segments import Segment
from directfanz.processes.streaming.packaging.track import Track

FOLDER = "live"
MOST_WAITING = 64
RETRY_SECONDS, MOST_TRIES = 1.0, 5
LONG = "public, max-age=3600, immutable"
log = logging.getLogger("directfanz.streaming")


class Stored:
    def __init__(self, bucket: Bucket, clock: Clock, stream_id: UUID) -> None:
        self._bucket, self._clock = bucket, clock
        self._folder = f"{FOLDER}/{stream_id.hex}"
        self._waiting: asyncio.Queue[tuple[Track, Segment]] = asyncio.Queue(MOST_WAITING)
        self._task = asyncio.create_task(self._run())

    def attach(self, track: Track) -> None:
        track.on_segment.append(self._whole)

    async def read(self, track: Track, number: int) -> bytes:
        return await self._bucket.get(self._key(track, number))

    async def remove(self) -> None:
        """The stream is over, and nobody watches its end any more."""
        await self.close()
        try:
            keys = [found.key async for found in self._bucket.walk(f"{self._folder}/")]
            if keys:
                await self._bucket.delete(*keys)
        except DirectFanzError as error:
            log.warning("segments in %s stay in the store: %s", self._folder, error.message)

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def _whole(self, track: Track, segment: Segment) -> None:
        """A store that is slow keeps nobody from watching: what does not fit cannot be rewound to."""
        if not self._waiting.full():
            self._waiting.put_nowait((track, segment))

    async def _run(self) -> None:
        while True:
            track, segment = await self._waiting.get()
            data = b"".join(part.data for part in segment.parts)
            for _ in range(MOST_TRIES if data else 0):
                try:
                    await self._bucket.put(
                        self._key(track, segment.number), data, content_type="video/mp4", cache_control=LONG
                    )
                except DirectFanzError as error:
                    log.warning("a segment is not in the store yet: %s", error.message)
                    await self._clock.sleep(RETRY_SECONDS)
                else:
                    segment.is_stored = True
                    break

    def _key(self, track: Track, number: int) -> str:
        return f"{self._folder}/{track.name}/{number}.m4s"
