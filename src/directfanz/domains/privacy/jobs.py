from __future__ import annotations

from typing import Any

import msgspec

from directfanz.backends import Backends
from directfanz.backends.jobs.contract import Job, Schedule
from directfanz.domains.privacy.service.exports import BUILD_EXPORT, expire_exports, give_up_exports
from directfanz.domains.privacy.service.leaving import REMOVE_EXPORTS, erase_due


class Sweep(msgspec.Struct, frozen=True):
    pass


async def _sweep(backends: Backends, payload: Sweep) -> None:
    await expire_exports(backends)
    await give_up_exports(backends)
    await erase_due(backends)


SWEEP = Job("privacy.sweep", Sweep, _sweep)
JOBS: list[Job[Any]] = [BUILD_EXPORT, REMOVE_EXPORTS, SWEEP]
SCHEDULES = [Schedule(SWEEP, "27 * * * *")]
