"""Many memberships in one statement each: for what a clock brings to many at the same moment."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.memberships.models import Membership
from directfanz.domains.memberships.repository.memberships import COLUMNS, membership_of

_FIXED = ("id", "user_id", "creator_id", "created_at")
_CHANGING = ", ".join(f"{name} = n.{name}" for name in Membership.__struct_fields__ if name not in _FIXED)


async def these(reader: Reader, ids: Sequence[UUID]) -> list[Membership]:
    sql = f"SELECT {COLUMNS} FROM memberships WHERE id = ANY($1) ORDER BY id"  # noqa: S608 - our own columns
    return [membership_of(row) for row in await reader.fetch(sql, list(ids))]


async def lock(tx: Writer, ids: Sequence[UUID]) -> list[Membership]:
    """In the order of their ids, so that two batches do not wait for each other crosswise."""
    sql = f"SELECT {COLUMNS} FROM memberships WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE"  # noqa: S608
    return [membership_of(row) for row in await tx.fetch(sql, list(ids))]


async def update(tx: Writer, rows: Sequence[Membership]) -> int:
    """As each is now, under the lock on it; how many there were. `msgspec` writes moments to the microsecond, as they are kept."""
    return await tx.execute(
        f"""UPDATE memberships m SET {_CHANGING} FROM jsonb_populate_recordset(NULL::memberships, $1::jsonb) AS n
            WHERE m.id = n.id""",  # noqa: S608
        msgspec.json.encode(rows).decode(),
    )


async def give_offers_back(tx: Writer, ids: Sequence[UUID]) -> None:
    """Of joinings that came to nothing. Index: offer_redemptions_for."""
    await tx.execute("DELETE FROM offer_redemptions WHERE membership_id = ANY($1)", list(ids))
