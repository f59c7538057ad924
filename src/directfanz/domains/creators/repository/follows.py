from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.repository.pages import COLUMNS, creator_of


async def follow(tx: Writer, user_id: UUID, creator_id: UUID, now: datetime) -> bool:
    """False when they did already."""
    added = await tx.execute(
        """INSERT INTO follows (user_id, creator_id, created_at) VALUES ($1, $2, $3)
           ON CONFLICT (user_id, creator_id) DO NOTHING""",
        user_id, creator_id, now,
    )  # fmt: skip
    return added == 1


async def unfollow(tx: Writer, user_id: UUID, creator_id: UUID) -> bool:
    return await tx.execute("DELETE FROM follows WHERE user_id = $1 AND creator_id = $2", user_id, creator_id) == 1


async def does_follow(reader: Reader, user_id: UUID, creator_id: UUID) -> bool:
    sql = "SELECT EXISTS (SELECT 1 FROM follows WHERE user_id = $1 AND creator_id = $2)"
    return bool(await reader.fetch_value(sql, user_id, creator_id))


async def followed_among(
    reader: Reader, user_ids: Sequence[UUID], creator_ids: Sequence[UUID]
) -> set[tuple[UUID, UUID]]:
    """Key: follows_pkey."""
    sql = "SELECT user_id, creator_id FROM follows WHERE user_id = ANY($1) AND creator_id = ANY($2)"
    return {(row[0], row[1]) for row in await reader.fetch(sql, list(user_ids), list(creator_ids))}


async def count(reader: Reader, creator_id: UUID) -> int:
    """Index: follows_of."""
    return int(await reader.fetch_value("SELECT count(*) FROM follows WHERE creator_id = $1", creator_id))


async def followed_by(
    reader: Reader, user_id: UUID, before: tuple[datetime, UUID] | None, limit: int
) -> list[tuple[Creator, datetime]]:
    """Pages that can be seen, newest first, each with since when."""
    at, creator_id = before or (None, None)
    rows = await reader.fetch(
        f"""SELECT {COLUMNS}, f.created_at AS since FROM follows f JOIN creators c ON c.id = f.creator_id
            WHERE f.user_id = $1 AND c.state = 'published'
              AND ($2::timestamptz IS NULL OR (f.created_at, f.creator_id) < ($2, $3::uuid))
            ORDER BY f.created_at DESC, f.creator_id DESC LIMIT $4""",  # noqa: S608 - our own columns
        user_id, at, creator_id, limit,
    )  # fmt: skip
    return [(creator_of(row), row["since"]) for row in rows]


async def newest_followed(reader: Reader, user_id: UUID, most: int) -> list[UUID]:
    """Index: follows_pkey."""
    sql = "SELECT creator_id FROM follows WHERE user_id = $1 ORDER BY created_at DESC LIMIT $2"
    return [row[0] for row in await reader.fetch(sql, user_id, most)]


async def followed_ids(reader: Reader, user_id: UUID) -> list[tuple[UUID, datetime]]:
    rows = await reader.fetch("SELECT creator_id, created_at FROM follows WHERE user_id = $1", user_id)
    return [(row[0], row[1]) for row in rows]


async def remove_all(tx: Writer, user_id: UUID) -> None:
    await tx.execute("DELETE FROM follows WHERE user_id = $1", user_id)
