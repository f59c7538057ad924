"""A worker is killed with SIGKILL while its job runs. The job runs again, and its effect is there once."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator

import psycopg
import pytest

from directfanz.backends import Backends
from directfanz.backends.jobs.inspect import list_jobs
from directfanz.kit.ids import new_token
from tests.integration.jobs.effects import REPOSITORY, TABLE, Effect, Stage, Where, job_on, workers_on, working


@pytest.fixture
def key(owner_url: str) -> str:
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(TABLE)
    return f"effect-{new_token(6)}"


@contextlib.asynccontextmanager
async def victim(
    backends: Backends, queue: str, where: Where, heartbeat_seconds: float = 0.2
) -> AsyncIterator[Process]:
    words = [
        "-m",
        "tests.integration.jobs.effects",
        backends.settings.database_url,
        queue,
        where,
        f"{heartbeat_seconds}",
    ]
    process = await asyncio.create_subprocess_exec(sys.executable, *words, cwd=REPOSITORY, stdout=PIPE)
    try:
        assert process.stdout is not None
        assert (await process.stdout.readline()).strip() == b"here"
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def enqueue(backends: Backends, key: str, tries: int = 5) -> None:
    async with backends.database.writing() as tx:
        await backends.jobs.enqueue(tx, job_on(key, tries), Effect(key))


async def runs(backends: Backends, key: str) -> tuple[int, int]:
    """How often it ran, and how often the effect is there."""
    ran = await backends.database.fetch_value("SELECT count(*) FROM job_runs WHERE key = $1", key)
    effects = await backends.database.fetch_value("SELECT count(*) FROM job_effects WHERE key = $1", key)
    return ran, effects


@pytest.mark.parametrize(("where", "times"), [("before", 1), ("after", 2)])
async def test_a_killed_workers_job_runs_again_exactly_once_in_effect(
    backends: Backends, key: str, where: Where, times: int
) -> None:
    await enqueue(backends, key)
    async with victim(backends, key, where) as process:
        workers = workers_on(backends.settings.database_url, Stage(backends.database), backends.platform, job_on(key))
        process.send_signal(signal.SIGKILL)
        async with working(workers), asyncio.timeout(30):
            while await left(backends, key):
                pass
    assert await runs(backends, key) == (times, 1)


async def test_a_worker_that_lives_keeps_its_job(backends: Backends, key: str) -> None:
    """However long it takes: its heartbeat goes on."""
    await enqueue(backends, key)
    url, database = backends.settings.database_url, backends.database
    async with victim(backends, key, "after"):
        workers = workers_on(url, Stage(database), backends.platform, job_on(key), silent_seconds=3.0)
        async with working(workers):
            await database.fetch_value("SELECT pg_sleep(5)")
            [job] = await list_jobs(database, "running", queue=key)
            assert job.attempts == 0
    assert await runs(backends, key) == (1, 1)


async def test_a_worker_that_has_just_come_declares_nobody_dead(backends: Backends, key: str) -> None:
    """After an outage every heartbeat is old, through no fault of the workers: they are given time to beat again."""
    await enqueue(backends, key)
    url, database, loop = backends.settings.database_url, backends.database, asyncio.get_running_loop()
    async with victim(backends, key, "after", heartbeat_seconds=3600):
        async with database.writing() as tx:
            await tx.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
        async with working(workers_on(url, Stage(database), backends.platform, job_on(key), silent_seconds=6.0)):
            until = loop.time() + 3
            while loop.time() < until:
                assert len(await list_jobs(database, "running", queue=key)) == 1
            async with asyncio.timeout(30):
                while await left(backends, key):
                    pass
    assert await runs(backends, key) == (2, 1)


async def test_a_job_that_kills_every_worker_is_stopped(backends: Backends, key: str) -> None:
    await enqueue(backends, key, tries=1)
    async with victim(backends, key, "before") as process:
        process.send_signal(signal.SIGKILL)
        job = job_on(key, tries=1)
        workers = workers_on(backends.settings.database_url, Stage(backends.database), backends.platform, job)
        async with working(workers), asyncio.timeout(30):
            while not (dead := await list_jobs(backends.database, "dead", queue=key)):
                pass
    assert "killed" in (dead[0].last_error or "")
    assert await runs(backends, key) == (0, 0)


async def left(backends: Backends, key: str) -> int:
    count: int = await backends.database.fetch_value(
        "SELECT count(*) FROM procrastinate_jobs WHERE queue_name = $1", key
    )
    return count
