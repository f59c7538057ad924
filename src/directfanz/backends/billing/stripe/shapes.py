"""What we read of Stripe's answers, as its API version has it; the rest of each answer is passed over.

What may be expanded is an id or the object itself.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Status = Literal["incomplete", "incomplete_expired", "trialing", "active", "past_due", "unpaid", "canceled", "paused"]


class Ref(msgspec.Struct):
    id: str


class Anything(msgspec.Struct):
    id: str = ""


class Card(msgspec.Struct):
    fingerprint: str | None = None
    brand: str | None = None
    last4: str | None = None


class PaymentMethod(msgspec.Struct):
    id: str
    card: Card | None = None


class InvoiceSettings(msgspec.Struct):
    default_payment_method: str | PaymentMethod | None = None


class Customer(msgspec.Struct):
    id: str
    invoice_settings: InvoiceSettings = msgspec.field(default_factory=InvoiceSettings)


class Recurring(msgspec.Struct):
    interval: Literal["month", "year", "week", "day"]


class Price(msgspec.Struct):
    id: str
    currency: str
    unit_amount: int
    recurring: Recurring | None = None


class SubscriptionItem(msgspec.Struct):
    id: str
    price: Price
    current_period_start: int
    current_period_end: int


class SubscriptionItems(msgspec.Struct):
    data: list[SubscriptionItem]


class Subscription(msgspec.Struct):
    id: str
    customer: str | Customer
    status: Status
    items: SubscriptionItems
    trial_end: int | None = None
    cancel_at: int | None = None
    cancel_at_period_end: bool = False
    pause_collection: dict[str, Any] | None = None
    ended_at: int | None = None
    default_payment_method: str | PaymentMethod | None = None
    schedule: str | Ref | None = None
    metadata: dict[str, str] = {}


class PhaseItem(msgspec.Struct):
    price: str | Ref
    quantity: int | None = None


class PhaseDiscount(msgspec.Struct):
    coupon: str | Ref | None = None
    discount: str | Ref | None = None


class Phase(msgspec.Struct):
    start_date: int
    end_date: int
    items: list[PhaseItem]
    trial_end: int | None = None
    discounts: list[PhaseDiscount] = []
    metadata: dict[str, str] | None = None


class CurrentPhase(msgspec.Struct):
    start_date: int
    end_date: int


class Schedule(msgspec.Struct):
    id: str
    status: Literal["not_started", "active", "completed", "released", "canceled"]
    phases: list[Phase] = []
    current_phase: CurrentPhase | None = None


class Session(msgspec.Struct):
    id: str
    status: Literal["open", "complete", "expired"] | None
    payment_status: Literal["paid", "unpaid", "no_payment_required"]
    expires_at: int
    url: str | None = None
    customer: str | Ref | None = None
    subscription: str | Ref | None = None
    payment_intent: str | Ref | None = None
    metadata: dict[str, str] | None = None


class Amount(msgspec.Struct):
    amount: int


class Period(msgspec.Struct):
    start: int
    end: int


class LineDetails(msgspec.Struct):
    proration: bool = False


class LineParent(msgspec.Struct):
    subscription_item_details: LineDetails | None = None
    invoice_item_details: LineDetails | None = None


class Line(msgspec.Struct):
    amount: int
    period: Period
    description: str | None = None
    parent: LineParent | None = None


class Lines(msgspec.Struct):
    data: list[Line]


class SubscriptionDetails(msgspec.Struct):
    subscription: str | Ref
    metadata: dict[str, str] | None = None


class InvoiceParent(msgspec.Struct):
    subscription_details: SubscriptionDetails | None = None


class PaidBy(msgspec.Struct):
    payment_intent: str | Ref | None = None


class InvoicePayment(msgspec.Struct):
    status: str
    invoice: str | Ref
    payment: PaidBy
    is_default: bool = False


class InvoicePayments(msgspec.Struct):
    data: list[InvoicePayment]


class Invoice(msgspec.Struct):
    customer: str | Ref
    currency: str
    created: int
    subtotal: int
    total: int
    amount_due: int
    amount_paid: int
    lines: Lines
    id: str = ""
    status: Literal["draft", "open", "paid", "uncollectible", "void"] | None = None
    billing_reason: str | None = None
    attempt_count: int = 0
    total_discount_amounts: list[Amount] | None = None
    total_taxes: list[Amount] | None = None
    parent: InvoiceParent | None = None
    payments: InvoicePayments | None = None
    hosted_invoice_url: str | None = None
    metadata: dict[str, str] | None = None


class BalanceTransaction(msgspec.Struct):
    id: str
    amount: int
    currency: str
    fee: int
    net: int
    created: int
    available_on: int
    type: str
    source: str | Ref | None = None


class MethodDetails(msgspec.Struct):
    card: Card | None = None


class Charge(msgspec.Struct):
    id: str
    amount_refunded: int = 0
    disputed: bool = False
    balance_transaction: str | BalanceTransaction | None = None
    payment_method_details: MethodDetails | None = None


class PaymentError(msgspec.Struct):
    code: str | None = None
    decline_code: str | None = None


class PaymentIntent(msgspec.Struct):
    id: str
    status: str
    amount: int
    currency: str
    customer: str | Ref | None = None
    latest_charge: str | Charge | None = None
    last_payment_error: PaymentError | None = None
    metadata: dict[str, str] = {}


class Refund(msgspec.Struct):
    id: str
    amount: int
    currency: str
    status: Literal["pending", "succeeded", "failed", "canceled", "requires_action"]
    payment_intent: str | Ref | None = None
    metadata: dict[str, str] | None = None


class EvidenceDetails(msgspec.Struct):
    due_by: int | None = None
    submission_count: int = 0


class Dispute(msgspec.Struct):
    id: str
    amount: int
    currency: str
    reason: str
    status: str
    evidence_details: EvidenceDetails
    payment_intent: str | Ref | None = None
    balance_transactions: list[BalanceTransaction] = []


class Requirements(msgspec.Struct):
    currently_due: list[str] | None = None
    past_due: list[str] | None = None
    disabled_reason: str | None = None


class Account(msgspec.Struct):
    id: str
    country: str | None = None
    capabilities: dict[str, str] = {}
    payouts_enabled: bool = False
    details_submitted: bool = False
    requirements: Requirements | None = None
    metadata: dict[str, str] | None = None


class Link(msgspec.Struct):
    url: str


class Transfer(msgspec.Struct):
    id: str
    amount: int
    currency: str
    amount_reversed: int
    destination: str | Ref | None = None


class Reversal(msgspec.Struct):
    transfer: Transfer


class Payout(msgspec.Struct):
    id: str
    amount: int
    currency: str
    status: Literal["pending", "in_transit", "paid", "failed", "canceled"]
    arrival_date: int | None = None
    failure_message: str | None = None
    failure_code: str | None = None
    metadata: dict[str, str] | None = None


class Portal(msgspec.Struct):
    id: str
    metadata: dict[str, str] | None = None


class Funds(msgspec.Struct):
    amount: int
    currency: str


class Balance(msgspec.Struct):
    available: list[Funds]
    pending: list[Funds]


class EventData(msgspec.Struct):
    object: dict[str, Any]


class Event(msgspec.Struct):
    id: str
    type: str
    created: int
    data: EventData
    account: str | None = None
