from __future__ import annotations

from typing import Any

import msgspec

from directfanz.backends import Backends
from directfanz.backends.jobs.contract import Job, Schedule
from directfanz.domains.live.service import figures, health
from directfanz.domains.live.service.clipping import CUT
from directfanz.domains.live.service.telling import TELL_BEGUN


class CountViewers(msgspec.Struct, frozen=True):
    pass


async def _count_viewers(backends: Backends, payload: CountViewers) -> None:
    await figures.sample(backends)


COUNT_VIEWERS = Job("live.count_viewers", CountViewers, _count_viewers)


class PruneHealth(msgspec.Struct, frozen=True):
    pass


async def _prune_health(backends: Backends, payload: PruneHealth) -> None:
    await health.prune(backends)


PRUNE_HEALTH = Job("live.prune_health", PruneHealth, _prune_health)
JOBS: list[Job[Any]] = [TELL_BEGUN, COUNT_VIEWERS, CUT, PRUNE_HEALTH]
SCHEDULES = [Schedule(COUNT_VIEWERS, "* * * * *"), Schedule(PRUNE_HEALTH, "17 4 * * *")]
