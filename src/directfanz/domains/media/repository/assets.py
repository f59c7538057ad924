"""`assets`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.media.models import Asset, Kind, State

_COLUMNS = """id, creator_id, uploaded_by, source, kind, name, bytes, sha256, mime, state, reason_code, reason, original,
    version, facts, downloadable, created_at, updated_at, ready_at, removed_at"""


async def insert(tx: Writer, asset: Asset) -> None:
    await tx.execute(
        """INSERT INTO assets (id, creator_id, uploaded_by, source, kind, name, bytes, sha256, mime, state, original, facts,
                               downloadable, created_at, updated_at, ready_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::jsonb, $13, $14, $14, $15)""",
        asset.id, asset.creator_id, asset.uploaded_by, asset.source, asset.kind, asset.name, asset.bytes, asset.sha256,
        asset.mime, asset.state, asset.original, _json(asset.facts), asset.downloadable, asset.created_at, asset.ready_at,
    )  # fmt: skip


async def find(reader: Reader, asset_id: UUID) -> Asset | None:
    """Also a removed one."""
    row = await reader.fetch_row(f"SELECT {_COLUMNS} FROM assets WHERE id = $1", asset_id)  # noqa: S608 - our own columns
    return _asset(row) if row else None


async def by_ids(reader: Reader, asset_ids: Collection[UUID]) -> list[Asset]:
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM assets WHERE id = ANY($1::uuid[]) AND removed_at IS NULL",  # noqa: S608
        list(asset_ids),
    )
    return [_asset(row) for row in rows]


async def of_library(
    reader: Reader, creator_id: UUID, kind: Kind | None, state: State | None, words: str,
    before: tuple[datetime, UUID] | None, limit: int,
) -> list[Asset]:  # fmt: skip
    """The newest first. Index: assets_of_library."""
    at, asset_id = before or (None, None)
    rows = await reader.fetch(
        f"""SELECT {_COLUMNS} FROM assets
            WHERE creator_id = $1 AND removed_at IS NULL AND ($2::text IS NULL OR kind = $2)
              AND ($3::text IS NULL OR state = $3) AND ($4 = '' OR position(lower($4) in lower(name)) > 0)
              AND ($5::timestamptz IS NULL OR (created_at, id) < ($5, $6::uuid))
            ORDER BY created_at DESC, id DESC LIMIT $7""",  # noqa: S608
        creator_id, kind, state, words, at, asset_id, limit,
    )  # fmt: skip
    return [_asset(row) for row in rows]


async def removed_of(reader: Reader, creator_id: UUID, limit: int) -> list[Asset]:
    rows = await reader.fetch(
        f"""SELECT {_COLUMNS} FROM assets WHERE creator_id = $1 AND removed_at IS NOT NULL
            ORDER BY removed_at DESC LIMIT $2""",  # noqa: S608
        creator_id, limit,
    )  # fmt: skip
    return [_asset(row) for row in rows]


async def move(
    tx: Writer, asset_id: UUID, old: State, new: State, now: datetime, *, reason_code: str | None = None,
    reason: str | None = None,
) -> bool:  # fmt: skip
    """False when it is in another state than `old`."""
    moved = await tx.execute(
        """UPDATE assets SET state = $3, updated_at = $4, reason_code = $5, reason = $6,
                             ready_at = CASE WHEN $3 = 'ready' THEN coalesce(ready_at, $4) ELSE ready_at END
           WHERE id = $1 AND state = $2""",
        asset_id, old, new, now, reason_code, reason,
    )  # fmt: skip
    return moved == 1


async def is_in(tx: Writer, asset_id: UUID, state: State) -> bool:
    """And stays in it until the transaction is over."""
    sql = "SELECT 1 FROM assets WHERE id = $1 AND state = $2 FOR UPDATE"
    return await tx.fetch_value(sql, asset_id, state) is not None


async def set_scanned(
    tx: Writer, asset_id: UUID, kind: Kind, mime: str, sha256: str, original: str, name: str, now: datetime
) -> None:
    await tx.execute(
        """UPDATE assets SET kind = $2, mime = $3, sha256 = $4, original = $5, name = $6, updated_at = $7,
                             downloadable = downloadable OR $2 = 'file' WHERE id = $1""",
        asset_id, kind, mime, sha256, original, name, now,
    )  # fmt: skip


async def add_facts(tx: Writer, asset_id: UUID, facts: Mapping[str, Any], now: datetime) -> None:
    await tx.execute(
        "UPDATE assets SET facts = facts || $2::jsonb, updated_at = $3 WHERE id = $1", asset_id, _json(facts), now
    )


async def set_version(tx: Writer, asset_id: UUID, version: int) -> None:
    await tx.execute("UPDATE assets SET version = $2 WHERE id = $1", asset_id, version)


async def describe(tx: Writer, asset_id: UUID, name: str, downloadable: bool, now: datetime) -> None:
    await tx.execute(
        "UPDATE assets SET name = $2, downloadable = $3, updated_at = $4 WHERE id = $1",
        asset_id, name, downloadable, now,
    )  # fmt: skip


async def set_removed(tx: Writer, asset_id: UUID, at: datetime | None, now: datetime) -> bool:
    changed = await tx.execute(
        """UPDATE assets SET removed_at = $2, updated_at = $3
           WHERE id = $1 AND (removed_at IS NULL) = ($2::timestamptz IS NOT NULL)""",
        asset_id, at, now,
    )  # fmt: skip
    return changed == 1


async def removed_before(reader: Reader, before: datetime, limit: int) -> list[UUID]:
    """Index: assets_removed_since."""
    rows = await reader.fetch("SELECT id FROM assets WHERE removed_at < $1 ORDER BY removed_at LIMIT $2", before, limit)
    return [row["id"] for row in rows]


async def stuck_in(reader: Reader, state: State, before: datetime, limit: int) -> list[UUID]:
    rows = await reader.fetch(
        "SELECT id FROM assets WHERE state = $1 AND updated_at < $2 AND removed_at IS NULL ORDER BY updated_at LIMIT $3",
        state, before, limit,
    )  # fmt: skip
    return [row["id"] for row in rows]


async def delete(tx: Writer, asset_id: UUID) -> None:
    await tx.execute("DELETE FROM assets WHERE id = $1", asset_id)


async def ids_of_creator(reader: Reader, creator_id: UUID) -> list[UUID]:
    return [row["id"] for row in await reader.fetch("SELECT id FROM assets WHERE creator_id = $1", creator_id)]


async def uploaded_by(reader: Reader, user_id: UUID) -> list[Asset]:
    rows = await reader.fetch(f"SELECT {_COLUMNS} FROM assets WHERE uploaded_by = $1 ORDER BY id", user_id)  # noqa: S608
    return [_asset(row) for row in rows]


async def forget_person(tx: Writer, user_id: UUID) -> None:
    await tx.execute("UPDATE assets SET uploaded_by = NULL WHERE uploaded_by = $1", user_id)


def _json(facts: Mapping[str, Any]) -> str:
    return msgspec.json.encode(dict(facts)).decode()


def _asset(row: Row) -> Asset:
    columns = dict(row)
    if isinstance(columns["facts"], str):
        columns["facts"] = msgspec.json.decode(columns["facts"])
    return msgspec.convert(columns, Asset)
