from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.privacy.models import EXPORT_TRANSITIONS, Closing, Export, ExportState

_EXPORT = "id, user_id, state, created_at, finished_at, expires_at, bytes, sha256"
_CLOSING = "id, user_id, asked_at, due_at"


async def insert_export(tx: Writer, export_id: UUID, user_id: UUID, now: datetime) -> bool:
    """False when one is under way (index: exports_one_at_a_time)."""
    sql = """INSERT INTO exports (id, user_id, created_at) VALUES ($1, $2, $3)
             ON CONFLICT (user_id) WHERE state IN ('waiting', 'running') DO NOTHING"""
    return await tx.execute(sql, export_id, user_id, now) == 1


async def exports_of(reader: Reader, user_id: UUID, most: int) -> list[Export]:
    """Newest first. Index: exports_of."""
    sql = f"SELECT {_EXPORT} FROM exports WHERE user_id = $1 ORDER BY id DESC LIMIT $2"  # noqa: S608
    return [_export(row) for row in await reader.fetch(sql, user_id, most)]


async def find_export(reader: Reader, export_id: UUID) -> Export | None:
    row = await reader.fetch_row(f"SELECT {_EXPORT} FROM exports WHERE id = $1", export_id)  # noqa: S608
    return _export(row) if row else None


async def move_export(
    tx: Writer, export_id: UUID, old: ExportState, new: ExportState, problem: str | None = None
) -> bool:
    assert new in EXPORT_TRANSITIONS[old], f"an export does not go from {old} to {new}"
    sql = "UPDATE exports SET state = $3, problem = $4 WHERE id = $1 AND state = $2"
    return await tx.execute(sql, export_id, old, new, problem) == 1


async def finish_export(
    tx: Writer, export_id: UUID, size: int, sha256: str, now: datetime, expires_at: datetime
) -> bool:
    sql = """UPDATE exports SET state = 'ready', bytes = $2, sha256 = $3, finished_at = $4, expires_at = $5
             WHERE id = $1 AND state = 'running'"""
    return await tx.execute(sql, export_id, size, sha256, now, expires_at) == 1


async def expired_exports(reader: Reader, now: datetime, most: int) -> list[Export]:
    """Index: exports_expiring."""
    sql = f"SELECT {_EXPORT} FROM exports WHERE state = 'ready' AND expires_at <= $1 ORDER BY expires_at LIMIT $2"  # noqa: S608
    return [_export(row) for row in await reader.fetch(sql, now, most)]


async def unfinished_exports(reader: Reader, asked_before: datetime, most: int) -> list[Export]:
    """Index: exports_one_at_a_time, which holds only the unfinished."""
    sql = f"""SELECT {_EXPORT} FROM exports WHERE state IN ('waiting', 'running') AND created_at < $1
              ORDER BY created_at LIMIT $2"""  # noqa: S608
    return [_export(row) for row in await reader.fetch(sql, asked_before, most)]


async def insert_closing(tx: Writer, closing_id: UUID, user_id: UUID, now: datetime, due_at: datetime) -> None:
    sql = "INSERT INTO closings (id, user_id, asked_at, due_at) VALUES ($1, $2, $3, $4)"
    await tx.execute(sql, closing_id, user_id, now, due_at)


async def find_closing(reader: Reader, user_id: UUID) -> Closing | None:
    """The one that waits. Index: closings_one_at_a_time."""
    row = await reader.fetch_row(f"SELECT {_CLOSING} FROM closings WHERE user_id = $1 AND state = 'waiting'", user_id)  # noqa: S608
    return _closing(row) if row else None


async def due_closings(reader: Reader, now: datetime, most: int) -> list[Closing]:
    """Index: closings_due."""
    sql = f"SELECT {_CLOSING} FROM closings WHERE state = 'waiting' AND due_at <= $1 ORDER BY due_at LIMIT $2"  # noqa: S608
    return [_closing(row) for row in await reader.fetch(sql, now, most)]


async def end_closing(tx: Writer, user_id: UUID, state: str, now: datetime) -> bool:
    sql = "UPDATE closings SET state = $2, ended_at = $3 WHERE user_id = $1 AND state = 'waiting'"
    return await tx.execute(sql, user_id, state, now) == 1


async def end_due_closing(tx: Writer, closing_id: UUID, now: datetime) -> bool:
    """Only while it still waits and is due: its owner may have come back a moment ago."""
    sql = "UPDATE closings SET state = 'erased', ended_at = $2 WHERE id = $1 AND state = 'waiting' AND due_at <= $2"
    return await tx.execute(sql, closing_id, now) == 1


async def remove_exports_of(tx: Writer, user_id: UUID) -> None:
    await tx.execute("DELETE FROM exports WHERE user_id = $1", user_id)


def _export(row: Row) -> Export:
    return msgspec.convert(dict(row), Export)


def _closing(row: Row) -> Closing:
    return msgspec.convert(dict(row), Closing)
