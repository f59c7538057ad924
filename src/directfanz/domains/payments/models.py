"""Orders and what happens to them, with the tables of allowed moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from directfanz.domains.payments.policy.sharing import Back
from directfanz.kit.money import Money

Kind = Literal["membership", "tip", "purchase", "gift"]
ObjectKind = Literal["post", "stream", "collection"]
OrderState = Literal["pending", "paid", "part_refunded", "refunded", "disputed", "failed", "expired"]
# A payment may arrive after the page expired here: what was paid is paid.
ORDER_MOVES: dict[OrderState, frozenset[OrderState]] = {
    "pending": frozenset({"paid", "failed", "expired"}),
    "failed": frozenset({"paid"}),
    "expired": frozenset({"paid"}),
    "paid": frozenset({"part_refunded", "refunded", "disputed"}),
    "part_refunded": frozenset({"part_refunded", "refunded", "disputed", "paid"}),
    "disputed": frozenset({"paid", "part_refunded", "refunded"}),
    "refunded": frozenset({"paid", "part_refunded"}),  # a refund that the bank sends back
}
RefundState = Literal["asked", "sent", "done", "failed"]
DisputeState = Literal["warning", "needs_response", "under_review", "won", "lost"]
PayoutState = Literal["draft", "transferred", "submitted", "paid", "failed", "returned"]
PAYOUT_MOVES: dict[PayoutState, frozenset[PayoutState]] = {
    "draft": frozenset({"transferred", "returned"}),
    "transferred": frozenset({"submitted", "failed"}),
    "submitted": frozenset({"paid", "failed"}),
    "paid": frozenset({"failed"}),  # a bank may send money back days later
    "failed": frozenset({"returned"}),
    "returned": frozenset(),
}


class Order(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    user_id: UUID
    creator_id: UUID
    kind: Kind
    membership_id: UUID | None
    gift_id: UUID | None
    goal_id: UUID | None
    object_id: UUID | None
    object_kind: ObjectKind | None
    title: str
    message: str
    subtotal: Money
    discount: Money
    tax: Money
    total: Money
    fee: Money
    provider_fee: Money
    refunded: Money
    refunded_tax: Money
    refunded_fee: Money
    state: OrderState
    checkout: str | None
    payment: str | None
    charge: str | None
    invoice: str | None
    created_at: datetime
    expires_at: datetime | None
    paid_at: datetime | None

    @property
    def refundable(self) -> Money:
        return self.total - self.refunded if self.paid_at else Money(0, self.total.currency)

    @property
    def back(self) -> Back:
        return Back(amount=self.refunded, tax=self.refunded_tax, fee=self.refunded_fee)


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    order_id: UUID
    amount: Money
    tax_part: Money
    fee_part: Money
    reason: str
    asked_by: UUID | None
    state: RefundState
    refund: str | None
    problem: str | None
    created_at: datetime
    settled_at: datetime | None

    @property
    def creator_part(self) -> Money:
        return self.amount - self.tax_part - self.fee_part


class RefundRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a fan asks to have back. `open` is with the page, `escalated` with an operator, whose no is `final`."""

    id: UUID
    order_id: UUID
    creator_id: UUID
    user_id: UUID
    reason: str
    state: Literal["open", "escalated", "approved", "declined", "withdrawn"]
    asked_at: datetime
    due_at: datetime
    answer: str = ""
    answered_by: UUID | None = None
    answered_at: datetime | None = None
    final: bool = False
    refund_id: UUID | None = None

    @property
    def waits(self) -> bool:
        return self.state in ("open", "escalated")


class Dispute(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    order_id: UUID
    dispute: str
    amount: Money
    fee: Money
    tax_part: Money
    fee_part: Money
    withdrawn: bool
    reason: str
    state: DisputeState
    due_at: datetime | None
    evidence: Mapping[str, str] | None
    sent_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None

    @property
    def creator_part(self) -> Money:
        return self.amount - self.tax_part - self.fee_part


class Dunning(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    invoice: str
    membership_id: UUID
    user_id: UUID
    creator_id: UUID
    amount: Money
    state: Literal["open", "recovered", "given_up"]
    failed_at: datetime
    tries: int
    next_try_at: datetime | None


class Payout(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    creator_id: UUID
    account: str
    amount: Money
    state: PayoutState
    transfer: str | None
    payout: str | None
    failure: str | None
    first_tried_at: datetime | None
    created_at: datetime
    arrives_at: datetime | None
    ended_at: datetime | None


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """`raised` is worked out from the orders, and is never a number of its own."""

    id: UUID
    creator_id: UUID
    title: str
    about: str
    target: Money
    raised: Money
    givers: int
    state: Literal["open", "closed"]
    created_at: datetime
    ends_at: datetime | None

    @property
    def percent(self) -> int:
        return min(100, self.raised.minor * 100 // self.target.minor)


class SpendCap(msgspec.Struct, frozen=True):
    amount: Money
    spent: Money

    @property
    def left(self) -> Money:
        return max(self.amount - self.spent, Money(0, self.amount.currency))


class KeptEvent(msgspec.Struct, frozen=True, kw_only=True):
    event_id: str
    kind: str
    object_id: str
    account: str | None
    payload: Mapping[str, Any]
    created_at: datetime
    received_at: datetime
    processed_at: datetime | None
    handled: bool
    attempts: int
    error: str | None


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Where the provider's account and our book do not agree. In minor units."""

    what: str  # "unknown move", "another amount", "no move", "balance"
    reference: str
    theirs: int | None
    ours: int | None
    currency: str

    @property
    def their_money(self) -> Money | None:
        return None if self.theirs is None else Money(self.theirs, self.currency)

    @property
    def our_money(self) -> Money | None:
        return None if self.ours is None else Money(self.ours, self.currency)


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    at: datetime
    since: datetime
    until: datetime
    moves: int
    differences: list[Difference]
    balances: list[Difference]  # per currency: what they hold for us, what our book says

    @property
    def clean(self) -> bool:
        return not self.differences


class PaperLine(msgspec.Struct, frozen=True):
    text: str
    amount: Money


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """What an invoice or a credit note says. Kept as it was issued: a name that changes later does not change the paper."""

    seller: str
    seller_country: str
    seller_address: str  # of the creator's page
    buyer: str
    lines: Sequence[PaperLine]
    subtotal: Money
    discount: Money
    tax: Money
    total: Money
    paid_with: str = ""
    takes_back: str = ""  # the number of the invoice that a credit note is about


class Issued(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    creator_id: UUID
    year: int
    number: int
    kind: Literal["invoice", "credit_note"]
    order_id: UUID
    refund_id: UUID | None
    issued_at: datetime
    paper: Paper

    @property
    def name(self) -> str:
        """What the paper is called by people and their accountants."""
        return f"{self.year}-{self.number:05d}"
