"""Somebody paid for what they could not have: it goes back by itself."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.backends.jobs.contract import Job
from directfanz.domains.payments.repository import orders
from directfanz.domains.payments.service import refunds


class GiveBack(msgspec.Struct, frozen=True):
    order_id: UUID


async def later(backends: Backends, tx: Writer, order_id: UUID) -> None:
    """After the commit that booked it."""
    await backends.jobs.enqueue(tx, GIVE_BACK, GiveBack(order_id), queueing_key=f"give back {order_id}")


async def _give_back(backends: Backends, payload: GiveBack) -> None:
    """Twice it is one refund."""
    async with backends.database.writing() as tx:
        order = await orders.lock(tx, payload.order_id)
        if order is None or order.refundable.minor == 0:
            return
        asked = await refunds.begin(
            backends, tx, order, None, "Paid for nothing: it goes back by itself", None, "surplus"
        )
    await refunds.send(backends, asked.id)


GIVE_BACK = Job("payments.give_back", GiveBack, _give_back)
