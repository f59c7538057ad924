"""A job whose effects can be counted, and a worker process for it that stops where the test wants to kill it.

python -m tests.integration.jobs.effects URL QUEUE WHERE HEARTBEAT      WHERE: before or after the effect
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from directfanz.backends.clock.system import SystemClock
from directfanz.backends.database.contract import Database
from directfanz.backends.database.postgres import Postgres
from directfanz.backends.jobs.contract import Job, Retry
from directfanz.backends.jobs.worker import JobWorkers, Pace
from directfanz.backends.telemetry.contract import Telemetry
from directfanz.backends.telemetry.metrics import Registry
from directfanz.backends.telemetry.opening import ProcessTelemetry
from directfanz.backends.telemetry.tracing import Tracing
from directfanz.platform_toml import Platform, Queue, load_platform

TABLE = """
create table if not exists job_effects (key text primary key);
create table if not exists job_runs (key text not null);
"""
REPOSITORY = Path(__file__).parents[3]
Where = Literal["before", "after", "nowhere"]


class Effect(msgspec.Struct, frozen=True):
    key: str


@dataclass
class Stage:
    database: Database
    stop_at: Where = "nowhere"


async def take_effect(stage: Stage, effect: Effect) -> None:
    """Written as jobs should be: twice is as good as once."""
    if stage.stop_at == "before":
        await _stop_here()
    async with stage.database.writing() as tx:
        await tx.execute("INSERT INTO job_runs (key) VALUES ($1)", effect.key)
        await tx.execute("INSERT INTO job_effects (key) VALUES ($1) ON CONFLICT DO NOTHING", effect.key)
    if stage.stop_at == "after":
        await _stop_here()


async def _stop_here() -> None:
    print("here", flush=True)
    await asyncio.Event().wait()


def job_on(queue: str, tries: int = 5) -> Job[Effect]:
    retry = Retry(tries=tries, first_seconds=0.01, longest_seconds=0.1)
    return Job("test.take_effect", Effect, take_effect, queue=queue, retry=retry)


def telemetry_of(platform: Platform) -> Telemetry:
    return ProcessTelemetry("test", Registry(platform.metrics), Tracing("test", 0, None), [])


def workers_on(url: str, stage: Stage, platform: Platform, job: Job[Effect], **pace: float) -> JobWorkers:
    quick = {
        "drain_seconds": 1.0,
        "heartbeat_seconds": 0.2,
        "silent_seconds": 2.0,
        "poll_seconds": 0.2,
        "look_seconds": 0.2,
    }
    return JobWorkers(
        url,
        stage,
        stage.database,
        SystemClock(),
        telemetry_of(platform),
        queues={job.queue: Queue(concurrency=2, alarm_after_waiting_seconds=60)},
        jobs=[job],
        pace=Pace(**{**quick, **pace}),
    )


@contextlib.asynccontextmanager
async def working(workers: JobWorkers) -> AsyncIterator[JobWorkers]:
    running = asyncio.create_task(workers.run())
    try:
        yield workers
    finally:
        workers.stop()
        await running


async def main(url: str, queue: str, where: Where, heartbeat_seconds: float) -> None:
    platform = load_platform(REPOSITORY / "platform.toml")
    database = Postgres(url, platform.database, SystemClock(), telemetry_of(platform))
    await database.start()
    stage = Stage(database, where)
    pace = {"heartbeat_seconds": heartbeat_seconds, "look_seconds": 3600.0}  # it looks after nobody, not even itself
    await workers_on(url, stage, platform, job_on(queue), **pace).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])))  # type: ignore[arg-type]
