"""What operators see and do about money."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from directfanz.backends import Backends
from directfanz.domains.audit import service as audit
from directfanz.domains.ledger import service as ledger
from directfanz.domains.ledger.models import broken_of
from directfanz.domains.payments.errors import EventFailed, NoSuchEvent
from directfanz.domains.payments.invariants import FIRST, INVARIANTS, invariants
from directfanz.domains.payments.models import KeptEvent, Payout
from directfanz.domains.payments.repository import events as kept
from directfanz.domains.payments.repository import payouts
from directfanz.domains.payments.service import events
from directfanz.domains.payments.service.payouts import KEY_LIVES
from directfanz.errors import DirectFanzError
from directfanz.http.caller import Caller
from directfanz.kit.ids import created_at, first_of, new_id
from directfanz.kit.money import Money

SHOWN = 100
SUNDAY = 6
# Refunds settle within weeks and disputes within months: what is older changes no more.
RECENT = timedelta(days=200)


class Sum(msgspec.Struct, frozen=True):
    account: str
    amount: Money


async def newest_events(backends: Backends, *, failed: bool, limit: int = SHOWN) -> list[KeptEvent]:
    async with backends.database.writing() as tx:
        return await kept.newest(tx, failed=failed, limit=limit)


async def replay(backends: Backends, caller: Caller, event_id: str) -> KeptEvent:
    """A failure is told as it was, and stays to be tried again."""
    async with backends.database.writing() as tx:
        await audit.record(tx, actor=caller.require_user(), action="payments.event_replayed", event=event_id[:100])
    try:
        await events.replay(backends, event_id)
    except NoSuchEvent:
        raise
    except Exception as error:
        words = error.message if isinstance(error, DirectFanzError) else str(error)
        raise EventFailed(f"It failed again: {words}") from error
    async with backends.database.writing() as tx:
        found = await kept.find(tx, event_id)
    assert found is not None
    return found


async def totals(backends: Backends) -> list[Sum]:
    async with backends.database.writing() as tx:
        found = await ledger.totals(tx)
    return [Sum(account, Money(minor, code)) for (account, code), minor in sorted(found.items()) if minor]


async def hanging(backends: Backends) -> list[Payout]:
    """Payouts that have been asked for longer than the provider remembers our key."""
    async with backends.database.writing() as tx:
        found = await payouts.under_way(tx, SHOWN)
    limit: timedelta = KEY_LIVES
    now = backends.clock.now()
    return [each for each in found if each.first_tried_at and now - each.first_tried_at > limit]


async def try_again(backends: Backends, caller: Caller, payout: Payout) -> None:
    """An operator looked at the provider's pages and found that it was not paid."""
    async with backends.database.writing() as tx:
        await payouts.begin_again(tx, payout.id)
        await audit.record(tx, actor=caller.require_user(), action="payments.payout_tried_again", payout=str(payout.id))


async def recent_problems(backends: Backends) -> list[str]:
    """For each night: of what may still change; of all there is on Sundays."""
    now = backends.clock.now()
    since = FIRST if now.weekday() == SUNDAY else first_of(created_at(new_id()) - RECENT)
    async with backends.database.writing("repeatable_read") as tx:
        return await broken_of(tx, invariants(since))


async def problems(backends: Backends) -> list[str]:
    """Of all there is: for `directfanz doctor` and operators."""
    async with backends.database.writing("repeatable_read") as tx:
        return await ledger.problems(tx) + await broken_of(tx, INVARIANTS)
