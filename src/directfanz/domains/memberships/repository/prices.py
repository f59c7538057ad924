"""`tier_price_changes` and `price_questions`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.billing.contract import Interval
from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.memberships.models import Membership
from directfanz.domains.memberships.repository.memberships import COLUMNS, membership_of


class PriceChange(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    tier_id: UUID
    at: datetime
    by_user: UUID | None
    old_amount: int
    new_amount: int
    old_yearly_amount: int | None
    new_yearly_amount: int | None
    currency: str
    asks: bool
    note: str

    def amount(self, interval: Interval) -> int | None:
        return self.new_amount if interval == "month" else self.new_yearly_amount


_NAMES = PriceChange.__struct_fields__


async def insert(tx: Writer, change: PriceChange) -> None:
    places = ", ".join(f"${place}" for place in range(1, len(_NAMES) + 1))
    sql = f"INSERT INTO tier_price_changes ({', '.join(_NAMES)}) VALUES ({places})"  # noqa: S608 - our own columns
    await tx.execute(sql, *[getattr(change, name) for name in _NAMES])


async def find(reader: Reader, change_id: UUID) -> PriceChange | None:
    sql = f"SELECT {', '.join(_NAMES)} FROM tier_price_changes WHERE id = $1"  # noqa: S608
    row = await reader.fetch_row(sql, change_id)
    return _change(row) if row else None


async def of_tier(reader: Reader, tier_id: UUID) -> list[tuple[PriceChange, int, int]]:
    """With how many were asked and how many agreed, the newest first. Index: tier_price_changes_of."""
    rows = await reader.fetch(
        f"""SELECT {", ".join(_NAMES)}, (SELECT count(*) FROM price_questions q WHERE q.change_id = c.id) AS asked,
                (SELECT count(*) FROM price_questions q WHERE q.change_id = c.id AND agreed_at IS NOT NULL) AS agreed
            FROM tier_price_changes c WHERE tier_id = $1 ORDER BY at DESC LIMIT 50""",  # noqa: S608
        tier_id,
    )
    return [(_change(row), row["asked"], row["agreed"]) for row in rows]


async def not_asked(reader: Reader, change: PriceChange, most: int) -> list[Membership]:
    """Who pays less and will be charged again. Index: memberships_tier."""
    rows = await reader.fetch(
        f"""SELECT {COLUMNS} FROM memberships m
            WHERE tier_id = $1 AND state IN ('trialing', 'active', 'past_due', 'paused') AND source = 'paid'
              AND amount < CASE interval WHEN 'month' THEN $2::bigint ELSE $3::bigint END
              AND NOT EXISTS (SELECT FROM price_questions q WHERE q.change_id = $4 AND q.membership_id = m.id)
            ORDER BY id LIMIT $5""",  # noqa: S608
        change.tier_id, change.new_amount, change.new_yearly_amount, change.id, most,
    )  # fmt: skip
    return [membership_of(row) for row in rows]


async def asked(tx: Writer, change_id: UUID, membership_id: UUID, now: datetime) -> None:
    await tx.execute(
        """INSERT INTO price_questions (change_id, membership_id, asked_at) VALUES ($1, $2, $3)
           ON CONFLICT (change_id, membership_id) DO NOTHING""",
        change_id, membership_id, now,
    )  # fmt: skip


async def open_question(reader: Reader, membership_id: UUID) -> PriceChange | None:
    """The newest price of their tier, if they were asked for it and did not agree yet. Index: price_questions_of."""
    row = await reader.fetch_row(
        f"""SELECT {", ".join("c." + name for name in _NAMES)} FROM price_questions q
            JOIN tier_price_changes c ON c.id = q.change_id
            JOIN memberships m ON m.id = q.membership_id AND m.tier_id = c.tier_id
            WHERE q.membership_id = $1 AND q.agreed_at IS NULL
              AND NOT EXISTS (SELECT FROM tier_price_changes n WHERE n.tier_id = c.tier_id AND n.at > c.at)
            LIMIT 1""",  # noqa: S608
        membership_id,
    )
    return _change(row) if row else None


async def agree(tx: Writer, change_id: UUID, membership_id: UUID, now: datetime) -> None:
    await tx.execute(
        "UPDATE price_questions SET agreed_at = $3 WHERE change_id = $1 AND membership_id = $2 AND agreed_at IS NULL",
        change_id, membership_id, now,
    )  # fmt: skip


def _change(row: Row) -> PriceChange:
    return PriceChange(**{name: row[name] for name in _NAMES})
