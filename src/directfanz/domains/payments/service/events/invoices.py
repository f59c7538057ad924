"""Periods of memberships: paid, refused, given up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.billing.contract import Event, Invoice, Payment, Subscription
from directfanz.backends.database.contract import Writer
from directfanz.domains.memberships.models import Membership
from directfanz.domains.memberships.service import following
from directfanz.domains.payments.models import Order
from directfanz.domains.payments.repository import orders
from directfanz.domains.payments.repository.orders import NewOrder
from directfanz.domains.payments.service import dunning, giving_back, settling
from directfanz.domains.payments.service.events.questions import Questions
from directfanz.kit.ids import new_id

Apply = Callable[[Writer], Awaitable[None]]
FIRST = "subscription_create"


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider said of one invoice; `asked_at` is the moment before it was asked about the subscription."""

    invoice: Invoice
    subscription: Subscription
    payment: Payment | None
    asked_at: datetime


@dataclass(frozen=True)
class InvoiceIsNow:
    """What to do with it. Plain renewals are done together, see `together`; this does it for one."""

    backends: Backends
    truth: Truth

    async def __call__(self, tx: Writer) -> None:
        await is_now(self.backends, tx, self.truth)


async def invoice(backends: Backends, asking: Questions, event: Event) -> Apply | None:
    return await by_id(backends, asking, event.object_id)


async def by_id(backends: Backends, asking: Questions, invoice_id: str) -> Apply | None:
    found = await asking.invoice(invoice_id)
    if found.subscription is None:
        return None  # nothing that we sell
    subscription, asked_at = await asking.subscription(found.subscription)
    payment = await asking.payment(found.payment) if found.payment and found.state == "paid" else None
    return InvoiceIsNow(backends, Truth(invoice=found, subscription=subscription, asked_at=asked_at, payment=payment))


async def is_now(backends: Backends, tx: Writer, truth: Truth) -> None:
    membership = await following.subscription_is(backends, tx, truth.subscription, asked_at=truth.asked_at)
    if membership is None:
        return  # of no membership of ours
    state = truth.invoice.state
    if state == "paid":
        await _paid(backends, tx, truth, membership)
    elif state in ("void", "uncollectible"):
        await dunning.over(backends, tx, truth.invoice.id)
    elif state == "open" and truth.invoice.attempts and truth.invoice.reason != FIRST:
        # A first payment that fails is seen by the person on the provider's page, and tried there again.
        await dunning.failed(backends, tx, truth.invoice, membership.id, membership.user_id, membership.creator_id)


async def _paid(backends: Backends, tx: Writer, truth: Truth, membership: Membership) -> None:
    order_id = await _order_of(backends, tx, truth.invoice, membership)
    await settling.by_invoice(backends, tx, order_id, truth.invoice, truth.payment)
    await dunning.recovered(backends, tx, truth.invoice.id)
    if following.is_surplus(membership, truth.subscription):
        if truth.invoice.paid.minor:
            await giving_back.later(backends, tx, order_id)
        return
    period = period_of(truth.invoice)
    if period is not None:
        await following.paid(backends, tx, membership.id, *period)


async def _order_of(backends: Backends, tx: Writer, said: Invoice, membership: Membership) -> UUID:
    """The one that was written when the person was led to pay, or a new one for each later invoice."""
    known = await orders.id_by(tx, invoice=said.id) or await _first(tx, said)
    if known is not None:
        return known
    new = NewOrder(
        id=new_id(), user_id=membership.user_id, creator_id=membership.creator_id, kind="membership", membership_id=membership.id,
        title=title_of(said), subtotal=said.subtotal, discount=min(said.discount, said.subtotal), created_at=said.created_at,
        expires_at=None, invoice=said.id,
    )  # fmt: skip
    if await orders.insert(tx, new):
        return new.id
    twin = await orders.id_by(tx, invoice=said.id)  # another event about the same invoice was quicker
    assert twin is not None
    return twin


async def _first(tx: Writer, said: Invoice) -> UUID | None:
    try:
        asked = UUID(said.metadata.get("order", ""))
    except ValueError:
        return None
    order: Order | None = await orders.lock(tx, asked) if said.reason == FIRST else None
    return order.id if order is not None and order.invoice is None and order.paid_at is None else None


def title_of(said: Invoice) -> str:
    texts = [line.text for line in said.lines if line.amount.minor > 0] or [line.text for line in said.lines]
    return (texts[0] if texts else "Membership")[:200]


def period_of(said: Invoice) -> tuple[datetime, datetime] | None:
    """The longest line that is no part of a period already paid."""
    whole = [line for line in said.lines if not line.proration]
    last = max(whole, key=lambda line: line.period_end, default=None)
    return (last.period_start, last.period_end) if last and last.period_end > last.period_start else None
