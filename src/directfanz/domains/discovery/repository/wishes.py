"""`feed_wishes`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.discovery.models import Wish


async def of_user(reader: Reader, user_id: UUID) -> Mapping[UUID, Wish]:
    rows = await reader.fetch("SELECT creator_id, wish FROM feed_wishes WHERE user_id = $1", user_id)
    return {row[0]: row[1] for row in rows}


async def keep(tx: Writer, user_id: UUID, creator_id: UUID, wish: Wish, now: datetime) -> None:
    await tx.execute(
        """INSERT INTO feed_wishes (user_id, creator_id, wish, created_at) VALUES ($1, $2, $3, $4)
           ON CONFLICT (user_id, creator_id) DO UPDATE SET wish = excluded.wish, created_at = excluded.created_at""",
        user_id, creator_id, wish, now,
    )  # fmt: skip


async def remove(tx: Writer, user_id: UUID, creator_id: UUID) -> bool:
    sql = "DELETE FROM feed_wishes WHERE user_id = $1 AND creator_id = $2"
    return await tx.execute(sql, user_id, creator_id) == 1


async def remove_all(tx: Writer, user_id: UUID) -> None:
    await tx.execute("DELETE FROM feed_wishes WHERE user_id = $1", user_id)
