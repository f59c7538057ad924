"""`stream_places` and `stream_place_hours`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.live.models import Backend, Held

_COLUMNS = """stream_id, backend, ids, endpoints, wanted, state, problem, armed_at, quiet_since, made_at, seen_at, released_at"""


async def put(tx: Writer, held: Held) -> None:
    """A place that was made again after it was lost takes the row of the one before."""
    await tx.execute(
        f"""INSERT INTO stream_places ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            ON CONFLICT (stream_id) DO UPDATE SET ids = excluded.ids, endpoints = excluded.endpoints""",  # noqa: S608
        held.stream_id, held.backend, msgspec.json.encode(held.ids).decode(), msgspec.json.encode(held.endpoints).decode(),
        held.wanted, held.state, held.problem, held.armed_at, held.quiet_since, held.made_at, held.seen_at, held.released_at,
    )  # fmt: skip


async def find(reader: Reader, stream_id: UUID) -> Held | None:
    row = await reader.fetch_row(f"SELECT {_COLUMNS} FROM stream_places WHERE stream_id = $1", stream_id)  # noqa: S608
    return _held(row) if row else None


async def open_of(reader: Reader, backend: Backend) -> list[Held]:
    """Index: stream_places_open."""
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM stream_places WHERE backend = $1 AND released_at IS NULL ORDER BY stream_id",  # noqa: S608
        backend,
    )
    return [_held(row) for row in rows]


async def want(tx: Writer, stream_id: UUID, wanted: str) -> None:
    """What is released stays released."""
    await tx.execute(
        "UPDATE stream_places SET wanted = $2 WHERE stream_id = $1 AND wanted <> 'released'", stream_id, wanted
    )


async def seen(tx: Writer, held: Held) -> None:
    await tx.execute(
        """UPDATE stream_places SET state = $2, problem = $3, armed_at = $4, quiet_since = $5, seen_at = $6, released_at = $7
           WHERE stream_id = $1""",
        held.stream_id, held.state, held.problem[:500], held.armed_at, held.quiet_since, held.seen_at, held.released_at,
    )  # fmt: skip


async def add_hours(tx: Writer, stream_id: UUID, began: datetime, ended: datetime) -> None:
    await tx.execute(
        "INSERT INTO stream_place_hours (stream_id, began_at, ended_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        stream_id, began, ended,
    )  # fmt: skip


async def hours_since(reader: Reader, since: datetime, now: datetime) -> float:
    """What was ready, and is, since a moment. Index: stream_place_hours_by_end, stream_places_open."""
    told = await reader.fetch_value(
        """SELECT coalesce(sum(extract(epoch FROM ended_at - greatest(began_at, $1))), 0) / 3600 +
             (SELECT coalesce(sum(extract(epoch FROM $2 - greatest(armed_at, $1))), 0) / 3600 FROM stream_places
              WHERE released_at IS NULL AND armed_at IS NOT NULL)
           FROM stream_place_hours WHERE ended_at > $1""",
        since, now,
    )  # fmt: skip
    return float(told)


def _held(row: Row) -> Held:
    told = dict(row)
    decoded = {name: msgspec.json.decode(told[name]) for name in ("ids", "endpoints")}
    return msgspec.convert({**told, **decoded}, Held)
