from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.jobs.contract import Job, Schedule
from directfanz.domains.discovery.repository import figures
from directfanz.domains.discovery.service.podcasting import REMOVE_COVER

PAGES_AT_ONCE = 200
LATELY = timedelta(days=14)


class Rebuild(msgspec.Struct, frozen=True):
    pass


async def _rebuild(backends: Backends, payload: Rebuild) -> None:
    """In small transactions. What happened since the last run shows at the next."""
    now, after = backends.clock.now(), UUID(int=0)
    while after is not None:
        async with backends.database.writing() as tx:
            last = await figures.rebuild_creators(tx, after, PAGES_AT_ONCE, now, now - LATELY)
        if last is None:
            break
        after = last
    async with backends.database.writing() as tx:
        await figures.forget_hidden(tx)
        await figures.rebuild_tags(tx, now)


REBUILD = Job("discovery.rebuild_figures", Rebuild, _rebuild, timeout_seconds=900)
JOBS: list[Job[Any]] = [REBUILD, REMOVE_COVER]
SCHEDULES = [Schedule(REBUILD, "*/10 * * * *")]
