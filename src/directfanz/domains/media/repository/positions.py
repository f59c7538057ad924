"""`watch_positions`: where people stopped."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Writer


class Position(msgspec.Struct, frozen=True):
    asset_id: UUID
    position_ms: int
    duration_ms: int
    updated_at: datetime


async def put(tx: Writer, user_id: UUID, asset_id: UUID, position_ms: int, duration_ms: int, now: datetime) -> bool:
    """False when there is no such file."""
    changed = await tx.execute(
        """INSERT INTO watch_positions (user_id, asset_id, position_ms, duration_ms, updated_at)
           SELECT $1, id, $3, $4, $5 FROM assets WHERE id = $2 AND removed_at IS NULL
           ON CONFLICT (user_id, asset_id) DO UPDATE SET position_ms = excluded.position_ms,
               duration_ms = excluded.duration_ms, updated_at = excluded.updated_at""",
        user_id, asset_id, position_ms, duration_ms, now,
    )  # fmt: skip
    return changed == 1


async def of(reader: Reader, user_id: UUID, asset_ids: Collection[UUID]) -> dict[UUID, Position]:
    rows = await reader.fetch(
        """SELECT asset_id, position_ms, duration_ms, updated_at FROM watch_positions
           WHERE user_id = $1 AND asset_id = ANY($2::uuid[])""",
        user_id, list(asset_ids),
    )  # fmt: skip
    return {row["asset_id"]: msgspec.convert(dict(row), Position) for row in rows}


async def all_of(reader: Reader, user_id: UUID) -> list[Position]:
    rows = await reader.fetch(
        """SELECT asset_id, position_ms, duration_ms, updated_at FROM watch_positions
           WHERE user_id = $1 ORDER BY updated_at DESC""",
        user_id,
    )
    return [msgspec.convert(dict(row), Position) for row in rows]


async def forget(tx: Writer, user_id: UUID) -> None:
    await tx.execute("DELETE FROM watch_positions WHERE user_id = $1", user_id)
