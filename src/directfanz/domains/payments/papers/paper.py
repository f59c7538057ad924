"""What an invoice or a credit note says. Kept as it was issued: a name that changes later does not change the paper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from directfanz.kit.money import Money


class Line(msgspec.Struct, frozen=True):
    text: str
    amount: Money


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    seller: str
    seller_country: str
    seller_address: str  # of the creator's page
    buyer: str
    lines: Sequence[Line]
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
