"""`renditions` and `captions`: what viewers get of a file."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.media.models import Caption, Rendition

_COLUMNS = "name, role, path, mime, width, height, bitrate, bytes"


async def insert(tx: Writer, asset_id: UUID, version: int, made: Collection[Rendition]) -> None:
    """What was made before under the same name and version is replaced: a worker may come this way twice."""
    for each in made:
        await tx.execute(
            """INSERT INTO renditions (asset_id, version, name, role, path, mime, width, height, bitrate, bytes)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
               ON CONFLICT (asset_id, version, name) DO UPDATE SET role = excluded.role, path = excluded.path,
                   mime = excluded.mime, width = excluded.width, height = excluded.height, bitrate = excluded.bitrate,
                   bytes = excluded.bytes""",
            asset_id, version, each.name, each.role, each.path, each.mime, each.width, each.height, each.bitrate, each.bytes,
        )  # fmt: skip


async def of_asset(reader: Reader, asset_id: UUID, version: int) -> list[Rendition]:
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM renditions WHERE asset_id = $1 AND version = $2 ORDER BY name",  # noqa: S608
        asset_id, version,
    )  # fmt: skip
    return [msgspec.convert(dict(row), Rendition) for row in rows]


async def of_assets(reader: Reader, asset_ids: Collection[UUID]) -> dict[UUID, list[Rendition]]:
    """Of their versions of today."""
    rows = await reader.fetch(
        """SELECT r.asset_id, r.name, r.role, r.path, r.mime, r.width, r.height, r.bitrate, r.bytes
           FROM renditions r JOIN assets a ON a.id = r.asset_id AND a.version = r.version
           WHERE r.asset_id = ANY($1::uuid[]) ORDER BY r.asset_id, r.name""",
        list(asset_ids),
    )
    found: dict[UUID, list[Rendition]] = {asset_id: [] for asset_id in asset_ids}
    for row in rows:
        columns = dict(row)
        found[columns.pop("asset_id")].append(msgspec.convert(columns, Rendition))
    return found


async def captions_of(reader: Reader, asset_id: UUID) -> list[Caption]:
    rows = await reader.fetch(
        "SELECT language, kind, label, path FROM captions WHERE asset_id = $1 ORDER BY language, kind", asset_id
    )
    return [msgspec.convert(dict(row), Caption) for row in rows]


async def put_caption(tx: Writer, asset_id: UUID, caption: Caption, now: datetime) -> None:
    await tx.execute(
        """INSERT INTO captions (asset_id, language, kind, label, path, created_at) VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (asset_id, language, kind) DO UPDATE SET label = excluded.label, path = excluded.path""",
        asset_id, caption.language, caption.kind, caption.label, caption.path, now,
    )  # fmt: skip


async def remove_caption(tx: Writer, asset_id: UUID, language: str, kind: str) -> bool:
    removed = await tx.execute(
        "DELETE FROM captions WHERE asset_id = $1 AND language = $2 AND kind = $3", asset_id, language, kind
    )
    return removed == 1
