"""What a cached read costs the process that asks: our client beside redis-py and beside a bare pipelined socket.

python -m benchmarks.cache

CPU time of this process per GET of 200 bytes, and how long one takes (P8: 99 of 100 under a millisecond). Contenders take turns;
the median of the rounds counts.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import deque
from collections.abc import Awaitable, Callable

import hiredis
import redis.asyncio
import uvloop
from rich.console import Console
from rich.table import Table

from directfanz.backends.cache import address
from directfanz.backends.cache.cluster import ValkeyCluster
from directfanz.backends.cache.connection import Options
from directfanz.backends.cache.valkey import ValkeyCache
from directfanz.platform_toml import load_platform
from tests.support.engines import REPOSITORY, Engines, begin_run, end_run, shared_engines
from tests.support.telemetry import Figures
from tests.support.valkey_cluster import PASSWORD, own_cluster

ROUNDS, READS = 7, 20_000
KEY, VALUE = "bench:session", b"x" * 200
Get = Callable[[], Awaitable[object]]


class Bare(asyncio.Protocol):
    """As little as can be: one socket, one write per turn, answers in order. No limits, no faults, no reconnect."""

    def __init__(self) -> None:
        self._reader, self._waiting, self._out = hiredis.Reader(), deque[asyncio.Future[object]](), list[bytes]()
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        while (reply := self._reader.gets()) is not False:
            self._waiting.popleft().set_result(reply)

    def ask(self, *words: str) -> asyncio.Future[object]:
        answer: asyncio.Future[object] = self._loop.create_future()
        self._waiting.append(answer)
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out.append(hiredis.pack_command(words))  # type: ignore[arg-type]  # described as a tuple of one
        return answer

    def _flush(self) -> None:
        self._transport.write(b"".join(self._out))  # type: ignore[attr-defined]  # a socket's
        self._out.clear()


async def measure_one(get: Get, at_once: int, reads: int) -> tuple[float, float]:
    """CPU microseconds per read, and the milliseconds that 99 of 100 stay under."""
    seconds: list[float] = []

    async def worker() -> None:
        for _ in range(reads // at_once):
            began = time.perf_counter()
            await get()
            seconds.append(time.perf_counter() - began)

    before = time.process_time()
    await asyncio.gather(*(worker() for _ in range(at_once)))
    return (time.process_time() - before) / reads * 1e6, statistics.quantiles(seconds, n=100)[98] * 1e3


async def measure(engines: Engines) -> dict[tuple[str, int], list[tuple[float, float]]]:
    errors = Figures(load_platform(REPOSITORY / "platform.toml")).counter("cache_errors_total")
    loop, password = asyncio.get_running_loop(), engines.valkey_password
    ours = ValkeyCache(address(f"127.0.0.1:{engines.valkey_port}"), Options(password=password), errors)
    await ours.start()
    _, bare = await loop.create_connection(Bare, "127.0.0.1", engines.valkey_port)
    await bare.ask("AUTH", password)
    theirs = redis.asyncio.Redis(host="127.0.0.1", port=engines.valkey_port, password=password, max_connections=64)
    seen: dict[tuple[str, int], list[tuple[float, float]]] = {}
    async with own_cluster() as nodes:
        cluster = ValkeyCluster([address(seed) for seed in nodes.seeds], Options(password=PASSWORD), errors)
        await cluster.start()
        for cache in (ours, cluster):
            await cache.set(KEY, VALUE)
        contenders: dict[str, Get] = {
            "a bare pipelined socket": lambda: bare.ask("GET", KEY),
            "DirectFanz: one node": lambda: ours.get(KEY),
            "DirectFanz: a cluster": lambda: cluster.get(KEY),
            "redis-py with hiredis": lambda: theirs.get(KEY),
        }
        for _ in range(ROUNDS):
            for name, get in contenders.items():
                for at_once in (1, 8, 64):
                    seen.setdefault((name, at_once), []).append(await measure_one(get, at_once, READS))
        await cluster.close()
    await ours.close()
    await theirs.aclose()
    bare._transport.close()
    return seen


def main() -> None:
    begin_run()
    try:
        seen = uvloop.run(measure(shared_engines()))
    finally:
        end_run()
    table = Table("client", "at once", "CPU us per GET", "lowest", "to bare", "p99 ms")
    for (name, at_once), values in sorted(seen.items(), key=lambda each: each[0][1]):
        cpu = statistics.median(value[0] for value in values)
        bare = statistics.median(value[0] for value in seen["a bare pipelined socket", at_once])
        p99 = statistics.median(value[1] for value in values)
        lowest = min(value[0] for value in values)
        table.add_row(name, str(at_once), f"{cpu:.1f}", f"{lowest:.1f}", f"{cpu / bare:.2f}", f"{p99:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
