"""`spend_holds`: what a change of tier is about to charge."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader, Writer
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money


async def put(tx: Writer, membership_id: UUID, user_id: UUID, amount: Money, until: datetime) -> None:
    await tx.execute(
        """INSERT INTO spend_holds (id, membership_id, user_id, currency, amount, until) VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (membership_id) DO UPDATE SET id = excluded.id, currency = excluded.currency, amount = excluded.amount,
               until = excluded.until""",
        new_id(), membership_id, user_id, amount.currency, amount.minor, until,
    )  # fmt: skip


async def drop(tx: Writer, membership_id: UUID) -> None:
    await tx.execute("DELETE FROM spend_holds WHERE membership_id = $1", membership_id)


async def held(reader: Reader, user_id: UUID, currency: str, now: datetime) -> int:
    """Less what an order was written for in the meantime, which counts by itself. Index: spend_holds_of."""
    return int(
        await reader.fetch_value(
            """SELECT coalesce(sum(h.amount), 0)::bigint FROM spend_holds h
               WHERE h.user_id = $1 AND h.currency = $2 AND h.until > $3 AND NOT EXISTS (
                   SELECT FROM orders o WHERE o.membership_id = h.membership_id AND o.paid_at IS NOT NULL AND o.id > h.id)""",
            user_id, currency, now,
        )
    )  # fmt: skip


async def erase(tx: Writer, user_id: UUID) -> None:
    await tx.execute("DELETE FROM spend_holds WHERE user_id = $1", user_id)
