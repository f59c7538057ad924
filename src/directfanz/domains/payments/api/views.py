"""Money as programs see it: whole minor units and a currency."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import PathParameter
from msgspec import Meta

from directfanz.domains.payments.models import (
    Dispute,
    Kind,
    Order,
    OrderState,
    Payout,
    PayoutState,
    Refund,
    RefundRequest,
)
from directfanz.http.caller import require_scope
from directfanz.kit.money import MAX_MINOR, Money, money

READ, WRITE = require_scope("money:read"), require_scope("money:write")
Minor = Annotated[int, Meta(ge=1, le=MAX_MINOR, description="In the smallest unit of the currency: 500 is 5.00 EUR.")]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217, such as EUR.")]
Words = Annotated[str, Meta(max_length=500)]
Slug = Annotated[str, PathParameter(max_length=64, description="The address of the page.")]


class Amount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    minor: Minor
    currency: Currency

    @property
    def money(self) -> Money:
        return money(self.minor, self.currency)


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    kind: Kind
    title: str
    message: str
    creator_id: UUID
    state: OrderState
    subtotal: Money
    discount: Money
    tax: Money
    total: Money
    refunded: Money
    created_at: datetime
    paid_at: datetime | None


class SaleView(OrderView, frozen=True, kw_only=True):
    """What the team of a page sees besides."""

    user_id: UUID
    fee: Money
    provider_fee: Money


class RefundView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    order_id: UUID
    amount: Money
    reason: str
    state: str
    problem: str | None
    created_at: datetime


class RefundRequestView(msgspec.Struct, frozen=True, kw_only=True):
    """`open` is with the page, `escalated` with an operator, whose no is `final`."""

    id: UUID
    order_id: UUID
    reason: str
    state: str
    asked_at: datetime
    due_at: datetime
    answer: str
    final: bool


class PayoutView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    amount: Money
    state: PayoutState
    failure: str | None
    created_at: datetime
    arrives_at: datetime | None


class DisputeView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    order_id: UUID
    amount: Money
    fee: Money
    reason: str
    state: str
    due_at: datetime | None
    sent_at: datetime | None
    opened_at: datetime


def order_of(order: Order) -> OrderView:
    return OrderView(**_same(OrderView, order))


def sale_of(order: Order) -> SaleView:
    return SaleView(**_same(SaleView, order))


def refund_of(refund: Refund) -> RefundView:
    return RefundView(**_same(RefundView, refund))


def request_of(asked: RefundRequest) -> RefundRequestView:
    return RefundRequestView(**_same(RefundRequestView, asked))


def payout_of(payout: Payout) -> PayoutView:
    return PayoutView(**_same(PayoutView, payout))


def dispute_of(dispute: Dispute) -> DisputeView:
    return DisputeView(**_same(DisputeView, dispute))


def download(body: bytes | str, name: str, media_type: str) -> Response[bytes]:
    """Private, and under its own name."""
    content = body.encode() if isinstance(body, str) else body
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(content, media_type=media_type, headers=headers)


def _same(view: type[msgspec.Struct], row: object) -> dict[str, Any]:
    return {name: getattr(row, name) for name in view.__struct_fields__}
