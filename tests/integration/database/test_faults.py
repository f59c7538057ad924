"""The server dies, hangs or is away; nobody has to restart us."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import msgspec
import pytest

from directfanz.backends.clock.system import SystemClock
from directfanz.backends.database.contract import Database, Writer
from directfanz.backends.database.postgres import Postgres
from directfanz.backends.telemetry import open_telemetry
from directfanz.errors import ConfigurationError, TimedOut, Unavailable
from directfanz.platform_toml import Platform
from directfanz.settings import Settings
from tests.support.own_engines import OwnEngines, own_engines


@pytest.fixture(scope="module")
async def mine() -> AsyncIterator[OwnEngines]:
    async with own_engines("postgres") as engines:
        yield engines


@pytest.fixture
async def database(mine: OwnEngines, settings: Settings, platform: Platform) -> AsyncIterator[Database]:
    database = make(mine.set.postgres.url(), settings, platform, patience=30)
    await database.start()
    async with database.writing() as tx:
        await tx.execute("CREATE TABLE IF NOT EXISTS lives (id integer)")
        await tx.execute("TRUNCATE lives")
    yield database
    await database.close()


def make(url: str, settings: Settings, platform: Platform, *, patience: int) -> Postgres:
    limits = msgspec.structs.replace(
        platform.database, pool_max=8, acquire_timeout_seconds=patience, statement_timeout_seconds=2
    )
    return Postgres(url, limits, SystemClock(), open_telemetry(settings, platform, "test"))


async def test_a_killed_server_is_waited_for(mine: OwnEngines, database: Database) -> None:
    killing = asyncio.create_task(mine.kill("postgres"))
    answers = [await database.fetch_value("SELECT $1::int", n) for n in range(50)]
    await killing
    answers += [await database.fetch_value("SELECT $1::int", n) for n in range(50)]
    assert answers == [*range(50), *range(50)]
    await database.ping()


async def test_reads_and_transactions_under_way_are_repeated(mine: OwnEngines, database: Database) -> None:
    meeting, tries = asyncio.Barrier(3), 0

    async def live(tx: Writer) -> None:
        nonlocal tries
        tries += 1
        await tx.execute("INSERT INTO lives VALUES (1)")
        if tries <= 2:
            await meeting.wait()
            await tx.fetch_value("SELECT pg_sleep(1)")

    async def kill() -> None:
        await meeting.wait()
        await mine.kill("postgres")

    reading = database.fetch_value("SELECT 'read' FROM pg_sleep(1)")
    answers = await asyncio.gather(database.run(live), database.run(live), kill(), reading)
    assert answers[3] == "read"
    assert tries == 4
    assert await database.fetch_value("SELECT count(*) FROM lives") == 2


async def test_a_server_that_hangs_gives_503_and_recovers(
    mine: OwnEngines, settings: Settings, platform: Platform
) -> None:
    database = make(mine.set.postgres.url(), settings, platform, patience=1)
    await database.start()
    with mine.frozen("postgres"):
        with pytest.raises(TimedOut):
            await database.fetch_value("SELECT 1")
        for _ in range(5):  # one after the other they run out of connections that answer
            with pytest.raises(Unavailable) as away:
                await database.fetch_value("SELECT 1")
            assert away.value.status == 503
        with pytest.raises(Unavailable):
            await database.ping()
    await database.ping()
    async with database.reading(), database.reading(), database.reading(), database.reading() as last:
        assert await last.fetch_value("SELECT 1") == 1  # all four came back
    await database.close()


async def test_a_server_that_stays_away_is_not_waited_for_twice(settings: Settings, platform: Platform) -> None:
    with socket.socket() as nobody:  # bound, but not listening
        nobody.bind(("127.0.0.1", 0))
        database = make(f"postgresql://x:y@127.0.0.1:{nobody.getsockname()[1]}/z", settings, platform, patience=1)
        loop = asyncio.get_running_loop()
        with pytest.raises(Unavailable) as away:
            await database.fetch_value("SELECT 1")
        assert away.value.retry_after_seconds
        started = loop.time()
        for _ in range(5):
            with pytest.raises(Unavailable):
                await database.fetch_value("SELECT 1")
        assert loop.time() - started < 0.5
        await database.close()


async def test_a_wrong_password_says_what_to_do(mine: OwnEngines, settings: Settings, platform: Platform) -> None:
    database = make(mine.set.postgres.url(password="wrong"), settings, platform, patience=1)
    with pytest.raises(ConfigurationError, match="database settings"):
        await database.start()
    await database.close()
