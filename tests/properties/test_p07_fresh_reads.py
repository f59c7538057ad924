"""P7: whoever wrote something reads it, at once, however far the replica is behind; strangers read no older than promised."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from directfanz.backends.clock.system import SystemClock
from directfanz.backends.database.age import is_a_strangers_look, may_be_old
from directfanz.backends.database.postgres import Postgres
from directfanz.backends.telemetry import open_telemetry
from directfanz.local.engines.programs import postgres_tree
from directfanz.local.part import Part
from directfanz.local.ports import HOST
from directfanz.local.probes import postgres_answers
from directfanz.local.process import Command, finished
from directfanz.platform_toml import Platform
from tests.support.edge import free_port
from tests.support.own_engines import OwnEngines, own_engines
from tests.support.plain_settings import plain_settings

pytestmark = pytest.mark.property("P7")
LAG_MILLISECONDS = 400
CATCH_UP_SECONDS = 5.0  # the machine of the test may be busy; what is promised is the lag
SESSIONS, STEPS = 6, 40


@asynccontextmanager
async def standby(mine: OwnEngines) -> AsyncIterator[str]:
    """A real one, streaming from the primary and applying what it gets LAG_MILLISECONDS later."""
    primary, port = mine.set.postgres, free_port()
    folder = primary.folder.with_name("standby")
    tree, conninfo = (
        postgres_tree() / "bin",
        primary.url().replace("sslmode=disable", "sslmode=disable&application_name=standby"),
    )

    def command(*argv: str) -> Command:
        return Command(argv=argv, cwd=primary.folder.parent, env=dict(primary.env), unroot=True)

    copied = bytearray()
    copying = command(
        str(tree / "pg_basebackup"), "-D", str(folder), "-d", conninfo, "-R", "-X", "stream", "-c", "fast"
    )
    assert await finished(copying, copied.extend, 60) == 0, copied.decode()
    url = replace(primary, port=port).url()
    options = {"port": port, "hot_standby": "on", "recovery_min_apply_delay": f"{LAG_MILLISECONDS}ms", "fsync": "off",
               "unix_socket_directories": "", "listen_addresses": HOST, "max_connections": 200, "max_wal_senders": 20}  # fmt: skip
    words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    part = Part(
        name="standby",
        about="a replica",
        kind="engine",
        command=command(str(tree / "postgres"), "-D", str(folder), *words),
        needs=("postgres",),
        probe=postgres_answers(url),
        ports=(port,),
    )
    async with asyncio.timeout(60):
        await mine.supervisor.join(part).ready.wait()
    yield url


async def test_a_session_reads_what_it_wrote_and_strangers_wait_no_longer_than_the_lag(
    platform: Platform, tmp_path: Path
) -> None:
    async with own_engines("postgres", durable=False) as mine:
        clock = SystemClock()
        telemetry = open_telemetry(plain_settings(), platform, "test")
        primary = mine.set.postgres.url()
        founding = Postgres(primary, platform.database, clock, telemetry)
        await founding.start()
        async with founding.writing() as tx:
            await tx.execute("CREATE TABLE notes (session int PRIMARY KEY, value int NOT NULL)")
            await tx.execute("INSERT INTO notes SELECT n, 0 FROM generate_series(0, $1) n", SESSIONS)
        await founding.close()
        async with standby(mine) as url:
            database = Postgres(primary, platform.database, clock, telemetry, replica_url=url)
            await database.start()
            behind = await asyncio.gather(*(session(database, number) for number in range(SESSIONS)))
            assert sum(behind) > 0, "no stranger was ever told an older value, so the replica was never asked"
            await strangers_catch_up(database)
            mine.supervisor.runners["standby"].process.kill_group()  # type: ignore[union-attr]
            with_replica_gone = await asyncio.create_task(a_stranger_reads(database, 0))
            assert with_replica_gone is not None
            await database.close()


async def session(database: Postgres, number: int) -> int:
    """Writes and reads at random moments; answers how often a stranger was behind."""
    chance, written, behind = random.Random(number), 0, 0
    for _ in range(STEPS):
        if chance.random() < 0.5:
            written += 1
            async with database.writing() as tx:
                await tx.execute("UPDATE notes SET value = $2 WHERE session = $1", number, written)
        await asyncio.sleep(chance.choice((0, 0, 0.002, 0.05)))
        assert await database.fetch_value("SELECT value FROM notes WHERE session = $1", number) == written
        async with database.reading() as reader:
            assert await reader.fetch_value("SELECT value FROM notes WHERE session = $1", number) == written
        told = await asyncio.create_task(a_stranger_reads(database, number))
        assert told <= written
        behind += told < written
    return behind


async def a_stranger_reads(database: Postgres, number: int) -> int:
    may_be_old.set(is_a_strangers_look("GET", {b"host": b"directfanz.io"}))
    value: int = await database.fetch_value("SELECT value FROM notes WHERE session = $1", number)
    return value


async def strangers_catch_up(database: Postgres) -> None:
    newest = [
        row["value"] for row in await database.fetch("SELECT value FROM notes ORDER BY session LIMIT $1", SESSIONS)
    ]
    await asyncio.sleep(LAG_MILLISECONDS / 1000)
    async with asyncio.timeout(CATCH_UP_SECONDS):
        while [await asyncio.create_task(a_stranger_reads(database, n)) for n in range(SESSIONS)] != newest:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("method", "head", "is_stranger"),
    [
        ("GET", {}, True),
        ("HEAD", {b"user-agent": b"x"}, True),
        ("POST", {}, False),
        ("GET", {b"cookie": b"a=b"}, False),
        ("GET", {b"authorization": b"Bearer x"}, False),
    ],
)
def test_only_who_cannot_have_written_anything_is_a_stranger(
    method: str, head: dict[bytes, bytes], is_stranger: bool
) -> None:
    assert is_a_strangers_look(method, head) is is_stranger
