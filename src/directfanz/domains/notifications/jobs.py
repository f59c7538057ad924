from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from directfanz.backends import Backends
from directfanz.backends.jobs.contract import Job, Schedule
from directfanz.domains.notifications import repository
from directfanz.domains.notifications.service.delivery import MAIL, PUSH

KEPT = timedelta(days=365)
ROWS_AT_ONCE = 1000


class Sweep(msgspec.Struct, frozen=True):
    pass


async def _sweep(backends: Backends, payload: Sweep) -> None:
    removed = ROWS_AT_ONCE
    while removed == ROWS_AT_ONCE:
        async with backends.database.writing() as tx:
            removed = await repository.remove_before(tx, backends.clock.now() - KEPT, ROWS_AT_ONCE)


SWEEP = Job("notifications.sweep", Sweep, _sweep)
JOBS: list[Job[Any]] = [PUSH, MAIL, SWEEP]
SCHEDULES = [Schedule(SWEEP, "7 4 * * *")]
