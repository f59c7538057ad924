"""What of a payment was for time that somebody does not get any more. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.kit.money import Money


class Paid(msgspec.Struct, frozen=True, kw_only=True):
    """An order that paid for the period, the newest first. `left` is what did not go back of it yet."""

    order_id: UUID
    subtotal: Money
    total: Money
    left: Money


def unused(
    price: Money, start: datetime, end: datetime, ended: datetime, paid: Sequence[Paid]
) -> list[tuple[UUID, Money]]:
    """By the second and to the cent, half a cent up: the share of the period that is not had, of the price that it has now, as far
    as it was paid (a discount is not given back, tax is). Out of the newest order first, and never more than is left of each."""
    whole, rest = (end - start).total_seconds(), (end - max(ended, start)).total_seconds()
    asked = sum(each.subtotal.minor for each in paid)
    if rest <= 0 or whole <= 0 or asked <= 0:
        return []
    got = sum(each.total.minor for each in paid)
    due = _half_up(price.minor * int(rest) * got, int(whole) * asked)
    parts: list[tuple[UUID, Money]] = []
    for each in paid:
        part = min(due, each.left.minor)
        if part > 0:
            parts.append((each.order_id, Money(part, price.currency)))
            due -= part
    return parts


def _half_up(part: int, whole: int) -> int:
    return (part * 2 + whole) // (whole * 2)
