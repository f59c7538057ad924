"""The worker as it is run: a process that does jobs, says how it is, and stops when told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from directfanz.backends import Backends
from directfanz.backends.assembly import opened
from directfanz.domains.audit.jobs import CHECK, Check
from directfanz.processes.worker.jobs import JOBS, SCHEDULES
from tests.support.meanwhile import until
from tests.support.running import running
from tests.support.worlds import World


@pytest.fixture
async def fresh(fresh_world: World) -> AsyncIterator[Backends]:
    async with opened(fresh_world.settings, service="test") as backends:
        await backends.storage.ensure_buckets()
        yield backends


async def test_it_starts_works_tells_and_stops(fresh: Backends) -> None:
    async with running("worker", fresh.settings) as worker:
        ready = (await worker.ask("/ready")).json()
        assert ready == {"status": "ready", "database": "up", "cache": "up", "queues": "up"}
        async with fresh.database.writing() as tx:
            job_id = await fresh.jobs.enqueue(tx, CHECK, Check())
        await until(lambda: gone(fresh, job_id))
        assert await worker.figure('jobs_done_total{name="audit.check_chain",outcome="done"') >= 1
        worker.tell_to_stop()
        assert await asyncio.wait_for(worker.process.wait(), 30) == 0
    assert b"told to stop" in worker.output
    workers = await fresh.database.fetch_value("SELECT count(*) FROM procrastinate_workers")
    assert workers == 0, "it said good-bye, so nobody has to find out that it is gone"


async def gone(backends: Backends, job_id: int | None) -> bool:
    sql = "SELECT NOT EXISTS (SELECT FROM procrastinate_jobs WHERE id = $1)"
    return bool(await backends.database.fetch_value(sql, job_id))


def test_every_schedule_is_for_a_job_whose_payload_needs_nothing() -> None:
    names = {job.name for job in JOBS}
    for schedule in SCHEDULES:
        assert schedule.job.name in names
        schedule.job.payload()
