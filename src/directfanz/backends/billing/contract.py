"""The provider that takes money from cards, renews subscriptions and pays creators out.

- The provider is outside: every call may be lost on the way there or back. Each call that changes something takes a `key`; the same key
  with the same values has one effect, however often it is made. A key is kept for a day at least.
- `CardRefused` means that the person has to do something (another card, more money, a confirmation at their bank): `reason` is one of
  `Reason`. `Unavailable` means try later with the same key. `Rejected` means that the request itself is wrong and will stay so.
  `NotFound` means that the provider does not know the id.
- What is here is what the provider said at that moment. The truth arrives as events; they come more than once, late, and in any order.
  An event carries the object as it was when it happened, so what matters is asked for again by its id.
- `read_event` accepts only what the provider signed within five minutes. `SignatureWrong` for everything else.
- Amounts are `Money`; times are aware and UTC; ids are the provider's own text.
- Money from fans lands in the platform's own balance. `transfer` moves it to a creator's account, `pay_out` from there to their bank.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol

import msgspec

from directfanz.errors import DirectFanzError, InvalidInput, Unavailable
from directfanz.kit.money import Money

Interval = Literal["month", "year"]
Reason = Literal["declined", "insufficient_funds", "expired_card", "authentication_needed", "wrong_details", "no_card"]
Metadata = Mapping[str, str]


class CardRefused(DirectFanzError):
    """The message is a sentence for the person whose card it is."""

    code = "card_refused"
    status = 402

    def __init__(self, message: str, reason: Reason) -> None:
        super().__init__(message)
        self.reason = reason


class BalanceTooLow(Unavailable):
    """The account has not so much at this moment, and nothing was done. Ask later, under another key: this one has its answer."""

    code = "balance_too_low"


class SignatureWrong(InvalidInput):
    code = "signature_wrong"


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What one period costs. `product` names what is sold on the provider's pages and papers."""

    price: Money
    interval: Interval
    product: str
    metadata: Metadata = {}


class Discount(msgspec.Struct, frozen=True, kw_only=True):
    """`percent` or `amount` off, for the first `periods` periods (None: for good)."""

    name: str
    percent: int | None = None
    amount: Money | None = None
    periods: int | None = 1


class CheckoutPage(msgspec.Struct, frozen=True, kw_only=True):
    """Where the person pays. `state` is `open` until they did (`complete`) or it lapsed (`expired`)."""

    id: str
    url: str | None
    state: Literal["open", "complete", "expired"]
    paid: bool
    customer: str | None = None
    subscription: str | None = None
    payment: str | None = None
    metadata: Metadata = {}
    expires_at: datetime | None = None


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    customer: str
    state: Literal["incomplete", "incomplete_expired", "trialing", "active", "past_due", "unpaid", "canceled", "paused"]
    price: Money
    interval: Interval
    period_start: datetime
    period_end: datetime
    trial_end: datetime | None
    cancels_at_end: bool
    collection_paused: bool
    ended_at: datetime | None
    card: str | None  # the fingerprint: the same card has the same one whoever uses it
    metadata: Metadata = {}


