"""`stream_markers`, `clips` and `live_settings`."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.live.models import Clip, Marker, Rules

_CLIP = "id, stream_id, creator_id, made_by, title, begins_at, seconds, state, problem, created_at"


async def mark(tx: Writer, marker: Marker, by: UUID) -> None:
    """The same moment again is named anew."""
    await tx.execute(
        """INSERT INTO stream_markers (id, stream_id, at, label, made_by) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT ON CONSTRAINT stream_markers_once DO UPDATE SET label = excluded.label""",
        marker.id, marker.stream_id, marker.at, marker.label, by,
    )  # fmt: skip


async def markers(reader: Reader, stream_id: UUID) -> list[Marker]:
    rows = await reader.fetch(
        "SELECT id, stream_id, at, label FROM stream_markers WHERE stream_id = $1 ORDER BY at", stream_id
    )
    return [msgspec.convert(dict(row), Marker) for row in rows]


async def unmark(tx: Writer, stream_id: UUID, marker_id: UUID) -> bool:
    return await tx.execute("DELETE FROM stream_markers WHERE stream_id = $1 AND id = $2", stream_id, marker_id) == 1


async def insert_clip(tx: Writer, clip: Clip) -> None:
    await tx.execute(
        f"INSERT INTO clips ({_CLIP}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",  # noqa: S608 - our own columns
        clip.id, clip.stream_id, clip.creator_id, clip.made_by, clip.title, clip.begins_at, clip.seconds, clip.state,
        clip.problem, clip.created_at,
    )  # fmt: skip


async def find_clip(reader: Reader, clip_id: UUID) -> Clip | None:
    row = await reader.fetch_row(f"SELECT {_CLIP} FROM clips WHERE id = $1", clip_id)  # noqa: S608
    return _clip(row) if row else None


async def clips_of(reader: Reader, stream_id: UUID, most: int) -> list[Clip]:
    """The newest first. Index: clips_of_stream."""
    rows = await reader.fetch(
        f"SELECT {_CLIP} FROM clips WHERE stream_id = $1 ORDER BY created_at DESC LIMIT $2",  # noqa: S608
        stream_id, most,
    )  # fmt: skip
    return [_clip(row) for row in rows]


async def count_clips(reader: Reader, stream_id: UUID) -> int:
    return int(await reader.fetch_value("SELECT count(*) FROM clips WHERE stream_id = $1", stream_id))


async def settle_clip(tx: Writer, clip_id: UUID, problem: str | None) -> bool:
    """Ready, or failed with a sentence; once."""
    state = "ready" if problem is None else "failed"
    settled = await tx.execute(
        "UPDATE clips SET state = $2, problem = $3 WHERE id = $1 AND state = 'making'", clip_id, state, problem
    )
    return settled == 1


async def remove_clip(tx: Writer, clip_id: UUID) -> None:
    await tx.execute("DELETE FROM clips WHERE id = $1", clip_id)


async def rules(reader: Reader, creator_id: UUID) -> Rules:
    row = await reader.fetch_row(
        "SELECT clips, raids, embeds, sites FROM live_settings WHERE creator_id = $1", creator_id
    )
    return msgspec.convert(dict(row), Rules) if row else Rules()


async def set_rules(tx: Writer, creator_id: UUID, wanted: Rules) -> None:
    await tx.execute(
        """INSERT INTO live_settings (creator_id, clips, raids, embeds, sites) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (creator_id) DO UPDATE SET clips = $2, raids = $3, embeds = $4, sites = $5""",
        creator_id, wanted.clips, wanted.raids, wanted.embeds, wanted.sites,
    )  # fmt: skip


async def clips_by(reader: Reader, user_id: UUID) -> list[Clip]:
    rows = await reader.fetch(f"SELECT {_CLIP} FROM clips WHERE made_by = $1 ORDER BY created_at", user_id)  # noqa: S608
    return [_clip(row) for row in rows]


async def forget_maker(tx: Writer, user_id: UUID) -> None:
    for table, column in (
        ("stream_markers", "made_by"), ("clips", "made_by"), ("stream_hosts", "invited_by"), ("stream_raids", "offered_by"),
    ):  # fmt: skip
        await tx.execute(f"UPDATE {table} SET {column} = NULL WHERE {column} = $1", user_id)  # noqa: S608 - our own names


def _clip(row: Row) -> Clip:
    return msgspec.convert(dict(row), Clip)
