from __future__ import annotations

import logging
from typing import Any

import msgspec

from directfanz.backends import Backends
from directfanz.backends.jobs.contract import Job, Schedule
from directfanz.domains.entitlements import service
from directfanz.domains.entitlements.service.memory import FORGET

ROUNDS_AT_MOST = 100
log = logging.getLogger("directfanz.entitlements")


class Compare(msgspec.Struct, frozen=True):
    pass


async def _compare(backends: Backends, payload: Compare) -> None:
    """There should be nothing to find. What is found is mended, and said loudly: something forgot to tell of a change."""
    for _ in range(ROUNDS_AT_MOST):
        async with backends.database.writing() as tx:
            found = await service.rebuild(backends, tx, backends.clock.now())
        for each in found:
            log.error("an entitlement by %s %s did not say what its source says", each.source, each.source_id)
        if not found:
            return


COMPARE = Job("entitlements.compare", Compare, _compare, timeout_seconds=1800)
JOBS: list[Job[Any]] = [FORGET, COMPARE]
SCHEDULES = [Schedule(COMPARE, "10 3 * * *")]
