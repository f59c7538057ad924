"""A fan's own side: what they bought, its papers, and how a page for paying ended."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import lookup, team
from directfanz.domains.memberships.service import following
from directfanz.domains.payments.models import Dunning, Issued, Order, Refund
from directfanz.domains.payments.repository import dunning, orders, papers, refunds
from directfanz.domains.payments.service import settling
from directfanz.domains.payments.service.events.handlers import left_behind
from directfanz.domains.payments.service.refunds import no_such_order
from directfanz.errors import DirectFanzError, NotFound
from directfanz.http.caller import Caller


class Bought(msgspec.Struct, frozen=True, kw_only=True):
    order: Order
    papers: list[Issued]
    refunds: list[Refund]
    creator: Creator


async def mine(backends: Backends, caller: Caller, before: UUID | None, limit: int) -> list[Order]:
    async with backends.database.writing() as tx:
        return await orders.of_user(tx, caller.require_user(), before, limit)


async def refused_renewals(backends: Backends, caller: Caller) -> list[Dunning]:
    async with backends.database.writing() as tx:
        return await dunning.open_of(tx, caller.require_user())


async def get(backends: Backends, caller: Caller, order_id: UUID) -> Bought:
    """Their own, or one of a page whose money they may see. To everybody else it is not there."""
    async with backends.database.writing() as tx:
        order = await orders.find(tx, order_id)
        if order is None or not (order.user_id == caller.require_user() or await _may_see(tx, caller, order)):
            raise no_such_order()
        creator = await lookup.by_id_even_closed(tx, order.creator_id)
        return Bought(
            order=order,
            papers=await papers.of_order(tx, order_id),
            refunds=await refunds.of_orders(tx, [order_id]),
            creator=creator,
        )


async def may_refund(backends: Backends, caller: Caller, order: Order) -> bool:
    if order.refundable.minor == 0 or order.payment is None or order.state == "disputed":
        return False
    async with backends.database.reading() as reader:
        return await _may_see(reader, caller, order)


async def paper(backends: Backends, caller: Caller, order_id: UUID, paper_id: UUID | None) -> Issued:
    """The invoice, or one of the credit notes."""
    found = (await get(backends, caller, order_id)).papers
    for each in found:
        if each.id == paper_id or (paper_id is None and each.kind == "invoice"):
            return each
    raise NotFound("There is no such paper. It is there once the payment has arrived.")


async def came_back(backends: Backends, caller: Caller, order_id: UUID) -> Bought:
    """From the provider's page. Whoever comes back should not wait for an event: we ask, and write what is true."""
    bought = await get(backends, caller, order_id)
    if bought.order.user_id != caller.user_id:
        raise no_such_order()
    if bought.order.state == "pending" and bought.order.checkout is not None:
        try:
            await look_again(backends, bought.order)
        except DirectFanzError as error:
            if not error.retryable:
                raise  # else the event will tell
        return await get(backends, caller, order_id)
    return bought


async def look_again(backends: Backends, order: Order) -> None:
    assert order.checkout is not None
    page = await backends.billing.checkout(order.checkout)
    payment = await backends.billing.payment(page.payment) if page.payment and page.paid else None
    asked_at = backends.clock.now()
    subscription = await backends.billing.subscription(page.subscription) if page.subscription else None
    async with backends.database.writing() as tx:
        if page.state == "expired":
            await left_behind(backends, tx, page)
        if payment is not None:
            await settling.by_payment(backends, tx, order.id, payment)
        if subscription is not None:
            await following.subscription_is(backends, tx, subscription, asked_at=asked_at)


async def _may_see(reader: Reader, caller: Caller, order: Order) -> bool:
    return caller.role == "admin" or await team.role_of(reader, caller, order.creator_id) in ("owner", "admin")
