"""`processing` and `processing_attempts`: who works on which file, and how each attempt ended."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.media.models import Kind


class Taken(msgspec.Struct, frozen=True):
    """A lease: the number of the attempt, and what earlier ones finished."""

    attempt: int
    kept: dict[str, Any]


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    asset_id: UUID
    attempt: int
    stage: str
    progress: float
    worker: str | None
    lease_until: datetime | None
    cancel: bool


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    attempt: int
    began_at: datetime
    ended_at: datetime | None
    outcome: str | None
    reason_code: str | None
    reason: str | None


async def take(tx: Writer, asset_id: UUID, worker: str, now: datetime, until: datetime) -> Taken | None:
    """None while another worker's lease lasts. What a worker that went away had begun counts as lost."""
    row = await tx.fetch_row(
        """INSERT INTO processing AS p (asset_id, attempt, stage, worker, lease_until, updated_at)
           VALUES ($1, 1, 'fetching', $2, $4, $3)
           ON CONFLICT (asset_id) DO UPDATE SET attempt = p.attempt + 1, stage = 'fetching', progress = 0, cancel = false,
               worker = excluded.worker, lease_until = excluded.lease_until, updated_at = excluded.updated_at
           WHERE p.lease_until IS NULL OR p.lease_until <= $3
           RETURNING p.attempt, p.kept""",
        asset_id, worker, now, until,
    )  # fmt: skip
    if row is None:
        return None
    await tx.execute(
        """UPDATE processing_attempts SET ended_at = $2, outcome = 'lost',
                  reason_code = 'worker_lost', reason = 'The machine that worked on it stopped.'
           WHERE asset_id = $1 AND outcome IS NULL""",
        asset_id, now,
    )  # fmt: skip
    await tx.execute(
        "INSERT INTO processing_attempts (asset_id, attempt, worker, began_at) VALUES ($1, $2, $3, $4)",
        asset_id, row["attempt"], worker, now,
    )  # fmt: skip
    kept = row["kept"]
    return Taken(row["attempt"], msgspec.json.decode(kept) if isinstance(kept, str) else dict(kept))


async def in_vain(reader: Reader, asset_id: UUID) -> int:
    """Attempts that ended without a word on the file, since the last that had one."""
    count: int = await reader.fetch_value(
        """SELECT count(*) FROM processing_attempts
           WHERE asset_id = $1 AND outcome IN ('lost', 'interrupted') AND attempt > coalesce(
               (SELECT max(attempt) FROM processing_attempts
                WHERE asset_id = $1 AND outcome IN ('ready', 'failed', 'cancelled')), 0)""",
        asset_id,
    )
    return count


async def beat(
    tx: Writer, asset_id: UUID, worker: str, stage: str, progress: float, now: datetime, until: datetime
) -> bool | None:
    """Whether it is to be given up; None when the lease is another's."""
    found: bool | None = await tx.fetch_value(
        """UPDATE processing SET stage = $3, progress = greatest(progress, $4), updated_at = $5, lease_until = $6
           WHERE asset_id = $1 AND worker = $2 RETURNING cancel""",
        asset_id, worker, stage, progress, now, until,
    )  # fmt: skip
    return found


async def is_unwanted(tx: Writer, asset_id: UUID, worker: str) -> bool:
    """Whether the team stopped it; nobody can do so between this look and the end of the transaction."""
    asked: bool | None = await tx.fetch_value(
        "SELECT cancel FROM processing WHERE asset_id = $1 AND worker = $2 FOR UPDATE", asset_id, worker
    )
    return bool(asked)


async def keep(tx: Writer, asset_id: UUID, worker: str, name: str, value: Any) -> bool:
    changed = await tx.execute(
        "UPDATE processing SET kept = kept || jsonb_build_object($3::text, $4::jsonb) WHERE asset_id = $1 AND worker = $2",
        asset_id, worker, name, msgspec.json.encode(value).decode(),
    )  # fmt: skip
    return changed == 1


async def end(
    tx: Writer, asset_id: UUID, worker: str, outcome: str, now: datetime, *, reason_code: str | None = None,
    reason: str | None = None,
) -> bool:  # fmt: skip
    """False when the lease is another's: then nothing of this attempt counts."""
    finished = outcome == "ready"
    changed = await tx.execute(
        """UPDATE processing SET worker = NULL, lease_until = NULL, updated_at = $3, cancel = false,
                  stage = CASE WHEN $4 THEN 'done' ELSE 'waiting' END, progress = CASE WHEN $4 THEN 1 ELSE progress END,
                  kept = CASE WHEN $4 THEN '{}' ELSE kept END
           WHERE asset_id = $1 AND worker = $2""",
        asset_id, worker, now, finished,
    )  # fmt: skip
    await tx.execute(
        """UPDATE processing_attempts SET ended_at = $3, outcome = $4, reason_code = $5, reason = $6
           WHERE asset_id = $1 AND worker = $2 AND outcome IS NULL""",
        asset_id, worker, now, outcome, reason_code, reason,
    )  # fmt: skip
    return changed == 1


async def ask_to_cancel(tx: Writer, asset_id: UUID, now: datetime) -> bool:
    """Whether somebody works on it who will see that."""
    changed = await tx.execute(
        "UPDATE processing SET cancel = true WHERE asset_id = $1 AND lease_until > $2", asset_id, now
    )
    return changed == 1


async def standing(reader: Reader, asset_id: UUID) -> Standing | None:
    row = await reader.fetch_row(
        "SELECT asset_id, attempt, stage, progress, worker, lease_until, cancel FROM processing WHERE asset_id = $1", asset_id
    )  # fmt: skip
    return msgspec.convert(dict(row), Standing) if row else None


async def standings(reader: Reader, asset_ids: list[UUID]) -> dict[UUID, Standing]:
    rows = await reader.fetch(
        """SELECT asset_id, attempt, stage, progress, worker, lease_until, cancel FROM processing
           WHERE asset_id = ANY($1::uuid[])""",
        asset_ids,
    )
    return {row["asset_id"]: msgspec.convert(dict(row), Standing) for row in rows}


async def attempts(reader: Reader, asset_id: UUID) -> list[Attempt]:
    rows = await reader.fetch(
        """SELECT attempt, began_at, ended_at, outcome, reason_code, reason FROM processing_attempts
           WHERE asset_id = $1 ORDER BY attempt DESC LIMIT 20""",
        asset_id,
    )
    return [msgspec.convert(dict(row), Attempt) for row in rows]


async def left_alone(reader: Reader, now: datetime, before: datetime, limit: int) -> list[UUID]:
    """In `processing`, and nobody works on them. Indexes: assets_in_processing, processing's key."""
    rows = await reader.fetch(
        """SELECT a.id FROM assets a LEFT JOIN processing p ON p.asset_id = a.id
           WHERE a.state = 'processing' AND a.removed_at IS NULL AND a.updated_at < $2
             AND (p.lease_until IS NULL OR p.lease_until <= $1)
           ORDER BY a.updated_at LIMIT $3""",
        now, before, limit,
    )  # fmt: skip
    return [row["id"] for row in rows]


async def call_it(tx: Writer, asset_id: UUID, kind: Kind, now: datetime) -> None:
    """A file in a film's clothes that holds only sound is one."""
    await tx.execute("UPDATE assets SET kind = $2, updated_at = $3 WHERE id = $1", asset_id, kind, now)
