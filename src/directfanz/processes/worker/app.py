"""The worker: jobs of all domains, and the endpoints that say how it is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from directfanz.backends import Backends
from directfanz.backends.assembly import opened
from directfanz.backends.jobs.contract import Job, Schedule
from directfanz.backends.jobs.worker import JobWorkers, Pace
from directfanz.errors import Unavailable
from directfanz.processes.health import HealthServer
from directfanz.processes.lifecycle import until_stopped
from directfanz.processes.worker.jobs import JOBS, SCHEDULES
from directfanz.settings import Settings

# Whoever stops us with SIGKILL after `drain_seconds` must not come before we have closed.
CLOSE_SECONDS = 15


async def work(settings: Settings, stop: asyncio.Event) -> None:
    async with opened(settings, service="worker") as backends:
        workers = workers_of(backends, JOBS, SCHEDULES)
        health = _health(backends, workers)
        await health.start()
        running = asyncio.create_task(workers.run(), name="jobs")
        try:
            await until_stopped(stop, running)
            health.draining = True
            workers.stop()
            await running
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await health.close()


def workers_of(
    backends: Backends, jobs: Sequence[Job[Any]], schedules: Sequence[Schedule], pace: Pace | None = None
) -> JobWorkers:
    drain = backends.platform.services["worker"].drain_seconds - CLOSE_SECONDS
    return JobWorkers(
        backends.settings.database_url,
        backends,
        backends.database,
        backends.clock,
        backends.telemetry,
        queues=backends.platform.queues,
        jobs=jobs,
        schedules=schedules,
        pace=pace or Pace(drain_seconds=max(1, drain)),
    )


def _health(backends: Backends, workers: JobWorkers) -> HealthServer:
    async def listening() -> None:
        if not workers.listening:
            raise Unavailable("The queues are not being listened to yet.")

    service = backends.platform.services["worker"]
    return HealthServer(
        backends.settings.bind_host,
        backends.settings.port or service.port,
        {"database": backends.database.ping, "cache": backends.cache.ping, "queues": listening},
        backends.telemetry.prometheus,
    )
