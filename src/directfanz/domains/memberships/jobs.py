"""What the clock brings. Each job takes the time from the backends' clock and may run twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from directfanz.backends import Backends
from directfanz.backends.jobs.contract import Job, Schedule
from directfanz.domains.memberships.service import keeping_time
from directfanz.domains.memberships.service.asking import ASK
from directfanz.domains.memberships.service.at_provider import CANCEL, POSTPONE
from directfanz.domains.memberships.service.planning import PLAN
from directfanz.domains.memberships.service.regranting import REGRANT

MINUTES_FOR_ALL = 30


class Now(msgspec.Struct, frozen=True):
    pass


def _timed(name: str, work: Callable[[Backends], Awaitable[None]]) -> Job[Now]:
    async def run(backends: Backends, _: Now) -> None:
        await work(backends)

    return Job(f"memberships.{name}", Now, run, timeout_seconds=MINUTES_FOR_ALL * 60)


LAPSE = _timed("lapse_joinings", keeping_time.lapse_joinings)
TRIALS = _timed("tell_of_trials", keeping_time.tell_of_trials)
RESUME = _timed("resume", keeping_time.resume)
GRACE = _timed("end_grace", keeping_time.end_grace)
RAN_OUT = _timed("end_what_ran_out", keeping_time.end_what_ran_out)
ASK_AGAIN = _timed("ask_again", keeping_time.ask_again)
GIFTS = _timed("expire_gifts", keeping_time.expire_gifts)
CLOSED = _timed("leave_closed_pages", keeping_time.leave_closed_pages)
TIMED = [LAPSE, TRIALS, RESUME, GRACE, RAN_OUT, ASK_AGAIN, GIFTS, CLOSED]
JOBS: list[Job[Any]] = [*TIMED, CANCEL, POSTPONE, PLAN, ASK, REGRANT]
SCHEDULES = [
    Schedule(LAPSE, "*/5 * * * *"),
    Schedule(TRIALS, "20 * * * *"),
    Schedule(RESUME, "25 * * * *"),
    Schedule(GRACE, "*/15 * * * *"),
    Schedule(RAN_OUT, "*/10 * * * *"),
    Schedule(ASK_AGAIN, "40 * * * *"),
    Schedule(GIFTS, "50 6 * * *"),
    Schedule(CLOSED, "55 * * * *"),
]
