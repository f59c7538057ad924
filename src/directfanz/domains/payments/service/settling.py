"""Money is there: the order, the ledger, the paper and what was bought, all in one transaction, once."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.billing.contract import Invoice, Payment
from directfanz.backends.database.contract import Writer
from directfanz.domains.accounts.service.contacts import people_of
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import lookup
from directfanz.domains.ledger import service as ledger
from directfanz.domains.payments.models import Order
from directfanz.domains.payments.policy import entries
from directfanz.domains.payments.policy.sharing import Shares, of_paid
from directfanz.domains.payments.repository import orders
from directfanz.domains.payments.repository.orders import Settled
from directfanz.domains.payments.service import giving_back, issuing, telling
from directfanz.domains.payments.service.delivering import deliver
from directfanz.kit.money import Money


async def by_payment(backends: Backends, tx: Writer, order_id: UUID, payment: Payment) -> bool:
    """What was paid at once: a tip, a purchase, a gift. What was paid is paid, also when the page had lapsed here."""
    order = await orders.lock(tx, order_id)
    if order is None or payment.state != "succeeded":
        return False
    none = Money(0, payment.amount.currency)
    tax = max(payment.amount - (order.subtotal - order.discount), none)
    net = payment.amount - tax
    return await _settle(backends, tx, order, payment, net + order.discount, order.discount, tax, payment.amount, None)


async def by_invoice(backends: Backends, tx: Writer, order_id: UUID, invoice: Invoice, payment: Payment | None) -> bool:
    """A period of a membership, or the rest for a higher tier. Nothing was charged when it was free."""
    order = await orders.lock(tx, order_id)
    if order is None or invoice.state != "paid":
        return False
    subtotal, discount, total = amounts_of(invoice, payment)
    return await _settle(backends, tx, order, payment, subtotal, discount, invoice.tax, total, invoice.id)


def amounts_of(invoice: Invoice, payment: Payment | None) -> tuple[Money, Money, Money]:
    """Before the discount, the discount, and what was charged with tax."""
    total = payment.amount if payment else invoice.paid
    discount = min(invoice.discount, invoice.subtotal)
    # What the customer's credit at the provider paid was never charged: the order says what was.
    return total - invoice.tax + discount, discount, total


async def _settle(
    backends: Backends, tx: Writer, order: Order, payment: Payment | None, subtotal: Money, discount: Money, tax: Money,
    total: Money, invoice: str | None,
) -> bool:  # fmt: skip
    now = backends.clock.now()
    creator = await lookup.by_id_even_closed(tx, order.creator_id)
    paid, shares = worked_out(backends, creator, payment, subtotal, discount, tax, total, invoice)
    settled = await orders.settle(tx, order.id, paid)
    if settled is None:
        return False
    if total.minor:
        held_until = held(now, creator, payment)
        await ledger.post(tx, entries.paid(order.id, order.creator_id, shares, now, held_until))
    if not await deliver(backends, tx, settled):
        await giving_back.later(backends, tx, settled.id)
    buyer = (await people_of(tx, [order.user_id])).get(order.user_id)
    name = buyer.display_name if buyer else ""
    await telling.paid(backends, tx, settled, creator, name)
    # Last, because whoever wants the next number of this page waits from here to our commit.
    await issuing.invoice(backends, tx, settled, creator, name, card_of(payment))
    backends.telemetry.counter("orders_paid_total").add(kind=order.kind)
    return True


def worked_out(
    backends: Backends, creator: Creator, payment: Payment | None, subtotal: Money, discount: Money, tax: Money, total: Money,
    invoice: str | None,
) -> tuple[Settled, Shares]:  # fmt: skip
    """What an order is once it is paid, and whose its money is."""
    charges = backends.platform.charges
    provider_fee = (payment.fee if payment else None) or Money(0, total.currency)
    bps = creator.fee_bps_or(charges.fee_basis_points)
    shares, cut = of_paid(total, tax, provider_fee, bps, charges.fees_on)
    paid = Settled(
        subtotal=subtotal, discount=discount, tax=tax, total=total, fee=cut, provider_fee=provider_fee,
        payment=payment.id if payment else None, charge=payment.charge if payment else None, invoice=invoice,
        paid_at=backends.clock.now(),
    )  # fmt: skip
    return paid, shares


def held(now: datetime, creator: Creator, payment: Payment | None) -> datetime:
    """Never before the provider lets go of it."""
    until = now + timedelta(days=creator.hold_days)
    return max(until, payment.available_at) if payment and payment.available_at else until


def card_of(payment: Payment | None) -> str:
    if payment is None or payment.card_last4 is None:
        return ""
    return f"{(payment.card_brand or 'card').title()} ending in {payment.card_last4}"
