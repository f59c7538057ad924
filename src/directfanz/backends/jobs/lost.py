"""Jobs whose worker died: they run again, and what kills every worker is stopped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from directfanz.backends.clock.contract import Clock
from directfanz.backends.database.contract import Reader, Writer
from directfanz.backends.jobs.contract import Job, Retry

# A worker that is gone leaves its jobs without a worker (foreign key, on delete set null).
_PRUNE = "SELECT procrastinate_prune_stalled_workers_v1($1)"
_LOST = """
SELECT id, task_name, queue_name, attempts FROM procrastinate_jobs
 WHERE status = 'doing' AND worker_id IS NULL ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED
"""
_AGAIN = "SELECT procrastinate_retry_job_v2($1, now(), NULL, NULL, NULL), wake_workers($2, $1)"
_END = "SELECT procrastinate_finish_job_v1($1, 'failed', false)"
_NOTE = """
INSERT INTO job_failures (job_id, error, attempts, at) VALUES ($1, $2, $3, $4)
ON CONFLICT (job_id) DO UPDATE SET error = $2, attempts = $3, at = $4
"""
MAX_ERROR_CHARACTERS = 4000


async def note_failure(tx: Writer, job_id: int, error: str, attempts: int, clock: Clock) -> None:
    await tx.execute(_NOTE, job_id, error.replace("\0", "")[-MAX_ERROR_CHARACTERS:], attempts, clock.now())


async def recover_lost(
    tx: Writer, jobs: Mapping[str, Job[Any]], silent_seconds: float, clock: Clock
) -> tuple[list[str], list[str]]:
    """Names of the jobs that run again, and of those that have had all their tries."""
    await tx.fetch(_PRUNE, silent_seconds)
    again: list[str] = []
    dead: list[str] = []
    for job_id, name, queue, attempts in await tx.fetch(_LOST):
        tries = (jobs[name].retry if name in jobs else Retry()).tries
        await note_failure(tx, job_id, "Its worker was killed or lost its connection.", attempts + 1, clock)
        if attempts + 1 < tries:
            await tx.fetch(_AGAIN, job_id, queue)
            again.append(name)
        else:
            await tx.fetch(_END, job_id)
            dead.append(name)
    return again, dead


async def any_lost(reader: Reader, silent_seconds: float) -> bool:
    """Cheap enough to ask every few seconds, and it locks nothing."""
    sql = """
    SELECT EXISTS (SELECT FROM procrastinate_workers WHERE last_heartbeat < now() - $1 * interval '1 second')
        OR EXISTS (SELECT FROM procrastinate_jobs WHERE status = 'doing' AND worker_id IS NULL)
    """
    found: bool = await reader.fetch_value(sql, silent_seconds)
    return found
