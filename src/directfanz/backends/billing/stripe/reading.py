"""Stripe's answers in the contract's words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, Literal

from directfanz.backends.billing import contract
from directfanz.backends.billing.stripe import shapes
from directfanz.backends.billing.stripe.reasons import reason_of
from directfanz.errors import Rejected
from directfanz.kit.money import Money, decimals, money

# Two currencies have no hundredths, and Stripe counts them in hundredths all the same: docs.stripe.com/currencies#special-cases.
_COUNTED_IN_HUNDREDTHS = frozenset({"ISK", "UGX"})
_PAYMENT_STATES: Final[dict[str, Literal["open", "needs_action", "succeeded", "canceled"]]] = {
    "requires_action": "needs_action",
    "succeeded": "succeeded",
    "canceled": "canceled",
}
_DISPUTE_STATES: Final[dict[str, Literal["needs_response", "under_review", "won", "lost", "warning"]]] = {
    "needs_response": "needs_response",
    "appeal_needs_response": "needs_response",
    "under_review": "under_review",
    "appeal_under_review": "under_review",
    "won": "won",
    "prevented": "won",
    "lost": "lost",
}


def minor(amount: Money) -> int:
    """What Stripe counts it as."""
    return amount.minor * _factor(amount.currency)


def amount(stripe_minor: int, currency: str) -> Money:
    currency = currency.upper()
    whole, rest = divmod(stripe_minor, _factor(currency))
    if rest:
        raise Rejected(f"Stripe speaks of a part of the smallest unit of {currency}.")
    return money(whole, currency)


def _factor(currency: str) -> int:
    return 100 if currency in _COUNTED_IN_HUNDREDTHS and decimals(currency) == 0 else 1


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def moment_or_none(seconds: int | None) -> datetime | None:
    return None if seconds is None else moment(seconds)


def stamp(at: datetime) -> int:
    return int(at.timestamp())


Named = shapes.Ref | shapes.Customer | shapes.PaymentMethod | shapes.Charge | shapes.BalanceTransaction


def name_of(reference: str | Named) -> str:
    return reference if isinstance(reference, str) else reference.id


def name_or_none(reference: str | Named | None) -> str | None:
    return None if reference is None else name_of(reference)


def checkout_page(page: shapes.Session) -> contract.CheckoutPage:
    return contract.CheckoutPage(
        id=page.id,
        url=page.url,
        state=page.status or "open",
        paid=page.status == "complete" and page.payment_status != "unpaid",
        customer=name_or_none(page.customer),
        subscription=name_or_none(page.subscription),
        payment=name_or_none(page.payment_intent),
        metadata=page.metadata or {},
        expires_at=moment(page.expires_at),
    )


def subscription(found: shapes.Subscription) -> contract.Subscription:
    item = only_item(found)
    interval = item.price.recurring.interval if item.price.recurring else None
    if interval not in ("month", "year"):
        raise Rejected(f"The subscription {found.id} renews in a rhythm that we do not sell.")
    return contract.Subscription(
        id=found.id,
        customer=name_of(found.customer),
        state=found.status,
        price=amount(item.price.unit_amount, item.price.currency),
        interval=interval,
        period_start=moment(item.current_period_start),
        period_end=moment(item.current_period_end),
        trial_end=moment_or_none(found.trial_end),
        cancels_at_end=found.status != "canceled" and (found.cancel_at_period_end or found.cancel_at is not None),
        collection_paused=found.pause_collection is not None,
        ended_at=moment_or_none(found.ended_at),
        card=_fingerprint(found),
        metadata=found.metadata,
    )


def only_item(found: shapes.Subscription) -> shapes.SubscriptionItem:
    if len(found.items.data) != 1:
        raise Rejected(f"The subscription {found.id} has {len(found.items.data)} items, and ours have one.")
    return found.items.data[0]


def _fingerprint(found: shapes.Subscription) -> str | None:
    """Of the card that is charged: the subscription's own, else the person's."""
    card = found.default_payment_method
    if card is None and isinstance(found.customer, shapes.Customer):
        card = found.customer.invoice_settings.default_payment_method
    if not isinstance(card, shapes.PaymentMethod) or card.card is None:
        return None
    return card.card.fingerprint


def invoice(found: shapes.Invoice, *, preview: bool = False) -> contract.Invoice:
    def of(stripe_minor: int) -> Money:
        return amount(stripe_minor, found.currency)

    of_subscription = found.parent.subscription_details if found.parent else None
    return contract.Invoice(
        id="" if preview else found.id,
        subscription=name_or_none(of_subscription.subscription) if of_subscription else None,
        customer=name_of(found.customer),
        state=found.status or "draft",
        reason=found.billing_reason or "manual",
        subtotal=of(found.subtotal),
        discount=of(_sum(found.total_discount_amounts)),
        tax=of(_sum(found.total_taxes)),
        total=of(found.total),
        due=of(found.amount_due),
        paid=of(found.amount_paid),
        lines=[_line(line, found.currency) for line in found.lines.data],
        attempts=found.attempt_count,
        created_at=moment(found.created),
        payment=_payment_of(found.payments.data if found.payments else ()),
        page=found.hosted_invoice_url,
        metadata={**((of_subscription.metadata or {}) if of_subscription else {}), **(found.metadata or {})},
    )


def _line(line: shapes.Line, currency: str) -> contract.InvoiceLine:
    parent = line.parent
    details = (parent.subscription_item_details or parent.invoice_item_details) if parent else None
    return contract.InvoiceLine(
        text=line.description or "",
        amount=amount(line.amount, currency),
        period_start=moment(line.period.start),
        period_end=moment(line.period.end),
        proration=details.proration if details else False,
    )


def _payment_of(payments: Sequence[shapes.InvoicePayment]) -> str | None:
    """The one that paid it, else the one that is to pay it."""
    found = sorted(payments, key=lambda one: (one.status != "paid", not one.is_default))
    return next((name_of(one.payment.payment_intent) for one in found if one.payment.payment_intent), None)


def _sum(parts: Iterable[shapes.Amount] | None) -> int:
    return sum(part.amount for part in parts or ())


def payment(found: shapes.PaymentIntent, invoice_id: str | None) -> contract.Payment:
    charge = found.latest_charge if isinstance(found.latest_charge, shapes.Charge) else None
    settled = charge.balance_transaction if charge else None
    card = charge.payment_method_details.card if charge and charge.payment_method_details else None
    failed = found.last_payment_error
    if not isinstance(settled, shapes.BalanceTransaction):
        settled = None
    return contract.Payment(
        id=found.id,
        state=_PAYMENT_STATES.get(found.status, "open"),
        amount=amount(found.amount, found.currency),
        refunded=amount(charge.amount_refunded if charge else 0, found.currency),
        fee=amount(settled.fee, settled.currency) if settled else None,
        available_at=moment(settled.available_on) if settled else None,
        customer=name_or_none(found.customer),
        invoice=invoice_id,
        charge=charge.id if charge else None,
        card=card.fingerprint if card else None,
        card_brand=card.brand if card else None,
        card_last4=card.last4 if card else None,
        disputed=charge.disputed if charge else False,
        refusal=reason_of(failed.code or "", failed.decline_code or "") if failed else None,
        metadata=found.metadata,
    )


def refund(found: shapes.Refund) -> contract.Refund:
    return contract.Refund(
        id=found.id,
        payment=name_or_none(found.payment_intent) or "",
        amount=amount(found.amount, found.currency),
        state=found.status,
        metadata=found.metadata or {},
    )


def dispute(found: shapes.Dispute) -> contract.Dispute:
    moves = found.balance_transactions
    currency = moves[0].currency if moves else found.currency
    return contract.Dispute(
        id=found.id,
        payment=name_or_none(found.payment_intent) or "",
        amount=amount(found.amount, found.currency),
        fee=amount(sum(move.fee for move in moves), currency),
        reason=found.reason,
        state=_DISPUTE_STATES.get(found.status, "warning"),
        due_at=moment_or_none(found.evidence_details.due_by),
        evidence_sent=found.evidence_details.submission_count > 0,
    )


def account(found: shapes.Account) -> contract.Account:
    asked = found.requirements or shapes.Requirements()
    return contract.Account(
        id=found.id,
        country=found.country or "",
        can_be_paid=found.payouts_enabled and found.capabilities.get("transfers") == "active",
        submitted=found.details_submitted,
        missing=list(dict.fromkeys([*(asked.past_due or ()), *(asked.currently_due or ())])),
        trouble=asked.disabled_reason,
        metadata=found.metadata or {},
    )


def transfer(found: shapes.Transfer) -> contract.Transfer:
    return contract.Transfer(
        id=found.id,
        account=name_or_none(found.destination) or "",
        amount=amount(found.amount, found.currency),
        reversed=amount(found.amount_reversed, found.currency),
    )


def payout(found: shapes.Payout, account_id: str) -> contract.Payout:
    return contract.Payout(
        id=found.id,
        account=account_id,
        amount=amount(found.amount, found.currency),
        state=found.status,
        arrives_at=moment_or_none(found.arrival_date),
        failure=found.failure_message or found.failure_code,
        metadata=found.metadata or {},
    )


def balance_move(found: shapes.BalanceTransaction) -> contract.BalanceMove:
    return contract.BalanceMove(
        id=found.id,
        kind=found.type,
        source=name_or_none(found.source),
        amount=amount(found.amount, found.currency),
        fee=amount(found.fee, found.currency),
        net=amount(found.net, found.currency),
        created_at=moment(found.created),
        available_at=moment(found.available_on),
    )


def event(found: shapes.Event) -> contract.Event:
    return contract.Event(
        id=found.id,
        kind=found.type,
        created_at=moment(found.created),
        account=found.account,
        object_id=str(found.data.object.get("id") or ""),
        object=found.data.object,
    )
