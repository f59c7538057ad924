"""`uploads`, `upload_parts` and `media_allowances`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.media.models import Upload

_COLUMNS = """id, asset_id, creator_id, user_id, fingerprint, key, engine_id, bytes, part_bytes, sha256, state, created_at,
    touched_at, expires_at, ended_at"""


class Kept(NamedTuple):
    plan: str
    bytes: int
    files: int
    open_uploads: int


async def insert(tx: Writer, upload: Upload) -> None:
    await tx.execute(
        """INSERT INTO uploads (id, asset_id, creator_id, user_id, fingerprint, key, engine_id, bytes, part_bytes, sha256,
                                created_at, touched_at, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12)""",
        upload.id, upload.asset_id, upload.creator_id, upload.user_id, upload.fingerprint, upload.key, upload.engine_id,
        upload.bytes, upload.part_bytes, upload.sha256, upload.created_at, upload.expires_at,
    )  # fmt: skip


async def find(reader: Reader, upload_id: UUID) -> Upload | None:
    row = await reader.fetch_row(f"SELECT {_COLUMNS} FROM uploads WHERE id = $1", upload_id)  # noqa: S608 - our own columns
    return _upload(row) if row else None


async def lock(tx: Writer, upload_id: UUID) -> Upload | None:
    """Of two who complete it at once, one waits here and finds it completed."""
    row = await tx.fetch_row(f"SELECT {_COLUMNS} FROM uploads WHERE id = $1 FOR UPDATE", upload_id)  # noqa: S608
    return _upload(row) if row else None


async def find_open(reader: Reader, creator_id: UUID, fingerprint: str) -> Upload | None:
    """Index: uploads_open_file."""
    row = await reader.fetch_row(
        f"SELECT {_COLUMNS} FROM uploads WHERE creator_id = $1 AND fingerprint = $2 AND state = 'open'",  # noqa: S608
        creator_id, fingerprint,
    )  # fmt: skip
    return _upload(row) if row else None


async def of_asset(reader: Reader, asset_id: UUID) -> Upload | None:
    row = await reader.fetch_row(f"SELECT {_COLUMNS} FROM uploads WHERE asset_id = $1", asset_id)  # noqa: S608
    return _upload(row) if row else None


async def open_of(reader: Reader, creator_id: UUID) -> list[Upload]:
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM uploads WHERE creator_id = $1 AND state = 'open' ORDER BY id DESC LIMIT 1000",  # noqa: S608
        creator_id,
    )
    return [_upload(row) for row in rows]


async def touch(tx: Writer, upload_id: UUID, now: datetime) -> None:
    await tx.execute("UPDATE uploads SET touched_at = $2 WHERE id = $1 AND state = 'open'", upload_id, now)


async def end(tx: Writer, upload_id: UUID, state: str, now: datetime) -> bool:
    ended = await tx.execute(
        "UPDATE uploads SET state = $2, ended_at = $3 WHERE id = $1 AND state = 'open'", upload_id, state, now
    )
    return ended == 1


async def set_sum(tx: Writer, upload_id: UUID, sha256: str) -> None:
    await tx.execute("UPDATE uploads SET sha256 = $2 WHERE id = $1", upload_id, sha256)


async def expired(reader: Reader, now: datetime, limit: int) -> list[UUID]:
    """Index: uploads_expiring."""
    rows = await reader.fetch(
        "SELECT id FROM uploads WHERE state = 'open' AND expires_at <= $1 ORDER BY expires_at LIMIT $2", now, limit
    )
    return [row["id"] for row in rows]


async def announce(tx: Writer, upload_id: UUID, sums: Mapping[int, str]) -> None:
    """The last word counts: who reads a part anew may find that the file was changed."""
    await tx.execute(
        """INSERT INTO upload_parts (upload_id, number, sha256)
           SELECT $1, number, sha256 FROM unnest($2::int[], $3::text[]) AS said (number, sha256)
           ON CONFLICT (upload_id, number) DO UPDATE SET sha256 = excluded.sha256""",
        upload_id, list(sums), list(sums.values()),
    )  # fmt: skip


async def announced(reader: Reader, upload_id: UUID) -> dict[int, str]:
    rows = await reader.fetch("SELECT number, sha256 FROM upload_parts WHERE upload_id = $1", upload_id)
    return {row["number"]: row["sha256"] for row in rows}


async def wait_for_turn(tx: Writer, creator_id: UUID, now: datetime) -> None:
    """Whoever begins an upload on this page now waits until this transaction is over."""
    await tx.execute(
        """INSERT INTO media_allowances (creator_id, updated_at) VALUES ($1, $2)
           ON CONFLICT (creator_id) DO UPDATE SET updated_at = excluded.updated_at""",
        creator_id, now,
    )  # fmt: skip


async def kept_by(reader: Reader, creator_id: UUID) -> Kept:
    """Index: assets_counted, uploads_open_file."""
    row = await reader.fetch_row(
        """SELECT coalesce((SELECT plan FROM media_allowances WHERE creator_id = $1), 'standard') AS plan,
                  coalesce(sum(bytes), 0)::bigint AS bytes, count(*) AS files,
                  (SELECT count(*) FROM uploads WHERE creator_id = $1 AND state = 'open') AS open_uploads
           FROM assets WHERE creator_id = $1 AND removed_at IS NULL AND state <> 'failed'""",
        creator_id,
    )
    assert row is not None  # an aggregate has one row
    return Kept(row["plan"], row["bytes"], row["files"], row["open_uploads"])


async def set_plan(tx: Writer, creator_id: UUID, plan: str, now: datetime) -> None:
    await tx.execute(
        """INSERT INTO media_allowances (creator_id, plan, updated_at) VALUES ($1, $2, $3)
           ON CONFLICT (creator_id) DO UPDATE SET plan = excluded.plan, updated_at = excluded.updated_at""",
        creator_id, plan, now,
    )  # fmt: skip


async def forget_person(tx: Writer, user_id: UUID) -> None:
    await tx.execute("UPDATE uploads SET user_id = NULL WHERE user_id = $1", user_id)


def _upload(row: Row) -> Upload:
    return msgspec.convert(dict(row), Upload)
