"""A renewal that a card refused: tried again after 1, 3, 5 and 7 days, and then given up. The member is in all the while."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.billing.contract import CardRefused, Invoice
from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.memberships.service import following
from directfanz.domains.payments.models import Dunning
from directfanz.domains.payments.policy.retrying import UNREACHABLE_AGAIN, next_try
from directfanz.domains.payments.repository import dunning
from directfanz.domains.payments.service import telling
from directfanz.errors import DirectFanzError, Rejected
from directfanz.kit.ids import new_id

log = logging.getLogger("directfanz.payments")
AT_ONCE = 200
SIDE_BY_SIDE = 8


async def failed(
    backends: Backends, tx: Writer, invoice: Invoice, membership_id: UUID, user_id: UUID, creator_id: UUID
) -> None:
    """The first refusal. Later ones are our own tries, and are counted where they are made."""
    now = backends.clock.now()
    first = next_try(now, 0)
    new = Dunning(
        id=new_id(), invoice=invoice.id, membership_id=membership_id, user_id=user_id, creator_id=creator_id, amount=invoice.due,
        state="open", failed_at=now, tries=0, next_try_at=first,
    )  # fmt: skip
    if await dunning.insert(tx, new):
        await following.payment_failed(backends, tx, membership_id, 1, first)
        backends.telemetry.counter("renewals_refused_total").add()


async def recovered(backends: Backends, tx: Writer, invoice: str) -> None:
    await dunning.end(tx, invoice, "recovered", backends.clock.now())


async def over(backends: Backends, tx: Writer, invoice: str) -> None:
    """Voided or written off at the provider."""
    await dunning.end(tx, invoice, "given_up", backends.clock.now())


async def open_of(reader: Reader, user_id: UUID) -> list[Dunning]:
    return await dunning.open_of(reader, user_id)


async def try_due(backends: Backends) -> int:
    """Each is a try of its own, a few side by side: one that fails does not keep the others. A fault of ours is raised at the end."""
    async with backends.database.reading() as reader:
        waiting = await dunning.due(reader, backends.clock.now(), AT_ONCE)
    turn = asyncio.Semaphore(SIDE_BY_SIDE)

    async def in_turn(row: Dunning) -> None:
        async with turn:
            await _try(backends, row)

    for outcome in await asyncio.gather(*map(in_turn, waiting), return_exceptions=True):
        if outcome is not None:
            raise outcome
    return len(waiting)


async def _try(backends: Backends, row: Dunning) -> None:
    now = backends.clock.now()
    try:
        await backends.billing.pay_invoice(row.invoice, key=f"dunning/{row.id}/{row.tries + 1}")
        await _count(backends, row, now, "paid", None)
    except CardRefused as refused:
        await _count(backends, row, now, "refused", refused.reason)
    except Rejected as error:
        log.warning("the invoice %s can no longer be paid: %s", row.invoice, error.message)
        async with backends.database.writing() as tx:
            await over(backends, tx, row.invoice)
    except DirectFanzError as error:
        if not error.retryable:
            raise
        async with backends.database.writing() as tx:
            await dunning.later(tx, row.id, now + UNREACHABLE_AGAIN)


async def _count(backends: Backends, row: Dunning, now: datetime, outcome: str, reason: str | None) -> None:
    """A paid one is ended by its event, which also books the money."""
    following_try = next_try(row.failed_at, row.tries + 1)
    async with backends.database.writing() as tx:
        if outcome == "paid":
            await dunning.later(tx, row.id, now + UNREACHABLE_AGAIN)
            return
        if not await dunning.tried(tx, row, now, outcome, reason, following_try):
            return
        await following.payment_failed(backends, tx, row.membership_id, row.tries + 2, following_try)
        if following_try is None:
            await telling.card_gave_up(backends, tx, row)
