"""Runs jobs: one worker per queue, schedules, and the care for what was lost. Start, run until stopped, close."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
from procrastinate import App, JobContext
from procrastinate.jobs import DeleteJobCondition
from procrastinate.periodic import PeriodicDeferrer, PeriodicRegistry
from procrastinate.tasks import Task

from directfanz.backends.clock.contract import Clock
from directfanz.backends.database.contract import Database
from directfanz.backends.jobs.connector import PatientConnector
from directfanz.backends.jobs.contract import Job, Retry, Schedule
from directfanz.backends.jobs.inspect import count_dead, count_due
from directfanz.backends.jobs.lost import any_lost, recover_lost
from directfanz.backends.jobs.queue_worker import QueueWorker
from directfanz.backends.jobs.running import Again, JobRunner, Known, refuse_unknown
from directfanz.backends.telemetry.contract import Telemetry
from directfanz.errors import ConfigurationError, DirectFanzError

log = logging.getLogger("directfanz.jobs")
RESTART_SECONDS = 2
# A schedule missed for longer than this (all workers were down) waits for its next turn.
MISSED_SECONDS = 24 * 3600
NEVER_SECONDS = 10 * 365 * 86_400
UNKNOWN_RETRY = Retry(tries=20, first_seconds=10, longest_seconds=3600)


class Queue(Protocol):
    """`[queues.*]` of platform.toml."""

    @property
    def concurrency(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """A worker silent for `silent_seconds` counts as dead, so the heartbeat must come well within it; so must the end
    of its patience with a server that is away."""

    heartbeat_seconds: float = 5
    silent_seconds: float = 30
    patience_seconds: float = 15
    poll_seconds: float = 5
    look_seconds: float = 10
    drain_seconds: float = 100


class JobWorkers:
    def __init__(
        self,
        url: str,
        subject: object,
        database: Database,
        clock: Clock,
        telemetry: Telemetry,
        *,
        queues: Mapping[str, Queue],
        jobs: Sequence[Job[Any]],
        schedules: Sequence[Schedule] = (),
        pace: Pace | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._queues = queues
        self._pace = pace = pace or Pace()
        self._jobs = _by_name(jobs, queues)
        self._runner = JobRunner(subject, database, clock, telemetry)
        self._done = telemetry.counter("jobs_done_total")
        self._waiting = telemetry.gauge("jobs_waiting")
        self._dead = telemetry.gauge("jobs_dead")
        self._app = App(connector=PatientConnector(url, pace.patience_seconds))
        tasks = {job.name: self._task(job) for job in jobs}
        self._app.tasks = Known(tasks, self._unknown())
        self._periodic = _registry(schedules, tasks)
        self._workers: dict[str, QueueWorker] = {}
        self._stopping = asyncio.Event()

    @property
    def listening(self) -> bool:
        """Whether every queue has a worker that takes jobs."""
        running = [worker for worker in self._workers.values() if worker.worker_id is not None]
        return len(running) == len(self._queues) and not self._stopping.is_set()

    async def run(self) -> None:
        """Until `stop`; then no new job is taken, and those that run may finish within `drain_seconds`."""
        logging.getLogger("procrastinate").setLevel(logging.WARNING)  # its lines quote payloads
        async with self._app.open_async():
            chores = [
                asyncio.create_task(_for_ever("schedules", self._keep_schedules), name="job schedules"),
                asyncio.create_task(_for_ever("lost jobs", self._look_after), name="lost jobs"),
            ]
            try:
                await asyncio.gather(*(self._serve(name, queue) for name, queue in self._queues.items()))
            finally:
                for chore in chores:
                    chore.cancel()
                await asyncio.gather(*chores, return_exceptions=True)

    def stop(self) -> None:
        self._stopping.set()
        for worker in self._workers.values():
            worker.stop()  # type: ignore[no-untyped-call]

    async def _serve(self, name: str, queue: Queue) -> None:
        """A worker that gives up (the server was away for long) is replaced; what it left undone is found as lost."""
        while not self._stopping.is_set():
            worker = self._workers[name] = self._worker(name, queue)
            try:
                await worker.run()  # type: ignore[no-untyped-call]
            except Exception:
                log.exception("the worker of the queue %s ended; it starts again", name)
            if not self._stopping.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), RESTART_SECONDS)

    def _worker(self, name: str, queue: Queue) -> QueueWorker:
        pace = self._pace
        return QueueWorker(
            self._app,
            queues=[name],
            name=name,
            concurrency=queue.concurrency,
            fetch_job_polling_interval=pace.poll_seconds,
            abort_job_polling_interval=pace.poll_seconds,
            shutdown_graceful_timeout=pace.drain_seconds,
            update_heartbeat_interval=pace.heartbeat_seconds,
            stalled_worker_timeout=NEVER_SECONDS,  # `_look_after` does it, with more care
            delete_jobs=DeleteJobCondition.SUCCESSFUL,
            install_signal_handlers=False,
        )

    def _task(self, job: Job[Any]) -> Task[Any, Any, Any]:
        async def run(
            context: JobContext, *, payload: Any = None, carrier: dict[str, str] | None = None, timestamp: int = 0
        ) -> None:
            await self._runner.run(job, context, payload or {}, carrier or {})

        return Task(run, blueprint=self._app, name=job.name, queue=job.queue, pass_context=True, retry=Again(job.retry))

    def _unknown(self) -> Task[Any, Any, Any]:
        name = "unknown"
        return Task(
            refuse_unknown, blueprint=self._app, name=name, queue=name, pass_context=True, retry=Again(UNKNOWN_RETRY)
        )

    async def _keep_schedules(self) -> None:
        if not self._periodic.periodic_tasks:
            await asyncio.Event().wait()
        await PeriodicDeferrer(self._periodic, max_delay=MISSED_SECONDS).worker()

    async def _look_after(self) -> None:
        """Begins anew after each failure. While the server was away no worker could give a sign of life, so nobody is
        declared dead before the server has answered for as long as a worker may be silent."""
        loop, pace = asyncio.get_running_loop(), self._pace
        trusted_from = loop.time() + pace.silent_seconds
        while True:
            due = await count_due(self._database)
            for name in self._queues:
                self._waiting.set(due.get(name, 0), queue=name)
            self._dead.set(await count_dead(self._database))
            if loop.time() >= trusted_from and await any_lost(self._database, pace.silent_seconds):
                await self._recover()
            await asyncio.sleep(pace.look_seconds)

    async def _recover(self) -> None:
        again, dead = await self._database.run(
            lambda tx: recover_lost(tx, self._jobs, self._pace.silent_seconds, self._clock)
        )
        for outcome, names in (("lost", again), ("dead", dead)):
            for name, count in Counter(names).items():
                self._done.add(count, name=name, outcome=outcome)
                log.warning("%d jobs %s had lost their worker: %s", count, name, outcome)


async def _for_ever(what: str, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except Exception as error:
            known = isinstance(error, DirectFanzError)
            log.warning("%s: %s; trying again", what, error, exc_info=None if known else error)
        await asyncio.sleep(RESTART_SECONDS)


def _by_name(jobs: Sequence[Job[Any]], queues: Mapping[str, Queue]) -> dict[str, Job[Any]]:
    names = Counter(job.name for job in jobs)
    if twice := [name for name, count in names.items() if count > 1]:
        raise ConfigurationError(f"Two jobs are called {twice[0]}.")
    for job in jobs:
        if job.queue not in queues:
            raise ConfigurationError(f"{job.name} goes to the queue {job.queue}, which platform.toml does not name.")
    return {job.name: job for job in jobs}


def _registry(schedules: Sequence[Schedule], tasks: Mapping[str, Task[Any, Any, Any]]) -> PeriodicRegistry:
    registry = PeriodicRegistry()  # type: ignore[no-untyped-call]
    for schedule in schedules:
        job = schedule.job
        if job.name not in tasks:
            raise ConfigurationError(f"The schedule {schedule.cron} is for {job.name}, which is no job of this worker.")
        if len(schedule.cron.split()) != 5:
            raise ConfigurationError(f"{job.name}: the schedule {schedule.cron!r} needs five fields.")
        registry.register_task(
            task=tasks[job.name],
            cron=schedule.cron,
            periodic_id=schedule.cron,
            configure_kwargs={
                "queue": job.queue,
                # One that still waits does the work of the next one too.
                "queueing_lock": f"schedule:{job.name}:{schedule.cron}",
                "task_kwargs": {"payload": msgspec.to_builtins(job.payload()), "carrier": {}},
            },
        )
    return registry
