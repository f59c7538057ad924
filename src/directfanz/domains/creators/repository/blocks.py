"""`page_blocks`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.creators.models import BlockedBy, PageBlock


async def put(tx: Writer, block: PageBlock, by_user: UUID | None) -> bool:
    """False when it was there."""
    added = await tx.execute(
        """INSERT INTO page_blocks (creator_id, user_id, by, by_user, reason, created_at) VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (creator_id, user_id, by) DO NOTHING""",
        block.creator_id, block.user_id, block.by, by_user, block.reason, block.since,
    )  # fmt: skip
    return added == 1


async def lift(tx: Writer, creator_id: UUID, user_id: UUID, by: BlockedBy) -> bool:
    sql = "DELETE FROM page_blocks WHERE creator_id = $1 AND user_id = $2 AND by = $3"
    return await tx.execute(sql, creator_id, user_id, by) == 1


async def apart_among(reader: Reader, user_id: UUID, creator_ids: Sequence[UUID]) -> set[UUID]:
    """Key: page_blocks_pkey."""
    sql = "SELECT DISTINCT creator_id FROM page_blocks WHERE user_id = $1 AND creator_id = ANY($2)"
    return {row[0] for row in await reader.fetch(sql, user_id, list(creator_ids))}


async def apart_from_page(reader: Reader, creator_id: UUID, user_ids: Sequence[UUID]) -> set[UUID]:
    """Key: page_blocks_pkey."""
    sql = "SELECT DISTINCT user_id FROM page_blocks WHERE creator_id = $1 AND user_id = ANY($2)"
    return {row[0] for row in await reader.fetch(sql, creator_id, list(user_ids))}


async def of_pair(reader: Reader, creator_id: UUID, user_id: UUID) -> list[PageBlock]:
    sql = "SELECT creator_id, user_id, by, reason, created_at FROM page_blocks WHERE creator_id = $1 AND user_id = $2"
    return [PageBlock(*row) for row in await reader.fetch(sql, creator_id, user_id)]


async def by_page(reader: Reader, creator_id: UUID, before: datetime | None, limit: int) -> list[PageBlock]:
    """The newest first."""
    rows = await reader.fetch(
        """SELECT creator_id, user_id, by, reason, created_at FROM page_blocks
           WHERE creator_id = $1 AND by = 'page' AND ($2::timestamptz IS NULL OR created_at < $2)
           ORDER BY created_at DESC LIMIT $3""",
        creator_id, before, limit,
    )  # fmt: skip
    return [PageBlock(*row) for row in rows]


async def by_person(reader: Reader, user_id: UUID) -> list[PageBlock]:
    """The newest first. Index: page_blocks_of."""
    rows = await reader.fetch(
        """SELECT creator_id, user_id, by, reason, created_at FROM page_blocks WHERE user_id = $1 AND by = 'person'
           ORDER BY created_at DESC LIMIT 1000""",
        user_id,
    )
    return [PageBlock(*row) for row in rows]


async def remove_all(tx: Writer, user_id: UUID) -> None:
    await tx.execute("DELETE FROM page_blocks WHERE user_id = $1", user_id)
