"""P8: 99 of 100 cache operations take less than a millisecond, measured on the real engine under load.

The machine is shared with other tests, so the load comes in short bursts, and the kernel is asked after each whether it kept us or the
engine waiting for a processor: such a burst says nothing about the cache. What the engine took by its own clock holds for all.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from directfanz.backends import Backends
from directfanz.backends.cache.contract import Cache
from directfanz.backends.cache.rate_limit import Limit, RateLimiter

LIMIT_SECONDS = 0.001
BURST, CALLERS = 60, 4
ENOUGH_OPERATIONS = 3000
# Of a burst of about 5 ms. Half a limit: less than this cannot make an operation miss it.
MAY_WAIT_SECONDS = 0.0005


def waited_seconds(*pids: int) -> float:
    """For a processor, since they began. Only Linux tells; elsewhere every burst counts."""
    if sys.platform != "linux":
        return 0
    return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) for pid in pids) / 1e9


def operations(cache: Cache, limiter: RateLimiter, chance: random.Random) -> list[Callable[[], Awaitable[object]]]:
    """What the platform does all day, on keys of its sizes."""
    key = f"p8:{chance.randrange(5000)}"
    return [
        lambda: cache.get(key),
        lambda: cache.get(key),
        lambda: cache.get(key),
        lambda: cache.get_many([f"p8:{chance.randrange(5000)}" for _ in range(5)]),
        lambda: cache.set(key, "x" * chance.choice([50, 200, 8000]), ttl_seconds=60),
        lambda: cache.increment(f"{key}:n", ttl_seconds=60),
        lambda: limiter.take(key, "p8", Limit(100, 60)),
        lambda: cache.delete(key),
        lambda: cache.publish(f"p8:{chance.randrange(100)}", b"x" * 200),
    ]


async def burst(cache: Cache, limiter: RateLimiter, chance: random.Random) -> list[float]:
    """The seconds that each operation took, with several callers at a time."""
    seconds: list[float] = []

    async def caller() -> None:
        for _ in range(BURST // CALLERS):
            operation = chance.choice(operations(cache, limiter, chance))
            began = time.perf_counter()
            await operation()
            seconds.append(time.perf_counter() - began)

    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return seconds


@pytest.mark.property("P8")
async def test_99_of_100_operations_take_less_than_a_millisecond(backends: Backends) -> None:
    cache, chance = backends.cache, random.Random(8)
    limiter = RateLimiter(cache, backends.clock, backends.telemetry)
    await asyncio.gather(*(cache.set(f"p8:{number}", "x" * 200, ttl_seconds=60) for number in range(5000)))
    server = (await cache.command("INFO", "server", key="p8")).decode()
    pids = (os.getpid(), int(re.findall(r"process_id:(\d+)", server)[0]))
    await cache.command("CONFIG", "RESETSTAT", key="p8")
    seconds: list[float] = []
    async with asyncio.timeout(60):
        while len(seconds) < ENOUGH_OPERATIONS:
            before = waited_seconds(*pids)
            took = await burst(cache, limiter, chance)
            if waited_seconds(*pids) - before < MAY_WAIT_SECONDS:
                seconds += took
    assert statistics.quantiles(seconds, n=100)[98] < LIMIT_SECONDS
    told = (await cache.command("INFO", "latencystats", key="p8")).decode()
    by_engine = dict(re.findall(r"latency_percentiles_usec_([\w|]+):.*?p99=([\d.]+)", told))
    for command in ("get", "set", "del", "evalsha", "spublish"):
        assert float(by_engine[command]) < LIMIT_SECONDS * 1e6, command
