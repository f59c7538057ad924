"""PostgreSQL dies under the worker: what runs ends once, and the worker goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import msgspec
import pytest

from directfanz.backends.clock.system import SystemClock
from directfanz.backends.database.migrations import migrate
from directfanz.backends.database.postgres import Postgres
from directfanz.backends.jobs.contract import Job
from directfanz.backends.jobs.procrastinate_queue import ProcrastinateQueue
from directfanz.local.engines.roles import Roles, ensure_database, ensure_roles
from directfanz.platform_toml import Platform
from tests.integration.jobs.effects import Effect, Stage, job_on, telemetry_of, workers_on, working
from tests.support.own_engines import OwnEngines, own_engines

NAME = "worker_test"


@dataclass
class Own:
    engines: OwnEngines
    url: str
    database: Postgres


@pytest.fixture
async def own(platform: Platform) -> AsyncIterator[Own]:
    async with own_engines("postgres") as engines:
        server = engines.set.postgres
        await asyncio.to_thread(ensure_roles, server.url(), Roles("owner", "app"))
        await asyncio.to_thread(ensure_database, server.url(), NAME, platform.database.extensions)
        await migrate(server.url("directfanz_owner", "owner", NAME))
        url = server.url("directfanz_app", "app", NAME)
        limits = msgspec.structs.replace(platform.database, acquire_timeout_seconds=30)
        database = Postgres(url, limits, SystemClock(), telemetry_of(platform))
        await database.start()
        yield Own(engines, url, database)
        await database.close()


async def test_a_job_under_way_is_noted_as_done_when_the_server_is_back(own: Own, platform: Platform) -> None:
    started, go, ran = asyncio.Event(), asyncio.Event(), []

    async def slow(stage: Stage, effect: Effect) -> None:
        ran.append(effect.key)
        if effect.key == "under way":
            started.set()
            await go.wait()

    job = Job("test.slow", Effect, slow, queue="default")
    async with working(workers_on(own.url, Stage(own.database), platform, job, silent_seconds=20)) as workers:
        await enqueue(own, job, "under way")
        await started.wait()
        killing = asyncio.create_task(own.engines.kill("postgres"))
        await asyncio.sleep(0)
        go.set()  # it ends while the server is away
        await killing
        await enqueue(own, job, "after")
        async with asyncio.timeout(30):
            while await own.database.fetch_value("SELECT count(*) FROM procrastinate_jobs"):
                pass
        assert workers.listening
    assert ran == ["under way", "after"]


@pytest.mark.parametrize("patience", [15, 0.1])
async def test_the_heartbeat_goes_on(own: Own, platform: Platform, patience: float) -> None:
    """With patience the worker waits for the server; without, it gives up and is replaced by one that beats."""
    beats = "SELECT max(last_heartbeat) FROM procrastinate_workers"
    pace = {"silent_seconds": 20, "patience_seconds": patience}
    workers = workers_on(own.url, Stage(own.database), platform, job_on("default"), **pace)
    async with working(workers), asyncio.timeout(60):
        while await own.database.fetch_value(beats) is None:
            pass
        await own.engines.kill("postgres")
        for _ in range(3):
            before = await own.database.fetch_value(beats)
            while (await own.database.fetch_value(beats) or before) <= before:
                pass


async def enqueue(own: Own, job: Job[Effect], key: str) -> None:
    await own.database.run(lambda tx: ProcrastinateQueue().enqueue(tx, job, Effect(key)))
