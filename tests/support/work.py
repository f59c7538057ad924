"""Jobs that were enqueued, done here and now by the test's own clock, as the worker would do them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any

import msgspec

from directfanz.backends import Backends
from directfanz.backends.jobs.contract import Job, Schedule

AT_ONCE = 8
_TAKE = """
DELETE FROM procrastinate_jobs WHERE status = 'todo' AND queue_name = ANY($1) AND (scheduled_at IS NULL OR scheduled_at <= $2)
RETURNING id, task_name, args
"""


async def work_off(backends: Backends, *, queues: Collection[str] = ("default",)) -> int:
    """Until nothing waits; what a job enqueues is done too. Answers how many there were."""
    from directfanz.processes.worker.jobs import JOBS

    known: dict[str, Job[Any]] = {job.name: job for job in JOBS}
    done = 0
    while taken := await backends.database.run(lambda tx: tx.fetch(_TAKE, list(queues), backends.clock.now())):
        turn = asyncio.Semaphore(AT_ONCE)

        async def run(name: str, args: str, turn: asyncio.Semaphore = turn) -> None:
            job = known[name]
            async with turn:
                told = msgspec.json.decode(args)["payload"] if isinstance(args, str) else args["payload"]
                await job.run(backends, msgspec.convert(told, job.payload))

        async with asyncio.TaskGroup() as group:
            for row in sorted(taken, key=lambda row: int(row["id"])):
                group.create_task(run(row["task_name"], row["args"]))
        done += len(taken)
    return done


async def run_schedules(backends: Backends, schedules: Collection[Schedule]) -> None:
    """Each of them once, one after the other."""
    for schedule in schedules:
        await schedule.job.run(backends, schedule.job.payload())
