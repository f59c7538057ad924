"""What is bounded, and what a cancelled task leaves behind: nothing."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import LiteralString

import msgspec
import psycopg
import pytest

from directfanz.backends.clock.system import SystemClock
from directfanz.backends.database.contract import Database, Writer
from directfanz.backends.database.postgres import Postgres
from directfanz.backends.telemetry.contract import Telemetry
from directfanz.errors import PoolExhausted, TimedOut
from directfanz.platform_toml import Platform
from directfanz.settings import Settings

ADD = "INSERT INTO conformance_notes (id, text, amount) VALUES ($1, $2, 0)"
RAISE = "UPDATE conformance_notes SET amount = amount + 1 WHERE id = 1"
OURS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'directfanz' AND datname = current_database()"


class Look:
    """A connection beside the pool, of the same role: it sees what the others are doing."""

    def __init__(self, connection: psycopg.AsyncConnection) -> None:
        self._connection = connection

    async def at(self, sql: LiteralString) -> int:
        row = await (await self._connection.execute(sql)).fetchone()
        assert row
        return int(row[0])

    async def until(self, sql: LiteralString, count: int) -> None:
        async with asyncio.timeout(10):
            while await self.at(sql) != count:
                pass


@pytest.fixture
async def look(settings: Settings) -> AsyncIterator[Look]:
    async with await psycopg.AsyncConnection.connect(settings.database_url, autocommit=True) as connection:
        yield Look(connection)


@pytest.fixture
async def tight(settings: Settings, platform: Platform, telemetry: Telemetry, table: None) -> AsyncIterator[Database]:
    """Two connections that read, two that write, and little patience."""
    limits = msgspec.structs.replace(
        platform.database, pool_min=2, pool_max=4, acquire_timeout_seconds=1, statement_timeout_seconds=1
    )
    database = Postgres(settings.database_url, limits, SystemClock(), telemetry)
    await database.start()
    async with database.writing() as tx:
        await tx.execute("DELETE FROM conformance_notes")
        await tx.execute(ADD, 1, "a")
    yield database
    await database.close()


async def test_waiting_for_a_connection_is_bounded(tight: Database) -> None:
    async with tight.reading(), tight.reading():
        with pytest.raises(PoolExhausted) as exhausted:
            await tight.fetch_value("SELECT 1")
        assert exhausted.value.status == 503
        assert exhausted.value.retry_after_seconds
        async with tight.writing() as tx:  # those who write are not held up by those who read
            assert await tx.fetch_value("SELECT 1") == 1
    assert await tight.fetch_value("SELECT 1") == 1


async def test_whoever_waits_gets_the_connection_that_comes_back(tight: Database) -> None:
    async with tight.reading():
        async with tight.reading():
            waiting = asyncio.create_task(tight.fetch_value("SELECT 7"))
            await asyncio.sleep(0)
            assert not waiting.done()
        assert await waiting == 7


async def test_whoever_waits_longest_is_served_first(tight: Database) -> None:
    served: list[int] = []

    async def ask(number: int) -> None:
        served.append(await tight.fetch_value("SELECT $1::int", number))

    async with tight.reading(), contextlib.AsyncExitStack() as held:
        await held.enter_async_context(tight.reading())
        waiting = [asyncio.create_task(ask(number)) for number in range(6)]
        await asyncio.sleep(0)
        await held.aclose()
        await asyncio.gather(*waiting)
    assert served == list(range(6))


async def test_a_statement_is_bounded(tight: Database) -> None:
    with pytest.raises(TimedOut) as slow:
        await tight.fetch_value("SELECT pg_sleep(30)")
    assert slow.value.status == 503
    with pytest.raises(TimedOut):
        async with tight.writing() as tx:
            await tx.fetch_value("SELECT pg_sleep(30)")
    assert await tight.fetch_value("SELECT 1") == 1


async def test_waiting_for_a_lock_is_bounded(tight: Database) -> None:
    async with tight.writing() as tx:
        await tx.execute(RAISE)
        with pytest.raises(TimedOut):
            async with tight.writing() as other:
                await other.execute(RAISE)


async def test_a_cancelled_query_ends_on_the_server_too(tight: Database, look: Look) -> None:
    running = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(0.9)' AND state = 'active'"
    sleeping = asyncio.create_task(tight.fetch_value("SELECT pg_sleep(0.9)"))
    await look.until(running, 1)
    sleeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sleeping
    await look.until(running, 0)
    async with tight.reading() as one, tight.reading() as other:  # both connections are free again
        assert await one.fetch_value("SELECT 1") == await other.fetch_value("SELECT 1") == 1


async def test_a_cancelled_transaction_is_undone_and_holds_no_lock(tight: Database) -> None:
    begun = asyncio.Event()

    async def slow(tx: Writer) -> None:
        await tx.execute(RAISE)
        begun.set()
        await tx.fetch_value("SELECT pg_sleep(0.9)")

    task = asyncio.create_task(tight.run(slow))
    await begun.wait()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with tight.writing() as tx:
        await tx.execute(RAISE)
    assert await tight.fetch_value("SELECT amount FROM conformance_notes") == 1


async def test_a_task_cancelled_between_statements_leaves_no_transaction_open(tight: Database) -> None:
    begun, never = asyncio.Event(), asyncio.Event()

    async def waits(tx: Writer) -> None:
        await tx.execute(RAISE)
        begun.set()
        await never.wait()

    for _ in range(3):
        task = asyncio.create_task(tight.run(waits))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    async with tight.writing() as one, tight.writing():
        await one.execute(RAISE)
    assert await tight.fetch_value("SELECT amount FROM conformance_notes") == 1


async def test_closing_waits_for_the_handles_that_are_out(tight: Database) -> None:
    inside, done = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        async with tight.writing() as tx:
            inside.set()
            await done.wait()
            await tx.execute(RAISE)

    working = asyncio.create_task(work())
    await inside.wait()
    closing = asyncio.create_task(tight.close())
    await asyncio.sleep(0)
    assert not closing.done()
    done.set()
    await asyncio.gather(working, closing)


async def test_nothing_is_left_open_after_closing(
    settings: Settings, platform: Platform, telemetry: Telemetry, look: Look
) -> None:
    before = await look.at(OURS)
    database = Postgres(settings.database_url, platform.database, SystemClock(), telemetry)
    await database.start()
    await asyncio.gather(*(database.fetch_value("SELECT pg_sleep(0.01)") for _ in range(20)))
    assert await look.at(OURS) > before
    await database.close()
    await look.until(OURS, before)
