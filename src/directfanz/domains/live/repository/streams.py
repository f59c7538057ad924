"""`streams`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.live.models import State, Stream

COLUMNS = """id, creator_id, created_by, title, about, access, min_rank, price, currency, state, backend, is_recorded, revision,
    scheduled_at, began_at, dropped_at, ended_at, end_reason, created_at, updated_at"""

_PREFIXED = ", ".join(f"s.{name.strip()}" for name in COLUMNS.split(","))


async def insert(tx: Writer, stream: Stream) -> None:
    await tx.execute(
        """INSERT INTO streams (id, creator_id, created_by, title, about, access, min_rank, price, currency, state, backend,
                                is_recorded, scheduled_at, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)""",
        stream.id, stream.creator_id, stream.created_by, stream.title, stream.about, stream.access, stream.min_rank,
        stream.price, stream.currency, stream.state, stream.backend, stream.is_recorded, stream.scheduled_at,
        stream.created_at,
    )  # fmt: skip


async def find(reader: Reader, stream_id: UUID) -> Stream | None:
    row = await reader.fetch_row(f"SELECT {COLUMNS} FROM streams WHERE id = $1", stream_id)  # noqa: S608 - our own columns
    return stream_of(row) if row else None


async def lock(tx: Writer, stream_id: UUID) -> Stream | None:
    """So that of two publishers who come at once one is first."""
    row = await tx.fetch_row(f"SELECT {COLUMNS} FROM streams WHERE id = $1 FOR UPDATE", stream_id)  # noqa: S608
    return stream_of(row) if row else None


async def of_creator(
    reader: Reader, creator_id: UUID, before: tuple[datetime, UUID] | None, limit: int
) -> list[Stream]:
    """The newest first. Index: streams_of_creator."""
    at, stream_id = before or (None, None)
    rows = await reader.fetch(
        f"""SELECT {COLUMNS} FROM streams WHERE creator_id = $1
              AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::uuid))
            ORDER BY created_at DESC, id DESC LIMIT $4""",  # noqa: S608
        creator_id, at, stream_id, limit,
    )  # fmt: skip
    return [stream_of(row) for row in rows]


async def on_air(reader: Reader, limit: int) -> list[Stream]:
    """Of published pages, the newest first. Index: streams_running."""
    rows = await reader.fetch(
        f"""SELECT {_PREFIXED} FROM streams s JOIN creators c ON c.id = s.creator_id AND c.state = 'published'
            WHERE s.state IN ('live', 'reconnecting') ORDER BY s.began_at DESC, s.id DESC LIMIT $1""",  # noqa: S608
        limit,
    )
    return [stream_of(row) for row in rows]


async def coming(reader: Reader, since: datetime, limit: int) -> list[Stream]:
    """Of published pages, the soonest first. Index: streams_coming."""
    rows = await reader.fetch(
        f"""SELECT {_PREFIXED} FROM streams s JOIN creators c ON c.id = s.creator_id AND c.state = 'published'
            WHERE s.state = 'scheduled' AND s.scheduled_at > $1 ORDER BY s.scheduled_at, s.id LIMIT $2""",  # noqa: S608
        since, limit,
    )  # fmt: skip
    return [stream_of(row) for row in rows]


async def shown_of(reader: Reader, creator_id: UUID, limit: int) -> list[Stream]:
    """On air or to come, of one page."""
    rows = await reader.fetch(
        f"""SELECT {COLUMNS} FROM streams WHERE creator_id = $1 AND state IN ('live', 'reconnecting', 'scheduled')
            ORDER BY began_at NULLS LAST, scheduled_at, id LIMIT $2""",  # noqa: S608
        creator_id, limit,
    )  # fmt: skip
    return [stream_of(row) for row in rows]


async def take_telling(tx: Writer, stream_id: UUID, now: datetime) -> bool:
    """True once: whoever gets it tells the others that the stream has begun."""
    return await tx.execute("UPDATE streams SET told_at = $2 WHERE id = $1 AND told_at IS NULL", stream_id, now) == 1


async def count_open(reader: Reader, creator_id: UUID) -> int:
    sql = "SELECT count(*) FROM streams WHERE creator_id = $1 AND state <> 'ended'"
    return int(await reader.fetch_value(sql, creator_id))


async def move(tx: Writer, stream_id: UUID, old: State, new: State, now: datetime, reason: str | None = None) -> bool:
    """The first time on air keeps its moment: coming back is not beginning again."""
    moved = await tx.execute(
        """UPDATE streams SET state = $3, updated_at = $4, revision = revision + 1,
                began_at = CASE WHEN $3 = 'live' THEN coalesce(began_at, $4) ELSE began_at END,
                dropped_at = CASE WHEN $3 = 'reconnecting' THEN $4 END,
                ended_at = CASE WHEN $3 = 'ended' THEN $4 END,
                end_reason = CASE WHEN $3 = 'ended' THEN $5 ELSE end_reason END
           WHERE id = $1 AND state = $2""",
        stream_id, old, new, now, reason,
    )  # fmt: skip
    return moved == 1


async def forsaken(reader: Reader, before: datetime) -> list[UUID]:
    """On air, but nobody has said so since. Index: streams_running."""
    rows = await reader.fetch(
        """SELECT t.id FROM streams t LEFT JOIN stream_sessions s ON s.stream_id = t.id AND s.ended_at IS NULL
           WHERE t.state IN ('live', 'reconnecting') AND t.backend IN ('local', 'hybrid')
             AND coalesce(s.seen_at, t.dropped_at, t.updated_at) < $1""",
        before,
    )
    return [row[0] for row in rows]


async def written_by(reader: Reader, user_id: UUID) -> list[Stream]:
    """Index: streams_by."""
    rows = await reader.fetch(
        f"SELECT {COLUMNS} FROM streams WHERE created_by = $1 ORDER BY created_at",  # noqa: S608
        user_id,
    )
    return [stream_of(row) for row in rows]


async def forget_author(tx: Writer, user_id: UUID) -> None:
    await tx.execute("UPDATE streams SET created_by = NULL WHERE created_by = $1", user_id)


async def remove_all_of(tx: Writer, creator_id: UUID) -> None:
    await tx.execute("DELETE FROM streams WHERE creator_id = $1", creator_id)


def stream_of(row: Row) -> Stream:
    return msgspec.convert({name: row[name] for name in Stream.__struct_fields__}, Stream)
