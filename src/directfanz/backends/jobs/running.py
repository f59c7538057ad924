"""One run of one job: its payload, its limit of time, its trace, its outcome told and its failure noted."""

from __future__ import annotations

import asyncio
import logging
import random
import traceback
from collections.abc import Mapping
from typing import Any

import msgspec
from procrastinate import JobContext
from procrastinate import jobs as queue_jobs
from procrastinate.retry import BaseRetryStrategy, RetryDecision

from directfanz.backends.clock.contract import Clock
from directfanz.backends.database.contract import Database
from directfanz.backends.jobs import carrier as luggage
from directfanz.backends.jobs.contract import Job, Retry
from directfanz.backends.jobs.lost import note_failure
from directfanz.backends.jobs.verdict import pause_before_retry
from directfanz.backends.telemetry.contract import Telemetry
from directfanz.errors import DirectFanzError, Rejected, TimedOut, Unavailable

log = logging.getLogger("directfanz.jobs")


class JobRunner:
    """`subject` is what every job's `run` is given first: the backends."""

    def __init__(self, subject: object, database: Database, clock: Clock, telemetry: Telemetry) -> None:
        self._subject = subject
        self._database = database
        self._clock = clock
        self._telemetry = telemetry
        self._done = telemetry.counter("jobs_done_total")
        self._seconds = telemetry.histogram("job_seconds")

    async def run(self, job: Job[Any], context: JobContext, payload: Any, carrier: dict[str, str]) -> None:
        job_id, tries_before = context.job.id or 0, context.job.attempts
        started = self._clock.monotonic()
        with luggage.unpacked(carrier, otherwise=f"job-{job_id}"), self._telemetry.span(f"job {job.name}"):
            try:
                await self._within_time(job, payload)
                outcome = "done"
            except asyncio.CancelledError:
                outcome = "stopped"
                raise
            except Exception as error:
                outcome = await self._failed(job, job_id, tries_before, error)
                raise
            finally:
                seconds = self._clock.monotonic() - started
                self._done.add(name=job.name, outcome=outcome)
                self._seconds.record(seconds, name=job.name)
                log.info("job %s ended: %s", job.name, outcome, extra={"job_id": job_id, "seconds": round(seconds, 3)})

    async def _within_time(self, job: Job[Any], payload: Any) -> None:
        try:
            wanted = msgspec.convert(payload, job.payload)
        except msgspec.ValidationError as error:
            raise Rejected(f"The payload does not fit {job.payload.__name__}: {error}") from error
        try:
            async with asyncio.timeout(job.timeout_seconds) as limit:
                await job.run(self._subject, wanted)
        except TimeoutError as error:
            if limit.expired():
                raise TimedOut(f"The job did not end within {job.timeout_seconds:g} s.") from error
            raise

    async def _failed(self, job: Job[Any], job_id: int, tries_before: int, error: Exception) -> str:
        """Whether there is another try was decided once and is only told here."""
        again = pause_before_retry(job.retry, error, tries_before, _middle) is not None
        known = isinstance(error, DirectFanzError)
        log.log(
            logging.WARNING if again else logging.ERROR,
            "job %s failed at try %d of %d%s",
            job.name, tries_before + 1, job.retry.tries, "" if again else ", for good",
            exc_info=None if known and again else error, extra={"job_id": job_id},
        )  # fmt: skip
        text = "".join(traceback.format_exception(error))
        try:
            await self._database.run(lambda tx: note_failure(tx, job_id, text, tries_before + 1, self._clock))
        except DirectFanzError as problem:
            log.warning("could not note why job %s failed: %s", job.name, problem)
        return "retried" if again else "dead"


def _middle(low: float, high: float) -> float:
    return (low + high) / 2


class Again(BaseRetryStrategy):
    """Asked by procrastinate when a job has raised."""

    def __init__(self, retry: Retry) -> None:
        self._retry = retry

    def get_retry_decision(self, *, exception: BaseException, job: queue_jobs.Job) -> RetryDecision | None:
        pause = pause_before_retry(self._retry, exception, job.attempts, random.uniform)
        return None if pause is None else RetryDecision(retry_in={"milliseconds": int(pause * 1000)})


class Known(dict[str, Any]):
    """procrastinate's tasks by name. A name that this version of the code does not know is no failure of the job: during a
    deploy a newer worker may take it, so it waits its turn like any other retry."""

    def __init__(self, tasks: Mapping[str, Any], unknown: Any) -> None:
        super().__init__(tasks)
        self._unknown = unknown

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name, self._unknown)


async def refuse_unknown(context: JobContext, **_: object) -> None:
    raise Unavailable(f"This worker does not know the job {context.job.task_name}. Is an older version running?")
