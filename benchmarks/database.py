"""What a query costs the process that asks: our pool beside asyncpg's own and beside a bare prepared statement.

python -m benchmarks.database

CPU time of this process per query, so a busy machine changes little; contenders take turns, the median of the rounds counts.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import uvloop
from rich.console import Console
from rich.table import Table

from directfanz.backends.clock.system import SystemClock
from directfanz.backends.database.contract import Writer
from directfanz.backends.database.postgres import Postgres
from directfanz.backends.telemetry import open_telemetry
from directfanz.platform_toml import load_platform
from tests.support.engines import REPOSITORY, begin_run, end_run, shared_engines
from tests.support.worlds import World, make_world

SQL = "SELECT g AS id, 'name ' || g AS name, now() AS at FROM generate_series(1, $1::int) g"
ROUNDS, QUERIES, AT_ONCE, ROWS = 7, 8000, 8, 1
Ask = Callable[[], Awaitable[object]]


async def cpu_per_query(ask: Ask) -> float:
    """Microseconds."""

    async def worker() -> None:
        for _ in range(QUERIES // AT_ONCE):
            await ask()

    before = time.process_time()
    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return (time.process_time() - before) / QUERIES * 1e6


class Lean:
    """As little as can be: connections with one statement prepared, in a list. No limits, no faults, no figures."""

    def __init__(self, statements: list[asyncpg.prepared_stmt.PreparedStatement]) -> None:
        self._idle = statements

    async def fetch(self) -> object:
        statement = self._idle.pop()
        try:
            return await statement.fetch(ROWS)
        finally:
            self._idle.append(statement)


async def no_reset(connection: object) -> None:
    pass


async def measure(world: World) -> dict[str, list[float]]:
    url, platform = str(world.settings.database_url), load_platform(REPOSITORY / "platform.toml")
    telemetry = open_telemetry(world.settings, platform, "bench")
    ours = Postgres(url, platform.database, SystemClock(), telemetry)
    await ours.start()
    connections = [await asyncpg.connect(url) for _ in range(AT_ONCE)]
    lean = Lean([await connection.prepare(SQL) for connection in connections])
    pool = await asyncpg.create_pool(url, min_size=AT_ONCE, max_size=AT_ONCE)
    quiet_pool = await asyncpg.create_pool(url, min_size=AT_ONCE, max_size=AT_ONCE, reset=no_reset)

    async def in_transaction(tx: Writer) -> object:
        return await tx.fetch(SQL, ROWS)

    async def asyncpg_transaction() -> object:
        async with pool.acquire() as connection, connection.transaction():
            return await connection.fetch(SQL, ROWS)

    contenders: dict[str, Ask] = {
        "a bare prepared statement": lean.fetch,
        "DirectFanz: database.fetch": lambda: ours.fetch(SQL, ROWS),
        "asyncpg's pool, no reset": lambda: quiet_pool.fetch(SQL, ROWS),
        "asyncpg's pool": lambda: pool.fetch(SQL, ROWS),
        "DirectFanz: a transaction": lambda: ours.run(in_transaction),
        "asyncpg's pool: a transaction": asyncpg_transaction,
    }
    seen: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, ask in contenders.items():
            seen[name].append(await cpu_per_query(ask))
    for part in (ours, pool, quiet_pool, *connections, telemetry):
        await part.close()
    return seen


def main() -> None:
    begin_run()
    try:
        with tempfile.TemporaryDirectory() as state:
            world = make_world(shared_engines(), f"bench_database_{os.getpid()}", 0, Path(state))
            seen = uvloop.run(measure(world))
    finally:
        end_run()
    table = Table("client", "us per query", "lowest", "to bare")
    bare = statistics.median(next(iter(seen.values())))
    for name, values in seen.items():
        middle = statistics.median(values)
        table.add_row(name, f"{middle:.1f}", f"{min(values):.1f}", f"{middle / bare:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
