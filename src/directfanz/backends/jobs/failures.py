"""What an operator sees of jobs: why one failed last, what waits, what is out of tries; replay and discard."""

from __future__ import annotations

from datetime import datetime

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.backends.jobs.contract import JobView
from directfanz.errors import Conflict

MAX_ERROR = 2000
_STATES = {
    "todo": "waiting",
    "doing": "running",
    "succeeded": "done",
    "failed": "dead",
    "cancelled": "cancelled",
    "aborted": "dead",
}


async def note(tx: Writer, job_id: int, error: str, attempts: int, now: datetime) -> None:
    await tx.execute(
        """INSERT INTO job_failures (job_id, error, attempts, at) VALUES ($1, $2, $3, $4)
           ON CONFLICT (job_id) DO UPDATE SET error = excluded.error, attempts = excluded.attempts, at = excluded.at""",
        job_id, error.replace("\0", "")[:MAX_ERROR], attempts, now,
    )  # fmt: skip


async def waiting_by_queue(reader: Reader) -> dict[str, int]:
    """Due and not taken."""
    rows = await reader.fetch(
        """SELECT queue_name, count(*) FROM procrastinate_jobs
           WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()) GROUP BY queue_name"""
    )
    return {row[0]: row[1] for row in rows}


async def count_dead(reader: Reader) -> int:
    return int(
        await reader.fetch_value("SELECT count(*) FROM procrastinate_jobs WHERE status IN ('failed', 'aborted')")
    )


async def dead(reader: Reader, before: int | None, limit: int) -> list[JobView]:
    """Newest first."""
    rows = await reader.fetch(
        """SELECT j.id, j.task_name, j.queue_name, j.status::text, j.attempts, e.at, j.scheduled_at, f.error
           FROM procrastinate_jobs j
           LEFT JOIN job_failures f ON f.job_id = j.id
           LEFT JOIN LATERAL (
               SELECT min(at) AS at FROM procrastinate_events WHERE job_id = j.id AND type = 'deferred') e ON true
           WHERE j.status IN ('failed', 'aborted') AND j.id < $1 ORDER BY j.id DESC LIMIT $2""",
        before or 2**63 - 1, limit,
    )  # fmt: skip
    return [_view(row) for row in rows]


async def replay(tx: Writer, job_id: int) -> None:
    """With all its tries anew. Only what is dead: a job that runs is not started twice."""
    queue = await tx.fetch_value(
        """UPDATE procrastinate_jobs SET status = 'todo', attempts = 0, scheduled_at = NULL, worker_id = NULL
           WHERE id = $1 AND status IN ('failed', 'aborted') RETURNING queue_name""",
        job_id,
    )
    if queue is None:
        raise Conflict("This job is not waiting for you: it was replayed, discarded or never failed.")
    await tx.fetch_value("SELECT wake_workers($1, $2)", queue, job_id)


async def discard(tx: Writer, job_id: int) -> None:
    """It stays in the table, as cancelled."""
    sql = "UPDATE procrastinate_jobs SET status = 'cancelled' WHERE id = $1 AND status IN ('failed', 'aborted')"
    if await tx.execute(sql, job_id) != 1:
        raise Conflict("This job is not waiting for you: it was replayed, discarded or never failed.")


def _view(row: Row) -> JobView:
    return JobView(
        id=row[0], name=row[1], queue=row[2], state=_STATES[row[3]], attempts=row[4], enqueued_at=row[5],
        scheduled_at=row[6], last_error=row[7],
    )  # fmt: skip
