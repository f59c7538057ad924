"""Jobs in PostgreSQL, by procrastinate's schema: enqueueing is part of the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

import msgspec

from directfanz.backends.database.contract import Writer
from directfanz.backends.jobs import carrier
from directfanz.backends.jobs.contract import Job

P = TypeVar("P", bound=msgspec.Struct)
# The function is ours (0001_base): it wraps procrastinate's own so that a key already waiting is no error.
_ENQUEUE = "SELECT enqueue_job($1, $2, $3, $4, $5, $6, $7)"
# Without keys nobody is in anybody's way: procrastinate's own, once for all.
_ENQUEUE_ALL = """
SELECT procrastinate_defer_jobs_v1(array(
    SELECT row($1, $2, 0, NULL, NULL, args::jsonb, NULL)::procrastinate_job_to_defer_v1 FROM unnest($3::text[]) AS args))"""


class ProcrastinateQueue:
    async def enqueue(
        self,
        tx: Writer,
        job: Job[P],
        payload: P,
        *,
        run_at: datetime | None = None,
        queueing_key: str | None = None,
        lock: str | None = None,
        priority: int = 0,
    ) -> int | None:
        job_id: int | None = await tx.fetch_value(
            _ENQUEUE, job.queue, job.name, priority, lock, queueing_key, _arguments(job, payload), run_at
        )
        return job_id

    async def enqueue_all(self, tx: Writer, job: Job[P], payloads: Sequence[P]) -> None:
        if payloads:
            await tx.execute(_ENQUEUE_ALL, job.queue, job.name, [_arguments(job, each) for each in payloads])


def _arguments(job: Job[P], payload: P) -> str:
    if not isinstance(payload, job.payload):
        raise TypeError(f"{job.name} takes a {job.payload.__name__}, not a {type(payload).__name__}")
    return msgspec.json.encode({"payload": payload, "carrier": carrier.packed()}).decode()
