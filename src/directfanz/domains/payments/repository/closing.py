"""What was paid to pages that closed, for time that nobody gets any more."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Row
from directfanz.domains.payments.policy.unused import Paid
from directfanz.kit.money import Money

# The key of the refund: one per order, however often the job runs.
KEY = "page closed"


class Lost(msgspec.Struct, frozen=True, kw_only=True):
    """A period that ended with its page."""

    id: UUID
    price: Money
    start: datetime
    end: datetime
    ended: datetime


async def memberships(reader: Reader, since: datetime, most: int) -> list[Lost]:
    """Ended with their page since then, and no order of their period was looked at. Index: memberships_closed."""
    rows = await reader.fetch(
        """SELECT m.id, m.amount, m.currency, m.period_start, m.period_end, m.ended_at FROM memberships m
           WHERE m.end_reason = 'page_closed' AND m.source = 'paid' AND m.ended_at > $1 AND m.period_end > m.ended_at
             AND EXISTS (SELECT FROM orders o WHERE o.membership_id = m.id AND o.paid_at >= m.period_start - interval '1 day'
                         AND o.refunded < o.total AND o.payment IS NOT NULL)
             AND NOT EXISTS (SELECT FROM orders o JOIN refunds r ON r.order_id = o.id
                             WHERE o.membership_id = m.id AND r.key = $2)
           ORDER BY m.id LIMIT $3""",
        since, KEY, most,
    )  # fmt: skip
    return [_lost(row) for row in rows]


async def gifts(reader: Reader, since: datetime, most: int) -> list[Lost]:
    """Of closed pages: what nobody claimed, whole; what was claimed, the time that was left. Index: gifts_places, gifts_for."""
    rows = await reader.fetch(
        """SELECT g.id, g.amount, g.currency, coalesce(g.starts_at, c.updated_at), coalesce(g.ends_at, c.updated_at + interval '1 day'),
                  greatest(c.updated_at, g.starts_at)
           FROM creators c JOIN gifts g ON g.creator_id = c.id JOIN orders o ON o.gift_id = g.id
           WHERE c.state = 'closed' AND c.updated_at > $1 AND o.paid_at IS NOT NULL AND o.payment IS NOT NULL AND o.refunded < o.total
             AND (g.state = 'paid' OR (g.state = 'claimed' AND g.ends_at > c.updated_at))
             AND NOT EXISTS (SELECT FROM refunds r WHERE r.order_id = o.id AND r.key = $2)
           ORDER BY g.id LIMIT $3""",
        since, KEY, most,
    )  # fmt: skip
    return [_lost(row) for row in rows]


async def orders_of_period(reader: Reader, membership_id: UUID, start: datetime) -> list[Paid]:
    """The newest first. Index: orders_membership."""
    rows = await reader.fetch(
        """SELECT id, subtotal, total, total - refunded, currency FROM orders
           WHERE membership_id = $1 AND paid_at >= $2::timestamptz - interval '1 day' AND payment IS NOT NULL ORDER BY id DESC""",
        membership_id, start,
    )  # fmt: skip
    return [_paid(row) for row in rows]


async def order_of_gift(reader: Reader, gift_id: UUID) -> list[Paid]:
    """Index: orders_gift."""
    rows = await reader.fetch(
        "SELECT id, subtotal, total, total - refunded, currency FROM orders WHERE gift_id = $1 AND payment IS NOT NULL",
        gift_id,
    )
    return [_paid(row) for row in rows]


def _lost(row: Row) -> Lost:
    return Lost(id=row[0], price=Money(row[1], row[2]), start=row[3], end=row[4], ended=row[5])


def _paid(row: Row) -> Paid:
    code = row[4]
    return Paid(order_id=row[0], subtotal=Money(row[1], code), total=Money(row[2], code), left=Money(row[3], code))
