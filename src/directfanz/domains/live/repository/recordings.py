"""`recordings`."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.live.models import Recording, RecordingState

_COLUMNS = (
    "id, stream_id, creator_id, node, state, folder, began_at, ended_at, duration_ms, facts, problem, asset_id, post_id"
)


async def insert(tx: Writer, recording: Recording) -> None:
    await tx.execute(
        """INSERT INTO recordings (id, stream_id, creator_id, node, state, folder, began_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)""",
        recording.id, recording.stream_id, recording.creator_id, recording.node, recording.state, recording.folder,
        recording.began_at,
    )  # fmt: skip


async def of_stream(reader: Reader, stream_id: UUID) -> Recording | None:
    """Index: recordings_one_per_stream."""
    row = await reader.fetch_row(f"SELECT {_COLUMNS} FROM recordings WHERE stream_id = $1", stream_id)  # noqa: S608
    return _recording(row) if row else None


async def open_of(reader: Reader, node: str) -> list[Recording]:
    """Index: recordings_open."""
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM recordings WHERE node = $1 AND state IN ('recording', 'finishing')",  # noqa: S608
        node,
    )
    return [_recording(row) for row in rows]


async def move(
    tx: Writer, recording_id: UUID, old: RecordingState, new: RecordingState, now: datetime, *,
    duration_ms: int | None = None, facts: dict[str, Any] | None = None, problem: str | None = None,
    asset_id: UUID | None = None,
) -> bool:  # fmt: skip
    """Only what is given changes beside the state."""
    moved = await tx.execute(
        """UPDATE recordings SET state = $3, ended_at = CASE WHEN $3 = 'finishing' THEN $4 ELSE coalesce(ended_at, $4) END,
                duration_ms = coalesce($5, duration_ms), facts = coalesce($6::jsonb, facts), problem = $7, asset_id = $8
           WHERE id = $1 AND state = $2""",
        recording_id, old, new, now, duration_ms, None if facts is None else msgspec.json.encode(facts).decode(),
        problem, asset_id,
    )  # fmt: skip
    return moved == 1


async def take_post(tx: Writer, recording_id: UUID, post_id: UUID) -> bool:
    """True for who published it; the post of another stays where it is."""
    sql = "UPDATE recordings SET post_id = $2 WHERE id = $1 AND post_id IS NULL"
    return await tx.execute(sql, recording_id, post_id) == 1


def _recording(row: Row) -> Recording:
    return msgspec.convert({**dict(row), "facts": msgspec.json.decode(row["facts"])}, Recording)
