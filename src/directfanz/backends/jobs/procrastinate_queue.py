"""Jobs in PostgreSQL, by procrastinate's schema: enqueueing is part of the caller's transaction."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

import msgspec

from directfanz.backends.database.contract import Writer
from directfanz.backends.jobs import carrier
from directfanz.backends.jobs.contract import Job

P = TypeVar("P", bound=msgspec.Struct)
# The function is ours (0001_base): it wraps procrastinate's own so that a key already waiting is no error.
_ENQUEUE = "SELECT enqueue_job($1, $2, $3, $4, $5, $6, $7)"


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
        if not isinstance(payload, job.payload):
            raise TypeError(f"{job.name} takes a {job.payload.__name__}, not a {type(payload).__name__}")
        arguments = msgspec.json.encode({"payload": payload, "carrier": carrier.packed()}).decode()
        job_id: int | None = await tx.fetch_value(
            _ENQUEUE, job.queue, job.name, priority, lock, queueing_key, arguments, run_at
        )
        return job_id
