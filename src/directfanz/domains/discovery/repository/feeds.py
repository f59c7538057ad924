"""`member_feeds`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.discovery.models import MemberFeed

_COLUMNS = "id, user_id, creator_id, created_at, read_at, revoked_at"


async def insert(tx: Writer, feed: MemberFeed, token_hash: bytes) -> None:
    await tx.execute(
        "INSERT INTO member_feeds (id, user_id, creator_id, token_hash, created_at) VALUES ($1, $2, $3, $4, $5)",
        feed.id, feed.user_id, feed.creator_id, token_hash, feed.created_at,
    )  # fmt: skip


async def by_token(reader: Reader, token_hash: bytes) -> MemberFeed | None:
    """Index: member_feeds_token_key."""
    sql = f"SELECT {_COLUMNS} FROM member_feeds WHERE token_hash = $1 AND revoked_at IS NULL"  # noqa: S608
    row = await reader.fetch_row(sql, token_hash)
    return _feed(row) if row else None


async def of_user(reader: Reader, user_id: UUID) -> list[MemberFeed]:
    sql = f"SELECT {_COLUMNS} FROM member_feeds WHERE user_id = $1 AND revoked_at IS NULL ORDER BY created_at DESC"  # noqa: S608
    return [_feed(row) for row in await reader.fetch(sql, user_id)]


async def of_pair(reader: Reader, user_id: UUID, creator_id: UUID) -> MemberFeed | None:
    """Index: member_feeds_one."""
    sql = f"SELECT {_COLUMNS} FROM member_feeds WHERE user_id = $1 AND creator_id = $2 AND revoked_at IS NULL"  # noqa: S608
    row = await reader.fetch_row(sql, user_id, creator_id)
    return _feed(row) if row else None


async def revoke(tx: Writer, user_id: UUID, creator_id: UUID, now: datetime) -> bool:
    sql = "UPDATE member_feeds SET revoked_at = $3 WHERE user_id = $1 AND creator_id = $2 AND revoked_at IS NULL"
    return await tx.execute(sql, user_id, creator_id, now) == 1


async def was_read(tx: Writer, feed_id: UUID, now: datetime, not_since: datetime) -> None:
    """Not at every look: players ask often."""
    sql = "UPDATE member_feeds SET read_at = $2 WHERE id = $1 AND (read_at IS NULL OR read_at < $3)"
    await tx.execute(sql, feed_id, now, not_since)


async def remove_all(tx: Writer, user_id: UUID) -> None:
    await tx.execute("DELETE FROM member_feeds WHERE user_id = $1", user_id)


def _feed(row: Row) -> MemberFeed:
    return msgspec.convert(dict(row), MemberFeed)
