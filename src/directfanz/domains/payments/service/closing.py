"""A page closes for good: whoever paid for time that is still to come has it back. See docs/decisions/0019-closed-pages.md.

Memberships and claimed gifts by the second, gifts that nobody claimed whole. What was bought once, and tips, were had. The job may be
killed and run again: each order is given back to once, under its lock and by a key of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.payments.errors import NotRefundable
from directfanz.domains.payments.models import Refund
from directfanz.domains.payments.policy.unused import Paid, unused
from directfanz.domains.payments.repository import closing, orders
from directfanz.domains.payments.repository import refunds as kept
from directfanz.domains.payments.repository.closing import KEY, Lost
from directfanz.domains.payments.service import refunds, telling
from directfanz.errors import DirectFanzError
from directfanz.kit.money import Money

log = logging.getLogger("directfanz.payments")
AT_ONCE = 200
LOOKS_BACK = timedelta(days=60)
REASON = "The page has closed: the time that was paid for and not had."


async def give_back(backends: Backends) -> int:
    """How many orders."""
    since = backends.clock.now() - LOOKS_BACK
    async with backends.database.writing() as tx:
        members = await closing.memberships(tx, since, AT_ONCE)
        gifts = await closing.gifts(tx, since, AT_ONCE)
    done = 0
    for each in members:
        done += await _one(backends, each, lambda tx, lost: closing.orders_of_period(tx, lost.id, lost.start))
    for each in gifts:
        done += await _one(backends, each, lambda tx, lost: closing.order_of_gift(tx, lost.id))
    return done


async def _one(backends: Backends, lost: Lost, paid_for: Callable[[Reader, Lost], Awaitable[list[Paid]]]) -> int:
    """All of one period or none: its parts are worked out together."""

    async def write(tx: Writer) -> list[Refund]:
        parts = unused(lost.price, lost.start, lost.end, lost.ended, await paid_for(tx, lost))
        asked = [await _ask(backends, tx, order_id, amount) for order_id, amount in parts]
        return [each for each in asked if each is not None]

    try:
        asked = await backends.database.run(write)
        for each in asked:
            await refunds.send(backends, each.id)
    except DirectFanzError as error:
        log.warning("what %s paid to a closed page waits: %s", lost.id, error.message)
        return 0
    return len(asked)


async def _ask(backends: Backends, tx: Writer, order_id: UUID, amount: Money) -> Refund | None:
    order = await orders.lock(tx, order_id)
    if order is None or await kept.by_key(tx, order_id, KEY) is not None:
        return None
    try:
        asked = await refunds.begin(backends, tx, order, min(amount, order.refundable), REASON, None, KEY)
    except NotRefundable:
        return None  # the bank has it, or it went back meanwhile
    await telling.page_closed(backends, tx, order, asked)
    return asked
