from __future__ import annotations

from typing import Any

import msgspec

from directfanz.backends import Backends
from directfanz.backends.jobs.contract import Job, Schedule
from directfanz.domains.live.service import figures
from directfanz.domains.live.service.telling import TELL_BEGUN


class CountViewers(msgspec.Struct, frozen=True):
    pass


async def _count_viewers(backends: Backends, payload: CountViewers) -> None:
    await figures.sample(backends)


COUNT_VIEWERS = Job("live.count_viewers", CountViewers, _count_viewers)
JOBS: list[Job[Any]] = [TELL_BEGUN, COUNT_VIEWERS]
SCHEDULES = [Schedule(COUNT_VIEWERS, "* * * * *")]
