"""For what was lost on its way: events that never arrived, refunds without an answer, pages that lapsed."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from directfanz.backends import Backends
from directfanz.backends.billing.contract import Event
from directfanz.domains.memberships.service import gifts, many
from directfanz.domains.payments.repository import events as kept
from directfanz.domains.payments.repository import orders, payouts, refunds
from directfanz.domains.payments.service import events as taking
from directfanz.domains.payments.service.refunds import send
from directfanz.errors import DirectFanzError

log = logging.getLogger("directfanz.payments")
AT_ONCE = 100
# The provider delivers within seconds, and again for three days. Whoever missed that asks.
LATE = timedelta(minutes=5)
OVERDUE = timedelta(hours=6)  # a bank's day has an evening
ANSWER_LATE = timedelta(minutes=2)
# A page at the provider may be paid in its last second, and the event be late.
LAPSED = timedelta(minutes=10)


async def events(backends: Backends, since: datetime, *, thorough: bool = True) -> int:
    """Takes what the provider tells and we do not have; how many were new. One that fails is kept as failed.
    Creators' accounts are asked one by one: `thorough`, all about which there may be news; otherwise those that are late."""
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        accounts = await (payouts.accounts_told(tx, since) if thorough else payouts.accounts_overdue(tx, now - OVERDUE))
    return sum([await _of_account(backends, since, account) for account in ("", *accounts)])


async def _of_account(backends: Backends, since: datetime, account: str) -> int:
    new, stretch = 0, list[Event]()
    async for event in backends.billing.events(since, backends.clock.now() + timedelta(seconds=1), account=account):
        stretch.append(event)
        if len(stretch) == AT_ONCE:
            new += await _take(backends, stretch)
            stretch = []
    return new + await _take(backends, stretch)


async def failed(backends: Backends) -> int:
    """Once more what could not be handled; how many still cannot."""
    async with backends.database.writing() as tx:
        waiting = await kept.newest(tx, failed=True, limit=AT_ONCE)
    await _take(backends, [taking.as_event(each) for each in reversed(waiting)])
    async with backends.database.writing() as tx:
        left = await kept.count_failed(tx)
    backends.telemetry.gauge("provider_events_failed").set(left)
    return left


async def unanswered_refunds(backends: Backends) -> None:
    async with backends.database.writing() as tx:
        waiting = await refunds.waiting(tx, backends.clock.now() - ANSWER_LATE, AT_ONCE)
    for each in waiting:
        try:
            await send(backends, each.id)
        except DirectFanzError as error:
            log.warning("the refund %s waits: %s", each.id, error.message)


async def lapsed_orders(backends: Backends) -> int:
    """Pages that nobody paid on. What is paid on one later is booked all the same."""
    async with backends.database.writing() as tx:
        over = await orders.expired(tx, backends.clock.now() - LAPSED, AT_ONCE)
    if over:
        async with backends.database.writing() as tx:
            held = await orders.lapse_all(tx, [each.id for each in over])
            await many.lapse(backends, tx, [membership for membership, _ in held if membership])
            await gifts.lapse_all(tx, [gift for _, gift in held if gift])
    return len(over)


async def _take(backends: Backends, stretch: list[Event]) -> int:
    async with backends.database.writing() as tx:  # the primary: a replica may not have what was just taken
        known = await kept.processed_among(tx, [each.id for each in stretch])
    missing = [event for event in stretch if event.id not in known]
    outcomes = await taking.take_all(backends, missing)
    for event, outcome in zip(missing, outcomes, strict=True):
        if isinstance(outcome, Exception):  # kept with the event; the others go on
            log.warning("the event %s (%s) fails: %s", event.id, event.kind, outcome)
    return sum(outcome is True for outcome in outcomes)
