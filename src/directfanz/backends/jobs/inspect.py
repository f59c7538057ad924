"""Jobs as an operator sees them: what waits, what runs, what is dead, and what to do about the dead.

What has succeeded is removed from the queue at once; logs and metrics tell of it.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from directfanz.backends.database.contract import ConstraintBroken, Reader, Writer
from directfanz.backends.jobs.contract import JobView
from directfanz.errors import Conflict

State = Literal["waiting", "running", "dead"]
_STATUSES: dict[State, list[str]] = {"waiting": ["todo"], "running": ["doing"], "dead": ["failed", "aborted"]}
_NEWEST = 2**63 - 1

# Index: procrastinate_jobs' key, or jobs_dead.
_LIST = """
SELECT job.id, job.task_name AS name, job.queue_name AS queue,
       CASE job.status WHEN 'todo' THEN 'waiting' WHEN 'doing' THEN 'running' WHEN 'cancelled' THEN 'cancelled'
                       WHEN 'succeeded' THEN 'done' ELSE 'dead' END AS state,
       job.attempts,
       (SELECT min(event.at) FROM procrastinate_events event WHERE event.job_id = job.id) AS enqueued_at,
       job.scheduled_at,
       failure.error AS last_error
  FROM procrastinate_jobs job LEFT JOIN job_failures failure ON failure.job_id = job.id
 WHERE job.status = ANY($1::text[]::procrastinate_job_status[]) AND job.id < $2 AND ($3::text IS NULL OR job.queue_name = $3)
 ORDER BY job.id DESC LIMIT $4
"""
_REPLAY = """
UPDATE procrastinate_jobs SET status = 'todo', attempts = 0, scheduled_at = NULL, abort_requested = false
 WHERE id = $1 AND status IN ('failed', 'aborted') RETURNING wake_workers(queue_name, id)
"""
_DISCARD = "DELETE FROM procrastinate_jobs WHERE id = $1 AND status IN ('failed', 'aborted')"
_WAITING = """
SELECT queue_name, count(*) FROM procrastinate_jobs
 WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()) GROUP BY queue_name
"""
_DEAD = "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('failed', 'aborted')"


async def list_jobs(
    reader: Reader, state: State, *, queue: str | None = None, before: int | None = None, limit: int = 50
) -> list[JobView]:
    """Newest first; `before` is the id where the last page ended."""
    rows = await reader.fetch(_LIST, _STATUSES[state], before or _NEWEST, queue, limit)
    return [msgspec.convert(dict(row), JobView) for row in rows]


async def replay(tx: Writer, job_id: int) -> bool:
    """A dead job begins anew, with all its tries. False when there is no such dead job."""
    try:
        async with tx.savepoint():
            return await tx.execute(_REPLAY, job_id) == 1
    except ConstraintBroken:
        raise Conflict("The same work waits already, so this job need not run again. Discard it.") from None


async def discard(tx: Writer, job_id: int) -> bool:
    return await tx.execute(_DISCARD, job_id) == 1


async def count_due(reader: Reader) -> dict[str, int]:
    """By queue: what a worker could take now."""
    return {row[0]: row[1] for row in await reader.fetch(_WAITING)}


async def count_dead(reader: Reader) -> int:
    count: int = await reader.fetch_value(_DEAD)
    return count
