"""Runs jobs: procrastinate's worker, one per queue, with our retries, time limits, failures and figures.

The worker speaks psycopg to the database because procrastinate does; jobs themselves use `Backends` like everybody.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Iterable
from typing import Any

import msgspec
import procrastinate
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job as StoredJob
from procrastinate.worker import Worker

from directfanz.backends import Backends
from directfanz.backends.jobs import carrier, failures
from directfanz.backends.jobs.contract import Job, Retry, Schedule
from directfanz.errors import Rejected, TimedOut, Unavailable

log = logging.getLogger("directfanz.jobs")

HEARTBEAT_SECONDS = 3.0
# A worker that has been silent for this long is taken for dead, and its jobs run again.
DEAD_AFTER_SECONDS = 12.0
LOOK_SECONDS = 4.0
POLL_SECONDS = 5.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 10.0


class Stopped(Unavailable):
    """The worker was told to stop and this job was not done in time: another worker runs it."""

    code = "worker_stopped"


class Tries(procrastinate.BaseRetryStrategy):
    def __init__(self, retry: Retry) -> None:
        self._retry = retry

    def get_retry_decision(self, *, exception: BaseException, job: StoredJob) -> procrastinate.RetryDecision | None:
        if isinstance(exception, Stopped):
            return procrastinate.RetryDecision(retry_in={"seconds": 0})
        if isinstance(exception, Rejected) or job.attempts + 1 >= self._retry.tries:
            return None
        wait = min(self._retry.first_seconds * 2**job.attempts, self._retry.longest_seconds)
        # Jitter: what failed together should not come back together.
        return procrastinate.RetryDecision(retry_in={"seconds": int(wait * random.uniform(0.5, 1))})  # noqa: S311


class JobRunner:
    """`run` until told to stop; then running jobs get `drain_seconds` to end."""

    def __init__(
        self,
        backends: Backends,
        jobs: Iterable[Job[Any]],
        schedules: Iterable[Schedule] = (),
        *,
        drain_seconds: float = 30,
    ) -> None:
        self._backends = backends
        self._drain_seconds = drain_seconds
        self._done = backends.telemetry.counter("jobs_done_total")
        self._seconds = backends.telemetry.histogram("job_seconds")
        queues = {name: queue.concurrency for name, queue in backends.platform.queues.items()}
        self._app = procrastinate.App(
            connector=procrastinate.PsycopgConnector(
                conninfo=str(backends.settings.database_url),
                min_size=1,
                max_size=sum(queues.values()) + len(queues) + 2,
            )
        )
        tasks = {job.name: self._register(job) for job in jobs}
        for schedule in schedules:
            self._app.periodic(cron=schedule.cron)(tasks[schedule.job.name])
        self._queues = queues
        self._stopping = False

    async def run(self, told_to_stop: asyncio.Event) -> None:
        async with self._app.open_async():
            rescue = asyncio.create_task(self._rescue_forever(), name="rescue stalled jobs")
            workers = [asyncio.create_task(self._keep_working(queue, told_to_stop)) for queue in self._queues]
            try:
                await asyncio.gather(*workers)
            finally:
                await _ended([rescue, *workers])

    async def run_waiting(self) -> None:
        """All that is due now, then return; for tests and for `directfanz jobs run-once`."""
        async with self._app.open_async():
            await self._worker(None, wait=False).run()  # type: ignore[no-untyped-call]

    def _register(self, job: Job[Any]) -> procrastinate.tasks.Task[Any, Any, Any]:
        async def run(
            context: JobContext, /, payload: Any = None, carrier: dict[str, str] | None = None, **_: Any
        ) -> None:
            await self._one(job, context.job, payload, carrier or {})

        return self._app.task(name=job.name, queue=job.queue, pass_context=True, retry=Tries(job.retry))(run)

    async def _one(self, job: Job[Any], stored: StoredJob, payload: Any, carried: dict[str, str]) -> None:
        started, outcome = self._backends.clock.monotonic(), "failed"
        with carrier.unpacked(carried, f"job-{stored.id}"), self._backends.telemetry.span(job.name):
            try:
                async with asyncio.timeout(job.timeout_seconds) as limit:
                    await job.run(self._backends, msgspec.convert(payload or {}, job.payload))
                outcome = "done"
            except asyncio.CancelledError:
                outcome = "stopped"
                raise Stopped("The worker was stopped.") from None
            except TimeoutError as error:
                failure = TimedOut(f"Took longer than {job.timeout_seconds:.0f} s.") if limit.expired() else error
                await self._note(stored, failure)
                raise failure from error
            except Exception as error:
                await self._note(stored, error)
                raise
            finally:
                self._done.add(job=job.name, outcome=outcome)
                self._seconds.record(self._backends.clock.monotonic() - started, job=job.name)

    async def _note(self, stored: StoredJob, error: Exception) -> None:
        log.warning("%s failed (try %d): %s: %s", stored.task_name, stored.attempts + 1, type(error).__name__, error)
        with contextlib.suppress(Unavailable):  # the log has it, and the job's state is kept elsewhere
            now = self._backends.clock.now()
            async with self._backends.database.writing() as tx:
                await failures.note(tx, stored.id or 0, f"{type(error).__name__}: {error}", stored.attempts + 1, now)

    async def _keep_working(self, queue: str, told_to_stop: asyncio.Event) -> None:
        """A worker ends when it loses the database; then another begins, until we are told to stop."""
        pause = FIRST_PAUSE_SECONDS
        while not told_to_stop.is_set():
            worker = self._worker(queue, wait=True)
            ending = asyncio.create_task(_stop_when(told_to_stop, worker))
            try:
                await worker.run()  # type: ignore[no-untyped-call]
                pause = FIRST_PAUSE_SECONDS
            except Exception as error:
                log.warning("the worker of %s lost the database: %s", queue, error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            finally:
                await _ended([ending])

    def _worker(self, queue: str | None, *, wait: bool) -> Worker:
        return Worker(
            self._app,
            queues=[queue] if queue else None,
            name=queue or "all",
            concurrency=self._queues[queue] if queue else 1,
            wait=wait,
            fetch_job_polling_interval=POLL_SECONDS,
            shutdown_graceful_timeout=self._drain_seconds,
            listen_notify=wait,
            install_signal_handlers=False,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=DEAD_AFTER_SECONDS,
        )

    async def _rescue_forever(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            with contextlib.suppress(Exception):  # the database is away: the workers say so, and the next look comes
                await self.rescue()

    async def rescue(self, silent_seconds: float = DEAD_AFTER_SECONDS) -> int:
        """Jobs of workers that died are due again at once."""
        manager = self._app.job_manager
        stalled = list(await manager.get_stalled_jobs(seconds_since_heartbeat=silent_seconds))
        for job in stalled:
            log.warning("the worker of %s (job %s) died: it runs again", job.task_name, job.id)
            await manager.retry_job(job)
        return len(stalled)


async def _stop_when(told_to_stop: asyncio.Event, worker: Worker) -> None:
    await told_to_stop.wait()
    worker.stop()  # type: ignore[no-untyped-call]


async def _ended(tasks: Iterable[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
