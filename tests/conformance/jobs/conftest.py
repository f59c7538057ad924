"""A queue of the test's own, jobs that tell the test what they saw, and a worker for it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from directfanz.backends import Backends
from directfanz.backends.clock.system import SystemClock
from directfanz.backends.jobs.contract import Job, Retry, Schedule
from directfanz.backends.jobs.inspect import State, list_jobs
from directfanz.backends.jobs.worker import JobWorkers, Pace
from directfanz.kit.ids import new_token
from directfanz.platform_toml import Queue

SOON = Retry(tries=3, first_seconds=0.01, longest_seconds=0.02)
PATIENCE_SECONDS = 20


class Note(msgspec.Struct, frozen=True):
    text: str = ""


Run = Callable[["Bench", Note], Awaitable[None]]


async def write_down(bench: Bench, note: Note) -> None:
    bench.seen.append(note.text)


@dataclass
class Bench:
    """The subject that jobs are given, and the tools of the tests."""

    backends: Backends
    queue: str
    seen: list[str] = field(default_factory=list)

    def job(self, run: Run = write_down, name: str = "bench.write_down", **options: Any) -> Job[Note]:
        return Job(name, Note, run, queue=self.queue, **{"retry": SOON, **options})

    async def enqueue(self, job: Job[Note], text: str = "", **options: Any) -> int | None:
        async with self.backends.database.writing() as tx:
            return await self.backends.jobs.enqueue(tx, job, Note(text), **options)

    @contextlib.asynccontextmanager
    async def working(
        self, *jobs: Job[Note], schedules: Sequence[Schedule] = (), concurrency: int = 2, **pace: float
    ) -> AsyncIterator[JobWorkers]:
        workers = JobWorkers(
            self.backends.settings.database_url,
            self,
            self.backends.database,
            SystemClock(),
            self.backends.telemetry,
            queues={self.queue: Queue(concurrency=concurrency, alarm_after_waiting_seconds=60)},
            jobs=jobs,
            schedules=schedules,
            pace=Pace(**{"poll_seconds": 0.1, "look_seconds": 0.1, **pace}),
        )
        running = asyncio.create_task(workers.run())
        try:
            yield workers
        finally:
            workers.stop()
            await running

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not true():
                await self.backends.database.fetch_value("SELECT 1")

    async def until_listening(self) -> None:
        """A job enqueued before is found by polling only."""
        sql = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' || $1 || '%' AND state = 'idle'"
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await self.backends.database.fetch_value(sql, self.queue):
                pass

    async def until_count(self, state: State, count: int) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(await list_jobs(self.backends.database, state, queue=self.queue)) != count:
                pass


@pytest.fixture
def bench(backends: Backends) -> Bench:
    return Bench(backends, f"bench-{new_token(6)}")
