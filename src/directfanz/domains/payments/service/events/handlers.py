"""For each kind of event that means something to us: what is asked of the provider, and what is done with the answer.

A handler asks and gives back what to do. That runs inside one transaction, may be repeated there, and asks nobody anything.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.billing.contract import CheckoutPage, Event, Subscription
from directfanz.backends.database.contract import Writer
from directfanz.domains.creators.service import payout_account
from directfanz.domains.memberships.service import following, gifts, joining
from directfanz.domains.payments.repository import orders
from directfanz.domains.payments.service import disputes, payouts, refunds, settling
from directfanz.domains.payments.service.events.invoices import by_id, invoice
from directfanz.domains.payments.service.events.questions import Questions

Apply = Callable[[Writer], Awaitable[None]]
Handler = Callable[[Backends, Questions, Event], Awaitable[Apply | None]]


async def checkout(backends: Backends, asking: Questions, event: Event) -> Apply | None:
    page = await asking.checkout(event.object_id)
    payment = await asking.payment(page.payment) if page.payment and page.paid else None
    subscription = await asking.subscription(page.subscription) if page.subscription else None
    order_id = id_in(page.metadata.get("order"))

    async def apply(tx: Writer) -> None:
        if page.state == "expired":
            await left_behind(backends, tx, page)
        if payment is not None and order_id is not None:
            await settling.by_payment(backends, tx, order_id, payment)
        if subscription is not None:
            await following.subscription_is(backends, tx, subscription[0], asked_at=subscription[1])

    return apply


async def left_behind(backends: Backends, tx: Writer, page: CheckoutPage) -> None:
    """Nobody paid: what was held is free again."""
    order_id = id_in(page.metadata.get("order"))
    order = await orders.lock(tx, order_id) if order_id else None
    if order is None or not await orders.move(tx, order.id, "pending", "expired"):
        return
    if order.membership_id:
        await joining.lapse(backends, tx, order.membership_id)
    if order.gift_id:
        await gifts.lapse(backends, tx, order.gift_id)


async def payment(backends: Backends, asking: Questions, event: Event) -> Apply | None:
    """Only what was paid at once: periods of a membership come with their invoice."""
    found = await asking.payment(event.object_id)
    order_id = id_in(found.metadata.get("order"))
    if found.invoice is not None or order_id is None:
        return None

    async def apply(tx: Writer) -> None:
        await settling.by_payment(backends, tx, order_id, found)

    return apply


@dataclass(frozen=True)
class SubscriptionIsNow:
    """What to do with it. Plain renewals are done together, see `together`; this does it for one."""

    backends: Backends
    said: Subscription
    asked_at: datetime

    async def __call__(self, tx: Writer) -> None:
        await following.subscription_is(self.backends, tx, self.said, asked_at=self.asked_at)


async def subscription(backends: Backends, asking: Questions, event: Event) -> Apply | None:
    return SubscriptionIsNow(backends, *await asking.subscription(event.object_id))


async def refund(backends: Backends, asking: Questions, event: Event) -> Apply | None:
    said = await asking.refund(event.object_id)
    first = await _settled(backends, asking, said.payment)

    async def apply(tx: Writer) -> None:
        await first(tx)
        await refunds.is_now(backends, tx, said)

    return apply


async def dispute(backends: Backends, asking: Questions, event: Event) -> Apply | None:
    said = await asking.dispute(event.object_id)
    first = await _settled(backends, asking, said.payment)

    async def apply(tx: Writer) -> None:
        await first(tx)
        await disputes.is_now(backends, tx, said)

    return apply


async def account(backends: Backends, asking: Questions, event: Event) -> Apply | None:
    said = await asking.account(event.object_id)

    async def apply(tx: Writer) -> None:
        await payout_account.account_changed(backends, tx, said)

    return apply


async def payout(backends: Backends, asking: Questions, event: Event) -> Apply | None:
    """Of a creator's account. The platform's own go to its own bank, and reconciliation finds them."""
    if event.account is None:
        return None
    said = await asking.payout(event.account, event.object_id)

    async def apply(tx: Writer) -> None:
        await payouts.is_now(backends, tx, said)

    return apply


async def transfer(backends: Backends, asking: Questions, event: Event) -> Apply | None:
    """For the case that the answer to our own asking was lost."""
    payout_id = id_in(str(event.object.get("metadata", {}).get("payout", "")))
    if payout_id is None:
        return None

    async def apply(tx: Writer) -> None:
        await payouts.transferred(backends, tx, payout_id, event.object_id)

    return apply


async def _settled(backends: Backends, asking: Questions, payment_id: str) -> Apply:
    """What goes back may be told before what was paid: then that is booked first."""

    async def nothing(tx: Writer) -> None:
        return

    if await orders.id_by(backends.database, payment=payment_id) is not None:
        return nothing
    found = await asking.payment(payment_id)
    order_id = id_in(found.metadata.get("order"))
    if found.invoice is not None:
        return await by_id(backends, asking, found.invoice) or nothing

    async def settle(tx: Writer) -> None:
        if order_id is not None:
            await settling.by_payment(backends, tx, order_id, found)

    return settle


def id_in(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


HANDLERS: dict[str, Handler] = {
    "account.updated": account,
    "charge.dispute.closed": dispute,
    "charge.dispute.created": dispute,
    "charge.dispute.funds_reinstated": dispute,
    "charge.dispute.funds_withdrawn": dispute,
    "charge.dispute.updated": dispute,
    "charge.refund.updated": refund,
    "checkout.session.async_payment_succeeded": checkout,
    "checkout.session.completed": checkout,
    "checkout.session.expired": checkout,
    "customer.subscription.created": subscription,
    "customer.subscription.deleted": subscription,
    "customer.subscription.paused": subscription,
    "customer.subscription.resumed": subscription,
    "customer.subscription.updated": subscription,
    "invoice.marked_uncollectible": invoice,
    "invoice.paid": invoice,
    "invoice.payment_action_required": invoice,
    "invoice.payment_failed": invoice,
    "invoice.payment_succeeded": invoice,
    "invoice.voided": invoice,
    "payment_intent.succeeded": payment,
    "payout.canceled": payout,
    "payout.failed": payout,
    "payout.paid": payout,
    "payout.updated": payout,
    "refund.created": refund,
    "refund.failed": refund,
    "refund.updated": refund,
    "transfer.created": transfer,
}
