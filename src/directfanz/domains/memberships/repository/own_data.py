"""A person's rows, for a copy of their data and for their erasure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from directfanz.backends.database.contract import Reader, Writer


async def trials_of(reader: Reader, user_id: UUID) -> list[Mapping[str, Any]]:
    """Index: trial_uses_by."""
    rows = await reader.fetch("SELECT creator_id, at FROM trial_uses WHERE user_id = $1 ORDER BY at", user_id)
    return [{"page": row[0], "at": row[1]} for row in rows]


async def notes_about(reader: Reader, user_id: UUID) -> list[Mapping[str, Any]]:
    """Index: member_notes_on."""
    rows = await reader.fetch(
        "SELECT creator_id, text, created_at FROM member_notes WHERE user_id = $1 ORDER BY id", user_id
    )
    return [{"page": row[0], "text": row[1], "at": row[2]} for row in rows]


async def codes_of(reader: Reader, user_id: UUID) -> list[Mapping[str, Any]]:
    """Index: offer_redemptions_by."""
    rows = await reader.fetch(
        """SELECT o.name, o.code::text, r.at FROM offer_redemptions r JOIN offers o ON o.id = r.offer_id
           WHERE r.user_id = $1 ORDER BY r.at""",
        user_id,
    )
    return [{"offer": row[0], "code": row[1], "at": row[2]} for row in rows]


async def ids_not_ended(reader: Reader, user_id: UUID) -> list[UUID]:
    """Index: memberships_of."""
    rows = await reader.fetch("SELECT id FROM memberships WHERE user_id = $1 AND state <> 'ended' ORDER BY id", user_id)
    return [row[0] for row in rows]


async def forget(tx: Writer, user_id: UUID) -> None:
    """Their words, what was noted about them, and their card. What was had when stays: the books refer to it."""
    await tx.execute("UPDATE memberships SET cancel_comment = '', card = NULL WHERE user_id = $1", user_id)
    await tx.execute("UPDATE gifts SET message = '' WHERE buyer_id = $1", user_id)
    await tx.execute("DELETE FROM member_notes WHERE user_id = $1", user_id)
    await tx.execute("UPDATE member_notes SET author_id = NULL WHERE author_id = $1", user_id)
    # The card stays known for a trial that it had: otherwise an erasure would be a way to another one.
    await tx.execute("DELETE FROM offer_redemptions WHERE user_id = $1", user_id)
