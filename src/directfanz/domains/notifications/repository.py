from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.notifications.kinds import Channel
from directfanz.domains.notifications.models import Notification

_COLUMNS = "id, user_id, position, kind, facts, link, created_at, read_at"
_LAST = 2**63 - 1


async def next_position(tx: Writer, user_id: UUID) -> int:
    position: int = await tx.fetch_value(
        """INSERT INTO notification_positions (user_id, last) VALUES ($1, 1)
           ON CONFLICT (user_id) DO UPDATE SET last = notification_positions.last + 1 RETURNING last""",
        user_id,
    )
    return position


async def is_told(tx: Reader, user_id: UUID, dedupe_key: str) -> bool:
    sql = "SELECT true FROM notifications WHERE user_id = $1 AND dedupe_key = $2"
    return bool(await tx.fetch_value(sql, user_id, dedupe_key))


async def insert(tx: Writer, told: Notification, dedupe_key: str | None) -> bool:
    """False when the same was told before."""
    touched = await tx.execute(
        """INSERT INTO notifications (id, user_id, position, kind, facts, link, dedupe_key, created_at)
           VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7, $8) ON CONFLICT (user_id, dedupe_key) DO NOTHING""",
        told.id, told.user_id, told.position, told.kind, msgspec.json.encode(told.facts).decode(), told.link,
        dedupe_key, told.created_at,
    )  # fmt: skip
    return touched == 1


async def find(reader: Reader, notification_id: UUID) -> Notification | None:
    row = await reader.fetch_row(f"SELECT {_COLUMNS} FROM notifications WHERE id = $1", notification_id)  # noqa: S608
    return _notification(row) if row else None


async def newest(reader: Reader, user_id: UUID, before: int | None, limit: int) -> list[Notification]:
    """Newest first. Index: notifications_position_key."""
    sql = f"SELECT {_COLUMNS} FROM notifications WHERE user_id = $1 AND position < $2 ORDER BY position DESC LIMIT $3"  # noqa: S608
    return [_notification(row) for row in await reader.fetch(sql, user_id, before or _LAST, limit)]


async def since(reader: Reader, user_id: UUID, position: int, most: int) -> list[Notification]:
    """Oldest first: what a client missed. Index: notifications_position_key."""
    sql = f"SELECT {_COLUMNS} FROM notifications WHERE user_id = $1 AND position > $2 ORDER BY position LIMIT $3"  # noqa: S608
    return [_notification(row) for row in await reader.fetch(sql, user_id, position, most)]


async def last_position(reader: Reader, user_id: UUID) -> tuple[int, str]:
    """And the epoch that it is of; empty before anything was told."""
    row = await reader.fetch_row("SELECT last, epoch FROM notification_positions WHERE user_id = $1", user_id)
    return (row[0], str(row[1])) if row else (0, "")


async def count_unread(reader: Reader, user_id: UUID) -> int:
    """Index: notifications_unread."""
    sql = "SELECT count(*) FROM notifications WHERE user_id = $1 AND read_at IS NULL"
    return int(await reader.fetch_value(sql, user_id))


async def mark_read(tx: Writer, user_id: UUID, notification_id: UUID, now: datetime) -> bool:
    """True also when it was read before; False when there is no such one of theirs."""
    sql = "UPDATE notifications SET read_at = coalesce(read_at, $3) WHERE id = $2 AND user_id = $1"
    return await tx.execute(sql, user_id, notification_id, now) == 1


async def mark_all_read(tx: Writer, user_id: UUID, upto: int | None, now: datetime) -> int:
    sql = "UPDATE notifications SET read_at = $3 WHERE user_id = $1 AND position <= $2 AND read_at IS NULL"
    return await tx.execute(sql, user_id, upto if upto is not None else _LAST, now)


async def chosen(reader: Reader, user_id: UUID) -> Mapping[tuple[str, Channel], bool]:
    rows = await reader.fetch("SELECT kind, channel, wanted FROM notification_preferences WHERE user_id = $1", user_id)
    return {(row[0], row[1]): row[2] for row in rows}


async def choose(tx: Writer, user_id: UUID, kind: str, channel: Channel, wanted: bool) -> None:
    await tx.execute(
        """INSERT INTO notification_preferences (user_id, kind, channel, wanted) VALUES ($1, $2, $3, $4)
           ON CONFLICT (user_id, kind, channel) DO UPDATE SET wanted = excluded.wanted""",
        user_id, kind, channel, wanted,
    )  # fmt: skip


async def all_of(reader: Reader, user_id: UUID) -> list[Notification]:
    sql = f"SELECT {_COLUMNS} FROM notifications WHERE user_id = $1 ORDER BY position"  # noqa: S608
    return [_notification(row) for row in await reader.fetch(sql, user_id)]


async def remove_all(tx: Writer, user_id: UUID) -> None:
    await tx.execute("DELETE FROM notifications WHERE user_id = $1", user_id)
    await tx.execute("DELETE FROM notification_preferences WHERE user_id = $1", user_id)
    await tx.execute("DELETE FROM notification_positions WHERE user_id = $1", user_id)


async def remove_before(tx: Writer, before: datetime, most: int) -> int:
    """Index: notifications_old."""
    return await tx.execute(
        """DELETE FROM notifications WHERE id IN (
               SELECT id FROM notifications WHERE created_at < $1 ORDER BY created_at LIMIT $2)""",
        before, most,
    )  # fmt: skip


def _notification(row: Row) -> Notification:
    return Notification(
        id=row[0], user_id=row[1], position=row[2], kind=row[3], facts=msgspec.json.decode(row[4]), link=row[5],
        created_at=row[6], read_at=row[7],
    )  # fmt: skip
