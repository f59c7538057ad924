from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.jobs.contract import Job, Schedule
from directfanz.domains.notifications.policy import RESCUED_AFTER
from directfanz.domains.notifications.repository import outgoing, told
from directfanz.domains.notifications.service import CARRIED_BY_ONE_JOB, alarms
from directfanz.domains.notifications.service.delivery import CARRY, SHOW, Carry
from directfanz.domains.notifications.service.digests import DIGEST, MakeDigest

KEPT = timedelta(days=365)
ROWS_AT_ONCE = 1000
# In one run of the minute; the next one goes on.
DUE_AT_ONCE, DUE_PARTS = 500, 20


class Sweep(msgspec.Struct, frozen=True):
    pass


class Due(msgspec.Struct, frozen=True):
    pass


async def _sweep(backends: Backends, payload: Sweep) -> None:
    removed = ROWS_AT_ONCE
    while removed == ROWS_AT_ONCE:
        async with backends.database.writing() as tx:
            removed = await told.remove_before(tx, backends.clock.now() - KEPT, ROWS_AT_ONCE)


async def _due(backends: Backends, payload: Due) -> None:
    """What quiet hours held back, whose digest it is time for, and what a job should have carried long ago."""
    for part in (_held, _digests):
        for _ in range(DUE_PARTS):
            if await part(backends) < DUE_AT_ONCE:
                break


async def _held(backends: Backends) -> int:
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        due = await outgoing.take_due(tx, now, now + RESCUED_AFTER, DUE_AT_ONCE)
        for channel, job in CARRY.items():
            ids: list[UUID] = [each for each, over in due if over == channel]
            for start in range(0, len(ids), CARRIED_BY_ONE_JOB):
                await backends.jobs.enqueue(tx, job, Carry(ids[start : start + CARRIED_BY_ONE_JOB]))
    return len(due)


async def _digests(backends: Backends) -> int:
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        rows, people = await outgoing.take_due_digests(tx, now, now + RESCUED_AFTER, DUE_AT_ONCE)
        for user_id in people:
            await backends.jobs.enqueue(tx, DIGEST, MakeDigest(user_id), queueing_key=f"digest-{user_id}")
    return rows


class Watch(msgspec.Struct, frozen=True):
    pass


async def _watch(backends: Backends, payload: Watch) -> None:
    await alarms.watch(backends)


WATCH = Job("notifications.watch_alarms", Watch, _watch)
SWEEP = Job("notifications.sweep", Sweep, _sweep)
DUE = Job("notifications.due", Due, _due)
JOBS: list[Job[Any]] = [SHOW, *CARRY.values(), DIGEST, DUE, SWEEP, WATCH]
SCHEDULES = [Schedule(SWEEP, "7 4 * * *"), Schedule(DUE, "* * * * *"), Schedule(WATCH, "* * * * *")]
