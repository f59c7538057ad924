"""A film passes through; it is never held."""

from __future__ import annotations

import tracemalloc
from collections.abc import AsyncIterator

from directfanz.backends.clock.system import SystemClock
from directfanz.backends.storage import open_storage
from directfanz.backends.storage.multipart import PART_BYTES, PARTS_AT_ONCE
from directfanz.backends.storage.reading import WINDOW_BYTES
from directfanz.backends.telemetry import open_telemetry
from directfanz.kit.ids import new_id
from directfanz.platform_toml import Platform
from tests.support.engines import Engines
from tests.support.plain_settings import plain_settings

FILM_BYTES = 24 * PART_BYTES
MIB = 1024 * 1024


async def film() -> AsyncIterator[bytes]:
    for _ in range(FILM_BYTES // MIB):
        yield bytes(MIB)


async def test_memory_is_bounded_by_parts_and_not_by_the_object(engines: Engines, platform: Platform) -> None:
    settings = plain_settings(
        storage_endpoint=engines.storage_endpoint,
        storage_access_key=engines.storage_access_key,
        storage_secret_key=engines.storage_secret_key,
        storage_prefix=f"mem-{new_id().hex[:20]}-",
    )
    storage = open_storage(settings, platform, SystemClock(), open_telemetry(settings, platform, "test"))
    await storage.ensure_buckets()
    bucket = storage.bucket("media")
    tracemalloc.start()
    try:
        stored = await bucket.put("film", film())
        put_peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        size = 0
        async for chunk in bucket.stream("film"):
            size += len(chunk)
        get_peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        await bucket.delete("film")
        await storage.close()

    assert stored.size == size == FILM_BYTES
    # Those on their way, the one cut off to follow, and the one that is filled while the cut is made.
    assert put_peak < (PARTS_AT_ONCE + 4) * PART_BYTES
    assert get_peak < 4 * WINDOW_BYTES
