"""`chat_events`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.chat.models import Event

_COLUMNS = """e.position, e.id, e.kind, e.said_at, e.user_id, coalesce(u.display_name, '') AS name, u.avatar, e.standing, e.tier,
    e.body, e.facts, e.hidden_at IS NOT NULL AS hidden"""
_FROM = "chat_events e LEFT JOIN users u ON u.id = e.user_id"


async def insert(tx: Writer, room_id: UUID, event: Event, nonce: str | None) -> bool:
    """False when the same person said the same (`nonce`) before."""
    made = await tx.execute(
        """INSERT INTO chat_events (room_id, position, id, kind, user_id, standing, tier, body, facts, nonce, said_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10, $11) ON CONFLICT ON CONSTRAINT chat_events_once DO NOTHING""",
        room_id, event.position, event.id, event.kind, event.user_id, event.standing, event.tier, event.body,
        msgspec.json.encode(event.facts).decode(), nonce, event.said_at,
    )  # fmt: skip
    return made == 1


async def since(reader: Reader, room_id: UUID, position: int, most: int) -> list[Event]:
    """After a position, the oldest first. Index: the primary key."""
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM {_FROM} WHERE e.room_id = $1 AND e.position > $2 ORDER BY e.position LIMIT $3",  # noqa: S608
        room_id, position, most,
    )  # fmt: skip
    return [_event(row) for row in rows]


async def before(reader: Reader, room_id: UUID, position: int, most: int) -> list[Event]:
    """Before a position, the newest first. Index: the primary key."""
    rows = await reader.fetch(
        f"""SELECT {_COLUMNS} FROM {_FROM} WHERE e.room_id = $1 AND e.position < $2
            ORDER BY e.position DESC LIMIT $3""",  # noqa: S608
        room_id, position, most,
    )  # fmt: skip
    return [_event(row) for row in rows]


async def between(reader: Reader, room_id: UUID, start: datetime, end: datetime, after: int, most: int) -> list[Event]:
    """What happened in a stretch of time, for a replay. Index: chat_events_when."""
    rows = await reader.fetch(
        f"""SELECT {_COLUMNS} FROM {_FROM} WHERE e.room_id = $1 AND e.said_at >= $2 AND e.said_at < $3 AND e.position > $4
            ORDER BY e.said_at, e.position LIMIT $5""",  # noqa: S608
        room_id, start, end, after, most,
    )  # fmt: skip
    return [_event(row) for row in rows]


async def find(reader: Reader, room_id: UUID, position: int) -> Event | None:
    row = await reader.fetch_row(
        f"SELECT {_COLUMNS} FROM {_FROM} WHERE e.room_id = $1 AND e.position = $2",  # noqa: S608
        room_id, position,
    )  # fmt: skip
    return _event(row) if row else None


async def count_texts(reader: Reader, room_ids: list[UUID], since: datetime, until: datetime) -> dict[UUID, int]:
    """Index: chat_events_when."""
    rows = await reader.fetch(
        """SELECT room_id, count(*) FROM chat_events
           WHERE room_id = ANY($1) AND said_at >= $2 AND said_at < $3 AND kind = 'text' GROUP BY room_id""",
        room_ids, since, until,
    )  # fmt: skip
    return {row[0]: row[1] for row in rows}


async def count_all(reader: Reader, room_id: UUID) -> tuple[int, int]:
    row = await reader.fetch_row(
        "SELECT count(*), count(DISTINCT user_id) FROM chat_events WHERE room_id = $1 AND kind = 'text'", room_id
    )
    return (row[0], row[1]) if row else (0, 0)


async def find_said(reader: Reader, room_id: UUID, user_id: UUID, nonce: str) -> int | None:
    """Where somebody said this. Index: chat_events_once."""
    sql = "SELECT position FROM chat_events WHERE room_id = $1 AND user_id = $2 AND nonce = $3"
    found: int | None = await reader.fetch_value(sql, room_id, user_id, nonce)
    return found


async def spoke_at(reader: Reader, room_id: UUID, user_id: UUID) -> datetime | None:
    """When they spoke last. Index: chat_events_by."""
    found: datetime | None = await reader.fetch_value(
        """SELECT said_at FROM chat_events WHERE user_id = $2 AND room_id = $1 AND kind = 'text'
           ORDER BY position DESC LIMIT 1""",
        room_id, user_id,
    )  # fmt: skip
    return found


async def of_order(reader: Reader, room_id: UUID, order: str) -> Event | None:
    """A tip that is on the screens. Index: chat_events_tips."""
    row = await reader.fetch_row(
        f"SELECT {_COLUMNS} FROM {_FROM} WHERE e.room_id = $1 AND e.kind = 'tip' AND e.facts->>'order' = $2",  # noqa: S608
        room_id, order,
    )  # fmt: skip
    return _event(row) if row else None


async def hide(tx: Writer, room_id: UUID, position: int, by: UUID | None, now: datetime) -> bool:
    hidden = await tx.execute(
        """UPDATE chat_events SET hidden_at = $4, hidden_by = $3
           WHERE room_id = $1 AND position = $2 AND kind IN ('text', 'tip') AND hidden_at IS NULL""",
        room_id, position, by, now,
    )  # fmt: skip
    return hidden == 1


async def hide_all_by(tx: Writer, room_id: UUID, user_id: UUID, by: UUID, now: datetime) -> int:
    return await tx.execute(
        """UPDATE chat_events SET hidden_at = $4, hidden_by = $3
           WHERE room_id = $1 AND user_id = $2 AND kind = 'text' AND hidden_at IS NULL""",
        room_id, user_id, by, now,
    )  # fmt: skip


async def all_by(reader: Reader, user_id: UUID) -> list[Event]:
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM {_FROM} WHERE e.user_id = $1 ORDER BY e.said_at",  # noqa: S608
        user_id,
    )
    return [_event(row, with_hidden_words=True) for row in rows]


async def forget_words(tx: Writer, user_id: UUID) -> None:
    """Positions stay, so that nobody's place in a room is lost."""
    await tx.execute(
        """UPDATE chat_events SET body = '', facts = '{}', user_id = NULL, nonce = NULL, hidden_at = coalesce(hidden_at, said_at)
           WHERE user_id = $1""",
        user_id,
    )


def _event(row: Row, *, with_hidden_words: bool = False) -> Event:
    hidden = row["hidden"]
    return Event(
        position=row["position"], id=row["id"], kind=row["kind"], said_at=row["said_at"], user_id=row["user_id"],
        name=row["name"], avatar=row["avatar"], standing=row["standing"], tier=row["tier"],
        body=row["body"] if with_hidden_words or not hidden else "", facts=msgspec.json.decode(row["facts"]), hidden=hidden,
    )  # fmt: skip
