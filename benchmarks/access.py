"""What it costs to ask whether somebody may see something: from the cache, and from the database when the cache knows nothing.

    python -m benchmarks.access

Each beside the least that such an answer could cost in the same run: a bare GET through our client, and a prepared SELECT of one row.
100,000 entitlements of 2,000 fans with 50 pages. The aims: 99 of 100 under 1 ms from the cache and under 5 ms from the database.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import uvloop
from rich.console import Console
from rich.table import Table

from directfanz.backends import Backends
from directfanz.backends.assembly import opened
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Need
from directfanz.domains.entitlements.service import memory
from directfanz.kit.ids import new_id
from tests.support.engines import begin_run, end_run, shared_engines
from tests.support.worlds import make_world

FANS, PAGES = 2_000, 50
ROUNDS, CHECKS = 5, 5_000
AIMS_MS = {"from the cache": 1.0, "from the database": 5.0}
Check = Callable[[UUID, UUID], Awaitable[object]]


async def fill(backends: Backends) -> tuple[list[UUID], list[UUID]]:
    now = datetime.now(UTC)
    fans, pages = [new_id() for _ in range(FANS)], [new_id() for _ in range(PAGES)]
    async with backends.database.writing() as tx:
        await tx.execute_many(
            """INSERT INTO users (id, email, handle, display_name, status, status_changed_at, created_at, updated_at)
               VALUES ($1, $2, $3, 'Ben', 'active', $4, $4, $4)""",
            [(fan, f"fan{i}@example.com", f"fan_{i}", now) for i, fan in enumerate(fans)],
        )
        await tx.execute_many(
            """INSERT INTO creators (id, slug, name, accent, currency, country, created_at, updated_at)
               VALUES ($1, $2, 'Ada', '#0b7a70', 'EUR', 'DE', $3, $3)""",
            [(page, f"page-{i}x", now) for i, page in enumerate(pages)],
        )
    for some in (fans[start : start + 100] for start in range(0, FANS, 100)):
        async with backends.database.writing() as tx:
            await tx.execute_many(
                """INSERT INTO entitlements (id, user_id, creator_id, scope, rank, source, source_id, tier_name, starts_at, ends_at)
                   VALUES ($1, $2, $3, 'tier', 1, 'membership', $1, 'Gold', $4, $5)""",
                [(new_id(), fan, page, now, now + timedelta(days=31)) for fan in some for page in pages],
            )
    return fans, pages


async def measure_one(check: Check, pairs: list[tuple[UUID, UUID]]) -> tuple[float, float]:
    """The median and the 99th of 100, in milliseconds, one after the other."""
    seconds: list[float] = []
    for fan, page in pairs:
        began = time.perf_counter()
        await check(fan, page)
        seconds.append(time.perf_counter() - began)
    cuts = statistics.quantiles(seconds, n=100)
    return cuts[49] * 1e3, cuts[98] * 1e3


async def measure(backends: Backends) -> dict[str, list[tuple[float, float]]]:
    fans, pages = await fill(backends)
    chance = random.Random(3)
    pairs = [(chance.choice(fans), chance.choice(pages)) for _ in range(CHECKS)]

    async def decide(fan: UUID, page: UUID) -> object:
        found = await entitlements.decide(backends, fan, Need(creator_id=page, access="rank", min_rank=1))
        assert found.allowed
        return found

    async def bare_get(fan: UUID, page: UUID) -> object:
        return await backends.cache.get(memory.key_of(fan, page))

    async def bare_select(fan: UUID, page: UUID) -> object:
        sql = "SELECT rank FROM entitlements WHERE user_id = $1 AND creator_id = $2 AND revoked_at IS NULL"
        return await backends.database.fetch_row(sql, fan, page)

    seen: dict[str, list[tuple[float, float]]] = {}
    for _ in range(ROUNDS):
        await bury(backends, pairs)  # while a stone lies there, rows are read and nothing is remembered
        seen.setdefault("from the database", []).append(await measure_one(decide, pairs))
        seen.setdefault("a prepared SELECT", []).append(await measure_one(bare_select, pairs))
        await unbury(backends, pairs)
        for pair in pairs:
            await decide(*pair)
        seen.setdefault("from the cache", []).append(await measure_one(decide, pairs))
        seen.setdefault("a bare GET", []).append(await measure_one(bare_get, pairs))
    return seen


async def bury(backends: Backends, pairs: list[tuple[UUID, UUID]]) -> None:
    for fan, page in pairs:
        await backends.cache.set(memory.key_of(fan, page), memory.STONE, ttl_seconds=600)


async def unbury(backends: Backends, pairs: list[tuple[UUID, UUID]]) -> None:
    for fan, page in pairs:
        await backends.cache.delete(memory.key_of(fan, page))


async def run() -> dict[str, list[tuple[float, float]]]:
    with tempfile.TemporaryDirectory() as folder:
        world = await asyncio.to_thread(make_world, shared_engines(), "bench_access", 1, Path(folder))
        async with opened(world.settings, service="bench") as backends:
            return await measure(backends)


def main() -> None:
    begin_run()
    try:
        seen = uvloop.run(run())
    finally:
        end_run()
    table = Table("may they?", "median ms", "p99 ms", "lowest p99", "p99 to bare", "aim")
    for name, bare in (("from the cache", "a bare GET"), ("from the database", "a prepared SELECT")):
        for each in (bare, name):
            median = statistics.median(value[0] for value in seen[each])
            p99 = statistics.median(value[1] for value in seen[each])
            least = statistics.median(value[1] for value in seen[bare])
            lowest = min(value[1] for value in seen[each])
            aim = f"< {AIMS_MS[each]:g} ms" if each in AIMS_MS else ""
            table.add_row(each, f"{median:.3f}", f"{p99:.3f}", f"{lowest:.3f}", f"{p99 / least:.2f}", aim)
    Console().print(table)


if __name__ == "__main__":
    main()
