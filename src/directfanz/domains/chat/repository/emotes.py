"""`chat_emotes`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.chat.models import Emote


async def put(tx: Writer, creator_id: UUID, emote: Emote, by: UUID, now: datetime) -> None:
    """In place of the one with this code."""
    await tx.execute(
        """INSERT INTO chat_emotes (creator_id, code, name, min_rank, made_by, created_at) VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (creator_id, code) DO UPDATE SET name = $3, min_rank = $4, made_by = $5""",
        creator_id, emote.code, emote.name, emote.min_rank, by, now,
    )  # fmt: skip


async def remove(tx: Writer, creator_id: UUID, code: str) -> bool:
    return await tx.execute("DELETE FROM chat_emotes WHERE creator_id = $1 AND code = $2", creator_id, code) == 1


async def of_creator(reader: Reader, creator_id: UUID) -> list[Emote]:
    rows = await reader.fetch(
        "SELECT code, name, min_rank FROM chat_emotes WHERE creator_id = $1 ORDER BY min_rank NULLS FIRST, code",
        creator_id,
    )
    return [msgspec.convert(dict(row), Emote) for row in rows]


async def named(reader: Reader, creator_id: UUID, codes: list[str]) -> list[Emote]:
    rows = await reader.fetch(
        "SELECT code, name, min_rank FROM chat_emotes WHERE creator_id = $1 AND code = ANY($2)", creator_id, codes
    )
    return [msgspec.convert(dict(row), Emote) for row in rows]


async def forget_maker(tx: Writer, user_id: UUID) -> None:
    await tx.execute("UPDATE chat_emotes SET made_by = NULL WHERE made_by = $1", user_id)