class InvoiceLine(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    amount: Money
    period_start: datetime
    period_end: datetime
    proration: bool


class Invoice(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider asks for. Of a preview the id is empty."""

    id: str
    subscription: str | None
    customer: str
    state: Literal["draft", "open", "paid", "uncollectible", "void"]
    reason: str  # subscription_create, subscription_cycle, subscription_update, manual ...
    subtotal: Money
    discount: Money
    tax: Money
    total: Money
    due: Money
    paid: Money
    lines: Sequence[InvoiceLine]
    attempts: int
    created_at: datetime
    payment: str | None
    page: str | None
    metadata: Metadata = {}


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """`fee` and `available_at` are known once it succeeded. `card` as in a subscription."""

    id: str
    state: Literal["open", "needs_action", "succeeded", "canceled"]
    amount: Money
    refunded: Money
    fee: Money | None
    available_at: datetime | None
    customer: str | None
    invoice: str | None
    charge: str | None
    card: str | None
    card_brand: str | None
    card_last4: str | None
    disputed: bool
    refusal: Reason | None
    metadata: Metadata = {}


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    payment: str
    amount: Money
    state: Literal["pending", "succeeded", "failed", "canceled", "requires_action"]
    metadata: Metadata = {}


class Dispute(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    payment: str
    amount: Money
    fee: Money
    reason: str
    state: Literal["needs_response", "under_review", "won", "lost", "warning"]
    due_at: datetime | None
    evidence_sent: bool


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A creator's account at the provider."""

    id: str
    country: str
    can_be_paid: bool  # transfers arrive and payouts leave
    submitted: bool  # the person went through the provider's form
    missing: Sequence[str]  # what the provider still asks for, in its words
    trouble: str | None
    metadata: Metadata = {}


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    account: str
    amount: Money
    reversed: Money


class Payout(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    account: str
    amount: Money
    state: Literal["pending", "in_transit", "paid", "failed", "canceled"]
    arrives_at: datetime | None
    failure: str | None
    metadata: Metadata = {}


class BalanceMove(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the platform's own account at the provider: what reconciliation is made against. `amount - fee = net`."""

    id: str
    kind: str  # charge, refund, adjustment (disputes), transfer, transfer_reversal, payout, stripe_fee ...
    source: str | None
    amount: Money
    fee: Money
    net: Money
    created_at: datetime
    available_at: datetime


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """`kind` in the provider's words, such as `invoice.paid`. `object` is the provider's own JSON."""

    id: str
    kind: str
    created_at: datetime
    account: str | None
    object_id: str
    object: Mapping[str, Any]


class Billing(Protocol):
    # People and their cards
    async def ensure_customer(self, *, email: str, name: str, metadata: Metadata, key: str) -> str: ...

    async def portal(self, customer: str, return_url: str) -> str:
        """A page of the provider where a person changes cards."""
        ...

    # Checkout
    async def check_out_subscription(
        self, *, customer: str, terms: Terms, trial_days: int = 0, discount: Discount | None = None, success_url: str,
        cancel_url: str, expires_at: datetime, metadata: Metadata, key: str,
    ) -> CheckoutPage:  # fmt: skip
        """`metadata` is carried by the page, the subscription, and its invoices' `metadata` alike."""
        ...

    async def check_out_payment(
        self, *, customer: str, price: Money, product: str, success_url: str, cancel_url: str, expires_at: datetime,
        metadata: Metadata, key: str,
    ) -> CheckoutPage:  # fmt: skip
        """`metadata` is carried by the page and the payment alike."""
        ...

    async def checkout(self, checkout_id: str) -> CheckoutPage: ...

    async def expire_checkout(self, checkout_id: str) -> CheckoutPage: ...

    # Subscriptions
    async def subscription(self, subscription_id: str) -> Subscription: ...

    async def preview_change(self, subscription_id: str, terms: Terms, *, at: datetime) -> Invoice:
        """What `change_now` at this moment would ask for, to the cent."""
        ...

    async def change_now(self, subscription_id: str, terms: Terms, *, at: datetime, key: str) -> Subscription:
        """The difference is charged at once; when the card refuses it, nothing changes and `CardRefused` is raised."""
        ...

    async def change_at_renewal(self, subscription_id: str, terms: Terms, *, key: str) -> None:
        """The next period is charged at the new terms. A second one replaces the first."""
        ...

    async def take_back_change(self, subscription_id: str, *, key: str) -> None: ...

    async def cancel_at_end(self, subscription_id: str, *, cancel: bool, key: str) -> Subscription: ...

    async def cancel_now(self, subscription_id: str, *, key: str) -> Subscription: ...

    async def pause(self, subscription_id: str, *, key: str) -> Subscription:
        """Nothing more is charged until it is resumed."""
        ...

    async def resume(self, subscription_id: str, *, charge_now: bool, key: str) -> Subscription:
        """`charge_now` begins a new period, charged at once; otherwise the paid one goes on."""
        ...

    async def postpone(self, subscription_id: str, until: datetime, *, key: str) -> Subscription:
        """The next charge is not made before `until`: for gifts on top of a membership."""
        ...

    # Invoices and payments
    async def invoice(self, invoice_id: str) -> Invoice: ...

    async def pay_invoice(self, invoice_id: str, *, key: str) -> Invoice:
        """One more try at the person's card."""
        ...

    async def void_invoice(self, invoice_id: str, *, key: str) -> Invoice: ...

    async def payment(self, payment_id: str) -> Payment: ...

    async def refund(self, payment_id: str, amount: Money, *, metadata: Metadata, key: str) -> Refund: ...

    async def refund_state(self, refund_id: str) -> Refund: ...

    async def dispute(self, dispute_id: str) -> Dispute: ...

    async def answer_dispute(self, dispute_id: str, evidence: Mapping[str, str], *, key: str) -> Dispute:
        """Evidence by the provider's field names. It can be sent once."""
        ...

    # Creators are paid
    async def open_account(self, *, country: str, email: str, metadata: Metadata, key: str) -> Account: ...

    async def account(self, account_id: str) -> Account: ...

    async def onboarding_page(self, account_id: str, *, return_url: str, refresh_url: str) -> str: ...

    async def account_page(self, account_id: str) -> str:
        """The provider's own page for somebody who is through: bank account, tax papers."""
        ...

    async def transfer(self, account_id: str, amount: Money, *, metadata: Metadata, key: str) -> Transfer: ...

    async def take_back(self, transfer_id: str, amount: Money, *, key: str) -> Transfer: ...

    async def pay_out(self, account_id: str, amount: Money, *, metadata: Metadata, key: str) -> Payout: ...

    async def payout(self, account_id: str, payout_id: str) -> Payout: ...

    # What happened
    def read_event(self, body: bytes, signature: str, now: datetime) -> Event: ...

    def events(self, since: datetime, until: datetime | None = None, *, account: str = "") -> AsyncIterator[Event]:
        """For what never arrived. The oldest first. The platform's own, or those of a creator's account: the provider tells of its
        payouts there and nowhere else."""
        ...

    def balance_moves(self, since: datetime, until: datetime) -> AsyncIterator[BalanceMove]: ...

    async def balance(self) -> Sequence[Money]:
        """The platform's own: what is available and what is pending, together, one amount a currency."""
        ...

    async def close(self) -> None: ...
