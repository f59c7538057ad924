"""`chat_rooms`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.chat.models import Room, RoomState

_COLUMNS = """id, creator_id, title, access, min_rank, state, last, epoch, slow_seconds, members_only, pinned, opened_at,
    closed_at"""


async def insert(tx: Writer, room: Room) -> bool:
    """False when it is there already."""
    made = await tx.execute(
        """INSERT INTO chat_rooms (id, creator_id, title, access, min_rank, opened_at) VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (id) DO NOTHING""",
        room.id, room.creator_id, room.title, room.access, room.min_rank, room.opened_at,
    )  # fmt: skip
    return made == 1


async def find(reader: Reader, room_id: UUID) -> Room | None:
    row = await reader.fetch_row(f"SELECT {_COLUMNS} FROM chat_rooms WHERE id = $1", room_id)  # noqa: S608 - our own columns
    return _room(row) if row else None


async def lock(tx: Writer, room_id: UUID) -> Room | None:
    """Nothing happens in it until the commit."""
    row = await tx.fetch_row(f"SELECT {_COLUMNS} FROM chat_rooms WHERE id = $1 FOR UPDATE", room_id)  # noqa: S608
    return _room(row) if row else None


async def describe(tx: Writer, room: Room) -> None:
    """What the thing it belongs to says of itself now."""
    await tx.execute(
        "UPDATE chat_rooms SET title = $2, access = $3, min_rank = $4 WHERE id = $1",
        room.id, room.title, room.access, room.min_rank,
    )  # fmt: skip


async def move(tx: Writer, room_id: UUID, old: RoomState, new: RoomState, now: datetime) -> bool:
    moved = await tx.execute(
        """UPDATE chat_rooms SET state = $3, closed_at = CASE WHEN $3 = 'closed' THEN $4::timestamptz END
           WHERE id = $1 AND state = $2""",
        room_id, old, new, now,
    )  # fmt: skip
    return moved == 1


async def take_position(tx: Writer, room_id: UUID, *, only_open: bool) -> tuple[int, UUID] | None:
    """The next one and its epoch. None when the room is not there, or closed to those who may only speak while it is open."""
    row = await tx.fetch_row(
        "UPDATE chat_rooms SET last = last + 1 WHERE id = $1 AND (state = 'open' OR NOT $2) RETURNING last, epoch",
        room_id, only_open,
    )  # fmt: skip
    return (row[0], row[1]) if row else None


async def set_rules(tx: Writer, room_id: UUID, slow_seconds: int, members_only: bool) -> None:
    await tx.execute(
        "UPDATE chat_rooms SET slow_seconds = $2, members_only = $3 WHERE id = $1", room_id, slow_seconds, members_only
    )


async def set_pinned(tx: Writer, room_id: UUID, position: int | None) -> None:
    await tx.execute("UPDATE chat_rooms SET pinned = $2 WHERE id = $1", room_id, position)


async def positions(reader: Reader, room_ids: Collection[UUID]) -> dict[UUID, tuple[int, UUID]]:
    """The last position of each, and its epoch."""
    rows = await reader.fetch("SELECT id, last, epoch FROM chat_rooms WHERE id = ANY($1)", list(room_ids))
    return {row[0]: (row[1], row[2]) for row in rows}


async def set_guest(tx: Writer, room_id: UUID, creator_id: UUID, wanted: bool) -> None:
    if wanted:
        sql = "INSERT INTO chat_guests (room_id, creator_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"
    else:
        sql = "DELETE FROM chat_guests WHERE room_id = $1 AND creator_id = $2"
    await tx.execute(sql, room_id, creator_id)


async def guests(reader: Reader, room_id: UUID) -> list[UUID]:
    rows = await reader.fetch("SELECT creator_id FROM chat_guests WHERE room_id = $1", room_id)
    return [row[0] for row in rows]


async def open_of(reader: Reader, creator_id: UUID) -> list[UUID]:
    rows = await reader.fetch("SELECT id FROM chat_rooms WHERE creator_id = $1 AND state = 'open'", creator_id)
    return [row[0] for row in rows]


def _room(row: Row) -> Room:
    return msgspec.convert(dict(row), Room)
