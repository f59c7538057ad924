"""`gifts`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.memberships.models import Gift

_KEPT = [name for name in Gift.__struct_fields__ if name != "has_code"]
_COLUMNS = ", ".join(_KEPT) + ", code_hash IS NOT NULL AS has_code"


async def insert(tx: Writer, gift: Gift) -> None:
    await tx.execute(
        """INSERT INTO gifts (id, creator_id, tier_id, buyer_id, months, amount, currency, message, state, held_until, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)""",
        gift.id, gift.creator_id, gift.tier_id, gift.buyer_id, gift.months, gift.amount, gift.currency, gift.message,
        gift.state, gift.held_until, gift.created_at,
    )  # fmt: skip


async def find(reader: Reader, gift_id: UUID) -> Gift | None:
    return await _one(reader, "WHERE id = $1", gift_id)


async def lock(tx: Writer, gift_id: UUID) -> Gift | None:
    return await _one(tx, "WHERE id = $1 FOR NO KEY UPDATE", gift_id)


async def lock_by_code(tx: Writer, code_hash: bytes) -> Gift | None:
    """Of two who claim it, one waits here and then finds it claimed. Index: gifts_code_key."""
    return await _one(tx, "WHERE code_hash = $1 FOR NO KEY UPDATE", code_hash)


async def bought_by(reader: Reader, user_id: UUID) -> list[Gift]:
    """The newest first. Index: gifts_bought."""
    return await _many(
        reader, "WHERE buyer_id = $1 AND state NOT IN ('pending', 'lapsed') ORDER BY id DESC LIMIT 200", user_id
    )


async def claimed_by(reader: Reader, user_id: UUID) -> list[Gift]:
    """Index: gifts_claimed."""
    return await _many(reader, "WHERE claimed_by = $1 ORDER BY id DESC LIMIT 200", user_id)


async def is_paid(tx: Writer, gift_id: UUID, now: datetime, expires_at: datetime) -> bool:
    """Also one whose page had lapsed: it was paid for all the same."""
    return await tx.execute(
        """UPDATE gifts SET state = 'paid', paid_at = $2, expires_at = $3, held_until = NULL
           WHERE id = $1 AND state IN ('pending', 'lapsed')""",
        gift_id, now, expires_at,
    ) == 1  # fmt: skip


async def set_code(tx: Writer, gift_id: UUID, code_hash: bytes) -> bool:
    return await tx.execute("UPDATE gifts SET code_hash = $2 WHERE id = $1 AND state = 'paid'", gift_id, code_hash) == 1


async def lapse(tx: Writer, gift_id: UUID) -> bool:
    return await tx.execute(
        "UPDATE gifts SET state = 'lapsed', held_until = NULL WHERE id = $1 AND state = 'pending'", gift_id
    ) == 1  # fmt: skip


async def claim(tx: Writer, gift: Gift) -> bool:
    """`gift` says how it is claimed."""
    return await tx.execute(
        """UPDATE gifts SET state = 'claimed', claimed_by = $2, claimed_at = $3, starts_at = $4, ends_at = $5,
               membership_id = $6, on_top = $7, postponed_to = $8, code_hash = NULL
           WHERE id = $1 AND state = 'paid'""",
        gift.id, gift.claimed_by, gift.claimed_at, gift.starts_at, gift.ends_at, gift.membership_id, gift.on_top,
        gift.postponed_to,
    ) == 1  # fmt: skip


async def refund(tx: Writer, gift_id: UUID) -> bool:
    return await tx.execute(
        """UPDATE gifts SET state = 'refunded', code_hash = NULL, held_until = NULL
           WHERE id = $1 AND state IN ('pending', 'lapsed', 'paid', 'claimed', 'expired')""",
        gift_id,
    ) == 1  # fmt: skip


async def keep_on_top(tx: Writer, membership_id: UUID, now: datetime) -> list[Gift]:
    """Those that made this membership and go on after it. Index: gifts_for."""
    rows = await tx.fetch(
        f"""UPDATE gifts SET on_top = true WHERE membership_id = $1 AND state = 'claimed' AND ends_at > $2 AND NOT on_top
            RETURNING {_COLUMNS}""",  # noqa: S608
        membership_id, now,
    )  # fmt: skip
    return [_gift(row) for row in rows]


async def postponed_to(reader: Reader, membership_id: UUID) -> datetime | None:
    """Index: gifts_for."""
    sql = "SELECT max(postponed_to) FROM gifts WHERE membership_id = $1"
    found: datetime | None = await reader.fetch_value(sql, membership_id)
    return found


async def last_end(reader: Reader, membership_id: UUID) -> datetime | None:
    """Of those that made it or made it longer and were not given back. Index: gifts_for."""
    sql = "SELECT max(ends_at) FROM gifts WHERE membership_id = $1 AND state = 'claimed' AND NOT on_top"
    found: datetime | None = await reader.fetch_value(sql, membership_id)
    return found


async def lapse_all(tx: Writer, gift_ids: Sequence[UUID]) -> None:
    sql = "UPDATE gifts SET state = 'lapsed', held_until = NULL WHERE id = ANY($1) AND state = 'pending'"
    await tx.execute(sql, list(gift_ids))


async def lapse_some(tx: Writer, now: datetime, most: int) -> int:
    """Those that nobody paid; how many. Index: gifts_held_until."""
    return await tx.execute(
        """UPDATE gifts SET state = 'lapsed', held_until = NULL WHERE id IN (
               SELECT id FROM gifts WHERE state = 'pending' AND held_until < $1 ORDER BY held_until LIMIT $2
               FOR NO KEY UPDATE SKIP LOCKED)""",
        now, most,
    )  # fmt: skip


async def expire_some(tx: Writer, now: datetime, most: int) -> list[Gift]:
    """Those that nobody claimed in time. Index: gifts_expiring."""
    rows = await tx.fetch(
        f"""UPDATE gifts SET state = 'expired', code_hash = NULL WHERE id IN (
               SELECT id FROM gifts WHERE state = 'paid' AND expires_at <= $1 ORDER BY expires_at LIMIT $2
               FOR NO KEY UPDATE SKIP LOCKED) RETURNING {_COLUMNS}""",  # noqa: S608
        now, most,
    )  # fmt: skip
    return [_gift(row) for row in rows]


async def expiring(reader: Reader, before: datetime, after: UUID | None, most: int) -> list[Gift]:
    """Index: gifts_expiring."""
    rows = await reader.fetch(
        f"""SELECT {_COLUMNS} FROM gifts WHERE state = 'paid' AND expires_at <= $1 AND ($2::uuid IS NULL OR id > $2)
            ORDER BY id LIMIT $3""",  # noqa: S608
        before, after, most,
    )  # fmt: skip
    return [_gift(row) for row in rows]


async def forget_words(tx: Writer, user_id: UUID) -> None:
    await tx.execute("UPDATE gifts SET message = '' WHERE buyer_id = $1", user_id)


async def _one(reader: Reader, where: str, value: object) -> Gift | None:
    row = await reader.fetch_row(f"SELECT {_COLUMNS} FROM gifts {where}", value)  # noqa: S608
    return _gift(row) if row else None


async def _many(reader: Reader, where: str, value: object) -> list[Gift]:
    return [_gift(row) for row in await reader.fetch(f"SELECT {_COLUMNS} FROM gifts {where}", value)]  # noqa: S608


def _gift(row: Row) -> Gift:
    return Gift(**{name: row[name] for name in Gift.__struct_fields__})
