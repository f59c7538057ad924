from __future__ import annotations

from typing import Any

import msgspec

from directfanz.backends import Backends
from directfanz.backends.jobs.contract import Job, Schedule
from directfanz.domains.live.service import figures, health, outside
from directfanz.domains.live.service.clipping import CUT
from directfanz.domains.live.service.telling import TELL_BEGUN


class CountViewers(msgspec.Struct, frozen=True):
    pass


async def _count_viewers(backends: Backends, payload: CountViewers) -> None:
    await figures.sample(backends)


class LookElsewhere(msgspec.Struct, frozen=True):
    pass


class RemoveUnknown(msgspec.Struct, frozen=True):
    pass


async def _look_elsewhere(backends: Backends, payload: LookElsewhere) -> None:
    await outside.look_after(backends)


async def _remove_unknown(backends: Backends, payload: RemoveUnknown) -> None:
    await outside.reconcile(backends)


LOOK_ELSEWHERE = Job("live.look_elsewhere", LookElsewhere, _look_elsewhere)
REMOVE_UNKNOWN = Job("live.remove_unknown", RemoveUnknown, _remove_unknown)
COUNT_VIEWERS = Job("live.count_viewers", CountViewers, _count_viewers)


class PruneHealth(msgspec.Struct, frozen=True):
    pass


async def _prune_health(backends: Backends, payload: PruneHealth) -> None:
    await health.prune(backends)


PRUNE_HEALTH = Job("live.prune_health", PruneHealth, _prune_health)
JOBS: list[Job[Any]] = [TELL_BEGUN, COUNT_VIEWERS, CUT, PRUNE_HEALTH, LOOK_ELSEWHERE, REMOVE_UNKNOWN]
SCHEDULES = [
    Schedule(COUNT_VIEWERS, "* * * * *"), Schedule(LOOK_ELSEWHERE, "* * * * *"), Schedule(REMOVE_UNKNOWN, "17 * * * *"),
    Schedule(PRUNE_HEALTH, "17 4 * * *"),
]  # fmt: skip
