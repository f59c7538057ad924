"""`blocks`: people who are kept apart from people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader, Writer


async def put(tx: Writer, user_id: UUID, other_id: UUID, now: datetime) -> bool:
    """False when it was there."""
    added = await tx.execute(
        "INSERT INTO blocks (user_id, other_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        user_id, other_id, now,
    )  # fmt: skip
    return added == 1


async def lift(tx: Writer, user_id: UUID, other_id: UUID) -> bool:
    return await tx.execute("DELETE FROM blocks WHERE user_id = $1 AND other_id = $2", user_id, other_id) == 1


async def between(reader: Reader, one: UUID, other: UUID) -> bool:
    sql = """SELECT EXISTS (SELECT FROM blocks WHERE (user_id = $1 AND other_id = $2) OR (user_id = $2 AND other_id = $1))"""
    return bool(await reader.fetch_value(sql, one, other))


async def apart_from(reader: Reader, user_id: UUID, others: Sequence[UUID]) -> set[UUID]:
    """Those of these people, whoever asked for it. Indexes: blocks_pkey, blocks_on."""
    rows = await reader.fetch(
        """SELECT other_id FROM blocks WHERE user_id = $1 AND other_id = ANY($2)
           UNION SELECT user_id FROM blocks WHERE other_id = $1 AND user_id = ANY($2)""",
        user_id, list(others),
    )  # fmt: skip
    return {row[0] for row in rows}


async def pairs_of(reader: Reader, user_ids: Sequence[UUID]) -> list[tuple[UUID, UUID]]:
    """One of these people first, whoever asked for it. Indexes: blocks_pkey, blocks_on."""
    rows = await reader.fetch(
        """SELECT user_id, other_id FROM blocks WHERE user_id = ANY($1)
           UNION SELECT other_id, user_id FROM blocks WHERE other_id = ANY($1)""",
        list(user_ids),
    )
    return [(row[0], row[1]) for row in rows]


async def by_person(reader: Reader, user_id: UUID) -> list[tuple[UUID, datetime]]:
    """The newest first."""
    sql = "SELECT other_id, created_at FROM blocks WHERE user_id = $1 ORDER BY created_at DESC LIMIT 1000"
    return [(row[0], row[1]) for row in await reader.fetch(sql, user_id)]


async def remove_all(tx: Writer, user_id: UUID) -> None:
    await tx.execute("DELETE FROM blocks WHERE user_id = $1 OR other_id = $1", user_id)
