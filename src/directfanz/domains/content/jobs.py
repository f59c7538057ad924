from __future__ import annotations

from typing import Any

import msgspec

from directfanz.backends import Backends
from directfanz.backends.jobs.contract import Job, Schedule
from directfanz.domains.content.models import REMOVED_KEPT
from directfanz.domains.content.repository import posts

ROWS_AT_ONCE = 1000


class Sweep(msgspec.Struct, frozen=True):
    pass


async def _sweep(backends: Backends, payload: Sweep) -> None:
    """In small transactions, until nothing is left."""
    before, removed = backends.clock.now() - REMOVED_KEPT, ROWS_AT_ONCE
    while removed == ROWS_AT_ONCE:
        async with backends.database.writing() as tx:
            removed = await posts.sweep(tx, before, ROWS_AT_ONCE)


SWEEP = Job("content.sweep", Sweep, _sweep)
JOBS: list[Job[Any]] = [SWEEP]
SCHEDULES = [Schedule(SWEEP, "43 3 * * *")]
