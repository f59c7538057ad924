"""What was held long enough is released each hour; each night the book is asked whether all that must hold does."""

from __future__ import annotations

import logging
from typing import Any

import msgspec

from directfanz.backends import Backends
from directfanz.backends.jobs.contract import Job, Schedule
from directfanz.domains.ledger import service
from directfanz.errors import Rejected

SUNDAY = 6
log = logging.getLogger("directfanz.ledger")


class Release(msgspec.Struct, frozen=True):
    pass


class Check(msgspec.Struct, frozen=True):
    pass


async def _release(backends: Backends, payload: Release) -> None:
    """In stretches, each its own transaction: killed in between, it goes on where it was."""
    released = 0
    while True:
        async with backends.database.writing() as tx:
            count = await service.release_due(tx, backends.clock.now())
        if count == 0:
            break
        released += count
    log.info("released %d entries that were held long enough", released)


async def _check(backends: Backends, payload: Check) -> None:
    """What came since the last night; all of it on Sundays."""
    now = backends.clock.now()
    async with backends.database.writing("repeatable_read") as tx:  # one moment throughout, on the primary
        problems = await service.problems(tx, since_proven=now.weekday() != SUNDAY)
        if not problems:
            await service.prove(tx, now)
    if problems:
        # A dead job is what an operator sees and is woken for; trying again would change nothing.
        raise Rejected(f"The ledger is not in order: {'; '.join(problems[:5])}.")


RELEASE = Job("ledger.release_due", Release, _release)
CHECK = Job("ledger.check", Check, _check)
JOBS: list[Job[Any]] = [RELEASE, CHECK]
SCHEDULES = [Schedule(RELEASE, "5 * * * *"), Schedule(CHECK, "50 3 * * *")]
