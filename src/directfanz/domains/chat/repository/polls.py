"""`polls` and `poll_votes`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.chat.models import Poll

_COLUMNS = "id, room_id, question, options, opened_at, closes_at, closed_at"


async def insert(tx: Writer, poll: Poll, asked_by: UUID) -> None:
    """`ConstraintBroken` of polls_one_open when the room has an open one."""
    await tx.execute(
        """INSERT INTO polls (id, room_id, question, options, asked_by, opened_at, closes_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)""",
        poll.id, poll.room_id, poll.question, poll.options, asked_by, poll.opened_at, poll.closes_at,
    )  # fmt: skip


async def find(reader: Reader, poll_id: UUID) -> Poll | None:
    row = await reader.fetch_row(f"SELECT {_COLUMNS} FROM polls WHERE id = $1", poll_id)  # noqa: S608 - our own columns
    return _poll(row) if row else None


async def newest_of(reader: Reader, room_id: UUID, most: int) -> list[Poll]:
    """Index: polls_of."""
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM polls WHERE room_id = $1 ORDER BY opened_at DESC LIMIT $2",  # noqa: S608
        room_id, most,
    )  # fmt: skip
    return [_poll(row) for row in rows]


async def open_in(reader: Reader, room_id: UUID) -> Poll | None:
    """Index: polls_one_open."""
    row = await reader.fetch_row(
        f"SELECT {_COLUMNS} FROM polls WHERE room_id = $1 AND closed_at IS NULL",  # noqa: S608 - our own columns
        room_id,
    )
    return _poll(row) if row else None


async def close(tx: Writer, poll_id: UUID, now: datetime) -> bool:
    """False when it is closed already."""
    return await tx.execute("UPDATE polls SET closed_at = $2 WHERE id = $1 AND closed_at IS NULL", poll_id, now) == 1


async def due(reader: Reader, now: datetime, most: int) -> list[UUID]:
    """Index: polls_due."""
    sql = "SELECT id FROM polls WHERE closed_at IS NULL AND closes_at <= $1 ORDER BY closes_at LIMIT $2"
    return [row[0] for row in await reader.fetch(sql, now, most)]


async def vote(tx: Writer, poll_id: UUID, user_id: UUID, option: int, now: datetime) -> bool:
    """One vote each: False when they have voted. It counts only while the poll is open, whoever closes it meanwhile."""
    cast = await tx.execute(
        """INSERT INTO poll_votes (poll_id, user_id, option, voted_at)
           SELECT id, $2, $3, $4 FROM polls WHERE id = $1 AND closed_at IS NULL AND closes_at > $4 FOR SHARE
           ON CONFLICT (poll_id, user_id) DO NOTHING""",
        poll_id, user_id, option, now,
    )  # fmt: skip
    return cast == 1


async def vote_of(reader: Reader, poll_id: UUID, user_id: UUID) -> int | None:
    sql = "SELECT option FROM poll_votes WHERE poll_id = $1 AND user_id = $2"
    found: int | None = await reader.fetch_value(sql, poll_id, user_id)
    return found


async def votes_among(reader: Reader, poll_id: UUID, user_ids: Sequence[UUID]) -> dict[UUID, int]:
    """What these people voted for. Key: poll_votes_pkey."""
    sql = "SELECT user_id, option FROM poll_votes WHERE poll_id = $1 AND user_id = ANY($2)"
    return {row[0]: row[1] for row in await reader.fetch(sql, poll_id, list(user_ids))}


async def count(reader: Reader, poll: Poll) -> list[int]:
    """Index: poll_votes_counted."""
    rows = await reader.fetch("SELECT option, count(*) FROM poll_votes WHERE poll_id = $1 GROUP BY option", poll.id)
    found = {row[0]: row[1] for row in rows}
    return [found.get(option, 0) for option in range(len(poll.options))]


async def votes_of_person(reader: Reader, user_id: UUID) -> list[tuple[str, str, datetime]]:
    rows = await reader.fetch(
        """SELECT p.question, p.options[v.option + 1], v.voted_at FROM poll_votes v JOIN polls p ON p.id = v.poll_id
           WHERE v.user_id = $1 ORDER BY v.voted_at""",
        user_id,
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def forget(tx: Writer, user_id: UUID) -> None:
    await tx.execute("DELETE FROM poll_votes WHERE user_id = $1", user_id)
    await tx.execute("UPDATE polls SET asked_by = NULL WHERE asked_by = $1", user_id)


def _poll(row: Row) -> Poll:
    return msgspec.convert(dict(row), Poll)
