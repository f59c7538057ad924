"""`chat_bans` and `chat_words`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.chat.models import Ban

_COLUMNS = "id, creator_id, user_id, reason, by_id, created_at, until, lifted_at"


async def insert(tx: Writer, ban: Ban) -> None:
    await tx.execute(
        """INSERT INTO chat_bans (id, creator_id, user_id, reason, by_id, created_at, until)
           VALUES ($1, $2, $3, $4, $5, $6, $7)""",
        ban.id, ban.creator_id, ban.user_id, ban.reason, ban.by_id, ban.created_at, ban.until,
    )  # fmt: skip


async def in_force(reader: Reader, creator_id: UUID, user_id: UUID, now: datetime) -> Ban | None:
    """The one that lasts longest. Index: chat_bans_on."""
    row = await reader.fetch_row(
        f"""SELECT {_COLUMNS} FROM chat_bans
            WHERE creator_id = $1 AND user_id = $2 AND lifted_at IS NULL AND (until IS NULL OR until > $3)
            ORDER BY until DESC NULLS FIRST LIMIT 1""",  # noqa: S608 - our own columns
        creator_id, user_id, now,
    )  # fmt: skip
    return _ban(row) if row else None


async def banned_among(reader: Reader, creator_id: UUID, user_ids: Sequence[UUID], now: datetime) -> set[UUID]:
    """Who of these people may not speak at the moment. Index: chat_bans_on."""
    rows = await reader.fetch(
        """SELECT DISTINCT user_id FROM chat_bans
           WHERE creator_id = $1 AND user_id = ANY($2) AND lifted_at IS NULL AND (until IS NULL OR until > $3)""",
        creator_id, list(user_ids), now,
    )  # fmt: skip
    return {row[0] for row in rows}


async def all_in_force(reader: Reader, creator_id: UUID, now: datetime, most: int) -> list[Ban]:
    rows = await reader.fetch(
        f"""SELECT {_COLUMNS} FROM chat_bans
            WHERE creator_id = $1 AND lifted_at IS NULL AND (until IS NULL OR until > $2)
            ORDER BY created_at DESC LIMIT $3""",  # noqa: S608
        creator_id, now, most,
    )  # fmt: skip
    return [_ban(row) for row in rows]


async def lift(tx: Writer, creator_id: UUID, user_id: UUID, now: datetime) -> int:
    sql = "UPDATE chat_bans SET lifted_at = $3 WHERE creator_id = $1 AND user_id = $2 AND lifted_at IS NULL"
    return await tx.execute(sql, creator_id, user_id, now)


async def words(reader: Reader, creator_id: UUID) -> list[str]:
    rows = await reader.fetch("SELECT word FROM chat_words WHERE creator_id = $1 ORDER BY word", creator_id)
    return [row[0] for row in rows]


async def set_words(tx: Writer, creator_id: UUID, wanted: Sequence[str]) -> None:
    await tx.execute("DELETE FROM chat_words WHERE creator_id = $1", creator_id)
    await tx.execute(
        "INSERT INTO chat_words (creator_id, word) SELECT $1, unnest($2::text[])", creator_id, list(wanted)
    )


async def of_person(reader: Reader, user_id: UUID) -> list[Ban]:
    rows = await reader.fetch(f"SELECT {_COLUMNS} FROM chat_bans WHERE user_id = $1 ORDER BY id", user_id)  # noqa: S608
    return [_ban(row) for row in rows]


async def forget(tx: Writer, user_id: UUID) -> None:
    await tx.execute("DELETE FROM chat_bans WHERE user_id = $1", user_id)
    await tx.execute("UPDATE chat_bans SET by_id = NULL WHERE by_id = $1", user_id)


def _ban(row: Row) -> Ban:
    return msgspec.convert(dict(row), Ban)
