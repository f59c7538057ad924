"""Money by the clock: tries again, pays out, sweeps what was lost, and compares the books."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import msgspec

from directfanz.backends import Backends
from directfanz.backends.jobs.contract import Job, Retry, Schedule
from directfanz.domains.payments.repository import events
from directfanz.domains.payments.service import (
    closing,
    dunning,
    goals,
    overseeing,
    payouts,
    reconciling,
    refund_requests,
    sweeping,
)
from directfanz.domains.payments.service.giving_back import GIVE_BACK
from directfanz.errors import Rejected

log = logging.getLogger("directfanz.payments")
# The provider sends an event again for three days; whoever was away longer asks for all of it.
SWEPT = timedelta(hours=6)
EVENTS_KEPT = timedelta(days=400)
FORGOTTEN_AT_ONCE = 5_000


class Nothing(msgspec.Struct, frozen=True):
    """These jobs need to be told nothing."""


async def _dunning(backends: Backends, payload: Nothing) -> None:
    while await dunning.try_due(backends) == dunning.AT_ONCE:
        pass


async def _pay_out(backends: Backends, payload: Nothing) -> None:
    log.info("began %d payouts", await payouts.run(backends))


async def _go_on(backends: Backends, payload: Nothing) -> None:
    await payouts.go_on(backends)


async def _sweep(backends: Backends, payload: Nothing) -> None:
    await sweeping.events(backends, backends.clock.now() - SWEPT, thorough=False)
    await sweeping.failed(backends)


async def _tidy(backends: Backends, payload: Nothing) -> None:
    await sweeping.unanswered_refunds(backends)
    await goals.close_due(backends)
    while await sweeping.lapsed_orders(backends) == sweeping.AT_ONCE:
        pass


async def _reconcile(backends: Backends, payload: Nothing) -> None:
    done = await reconciling.reconcile(backends)
    problems = await overseeing.recent_problems(backends)
    if done.differences or problems:
        # A dead job is what an operator sees and is woken for.
        words = [f"{each.what} {each.reference}" for each in done.differences] + problems
        raise Rejected(f"The books do not agree: {'; '.join(words[:5])}.")


async def _asked_back(backends: Backends, payload: Nothing) -> None:
    await refund_requests.hand_over_overdue(backends)


async def _closed(backends: Backends, payload: Nothing) -> None:
    await closing.give_back(backends)


async def _forget(backends: Backends, payload: Nothing) -> None:
    before = backends.clock.now() - EVENTS_KEPT
    while True:
        async with backends.database.writing() as tx:
            if not await events.forget_old(tx, before, FORGOTTEN_AT_ONCE):
                return


def _job(name: str, run: Callable[[Backends, Nothing], Awaitable[None]], seconds: float = 300) -> Job[Nothing]:
    """What comes by itself again does not insist."""
    return Job(f"payments.{name}", Nothing, run, retry=Retry(tries=3, first_seconds=30), timeout_seconds=seconds)


DUNNING = _job("try_refused_again", _dunning, 1800)
PAY_OUT = _job("pay_out", _pay_out, 1800)
GO_ON = _job("go_on_with_payouts", _go_on, 1800)
SWEEP = _job("sweep_events", _sweep, 1800)
TIDY = _job("tidy", _tidy)
RECONCILE = _job("reconcile", _reconcile, 3600)
FORGET = _job("forget_old_events", _forget, 1800)
ASKED_BACK = _job("hand_over_requests", _asked_back)
CLOSED = _job("give_back_of_closed_pages", _closed, 1800)
JOBS: list[Job[Any]] = [ASKED_BACK, CLOSED, DUNNING, PAY_OUT, GO_ON, SWEEP, TIDY, RECONCILE, FORGET, GIVE_BACK]
SCHEDULES = [
    Schedule(DUNNING, "17 * * * *"),
    Schedule(PAY_OUT, "30 6 * * *"),
    Schedule(GO_ON, "45 * * * *"),
    Schedule(SWEEP, "*/10 * * * *"),
    Schedule(TIDY, "*/5 * * * *"),
    Schedule(RECONCILE, "20 4 * * *"),
    Schedule(ASKED_BACK, "35 * * * *"),
    Schedule(CLOSED, "5 * * * *"),
    Schedule(FORGET, "10 2 * * *"),
]
