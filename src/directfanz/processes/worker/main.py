"""Runs the jobs of all domains until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from directfanz.backends import Backends
from directfanz.backends.jobs import failures
from directfanz.backends.jobs.contract import Job, Schedule
from directfanz.backends.jobs.runner import JobRunner
from directfanz.domains.accounts import jobs as accounts
from directfanz.domains.audit import jobs as audit
from directfanz.domains.notifications import jobs as notifications
from directfanz.domains.privacy import jobs as privacy
from directfanz.errors import DirectFanzError
from directfanz.processes.health import Health, HealthServer
from directfanz.processes.lifecycle import run_process
from directfanz.settings import Settings

DOMAINS = (audit, accounts, notifications, privacy)
JOBS: list[Job[Any]] = [job for domain in DOMAINS for job in domain.JOBS]
SCHEDULES: list[Schedule] = [schedule for domain in DOMAINS for schedule in domain.SCHEDULES]
LOOK_SECONDS = 5.0
# Before drain_seconds are over the process must also have closed what it stands on.
CLOSING_SECONDS = 10


def main(settings: Settings) -> None:
    run_process("worker", settings, serve)


async def serve(backends: Backends, told_to_stop: asyncio.Event) -> None:
    settings, service = backends.settings, backends.platform.services["worker"]
    health = Health(backends, "The worker runs background jobs and schedules.")
    runner = JobRunner(backends, JOBS, SCHEDULES, drain_seconds=max(1, service.drain_seconds - CLOSING_SECONDS))
    async with HealthServer(health, settings.bind_host, settings.port or service.port):
        watching = [asyncio.create_task(_measure(backends)), asyncio.create_task(_mark_draining(health, told_to_stop))]
        try:
            await runner.run(told_to_stop)
        finally:
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)


async def _mark_draining(health: Health, told_to_stop: asyncio.Event) -> None:
    await told_to_stop.wait()
    health.draining = True


async def _measure(backends: Backends) -> None:
    waiting, dead = backends.telemetry.gauge("jobs_waiting"), backends.telemetry.gauge("jobs_dead")
    while True:
        with contextlib.suppress(DirectFanzError):  # the database is away: the last figures stand
            async with backends.database.reading() as reader:
                counts = await failures.waiting_by_queue(reader)
                for queue in backends.platform.queues:
                    waiting.set(counts.get(queue, 0), queue=queue)
                dead.set(await failures.count_dead(reader))
        await asyncio.sleep(LOOK_SECONDS)
