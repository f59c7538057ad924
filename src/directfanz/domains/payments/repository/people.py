"""Customers at the provider, and what people let themselves spend."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader, Writer
from directfanz.kit.money import Money


async def customer_of(reader: Reader, user_id: UUID) -> str | None:
    found: str | None = await reader.fetch_value("SELECT customer FROM customers WHERE user_id = $1", user_id)
    return found


async def keep_customer(tx: Writer, user_id: UUID, customer: str, now: datetime) -> str:
    """Whichever was kept first."""
    await tx.execute(
        "INSERT INTO customers (user_id, customer, created_at) VALUES ($1, $2, $3) ON CONFLICT (user_id) DO NOTHING",
        user_id, customer, now,
    )  # fmt: skip
    return await customer_of(tx, user_id) or customer


async def caps_of(reader: Reader, user_id: UUID) -> list[Money]:
    rows = await reader.fetch("SELECT amount, currency FROM spend_caps WHERE user_id = $1 ORDER BY currency", user_id)
    return [Money(row[0], row[1]) for row in rows]


async def lock_cap(tx: Writer, user_id: UUID, currency: str) -> Money | None:
    """Two tabs that spend at the same time come one after the other."""
    found = await tx.fetch_value(
        "SELECT amount FROM spend_caps WHERE user_id = $1 AND currency = $2 FOR UPDATE", user_id, currency
    )
    return None if found is None else Money(found, currency)


async def set_cap(tx: Writer, user_id: UUID, amount: Money, now: datetime) -> None:
    await tx.execute(
        """INSERT INTO spend_caps (user_id, currency, amount, updated_at) VALUES ($1, $2, $3, $4)
           ON CONFLICT (user_id, currency) DO UPDATE SET amount = excluded.amount, updated_at = excluded.updated_at""",
        user_id, amount.currency, amount.minor, now,
    )  # fmt: skip


async def remove_cap(tx: Writer, user_id: UUID, currency: str) -> None:
    await tx.execute("DELETE FROM spend_caps WHERE user_id = $1 AND currency = $2", user_id, currency)


async def erase(tx: Writer, user_id: UUID) -> None:
    """What they chose goes; what they paid stays, as the law asks, without their words."""
    await tx.execute("DELETE FROM spend_caps WHERE user_id = $1", user_id)
    await tx.execute("UPDATE orders SET message = '', key = NULL WHERE user_id = $1", user_id)
