from __future__ import annotations

from typing import Any

import msgspec

from directfanz.backends import Backends
from directfanz.backends.jobs.contract import Job, Schedule
from directfanz.domains.content.models import REMOVED_KEPT
from directfanz.domains.content.repository import posts
from directfanz.domains.content.service import announcing, dripping

ROWS_AT_ONCE = 1000


class Sweep(msgspec.Struct, frozen=True):
    pass


async def _sweep(backends: Backends, payload: Sweep) -> None:
    """In small transactions, until nothing is left."""
    before, removed = backends.clock.now() - REMOVED_KEPT, ROWS_AT_ONCE
    while removed == ROWS_AT_ONCE:
        async with backends.database.writing() as tx:
            removed = await posts.sweep(tx, before, ROWS_AT_ONCE)


async def _announce(backends: Backends, payload: Sweep) -> None:
    await announcing.sweep(backends)


async def _drip(backends: Backends, payload: Sweep) -> None:
    await dripping.sweep(backends)


SWEEP = Job("content.sweep", Sweep, _sweep)
ANNOUNCE = Job("content.announce", Sweep, _announce)
DRIP = Job("content.tell_of_drips", Sweep, _drip, timeout_seconds=3_000)
JOBS: list[Job[Any]] = [SWEEP, ANNOUNCE, DRIP, announcing.TELL]
SCHEDULES = [Schedule(SWEEP, "43 3 * * *"), Schedule(ANNOUNCE, "* * * * *"), Schedule(DRIP, "26 * * * *")]
