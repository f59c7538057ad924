"""`stream_health`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.live.models import Health

_COLUMNS = "id, stream_id, at, kind, level, code, message, figures"


async def insert(tx: Writer, rows: list[Health]) -> None:
    await tx.execute_many(
        f"INSERT INTO stream_health ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",  # noqa: S608 - our own columns
        [
            (r.id, r.stream_id, r.at, r.kind, r.level, r.code, r.message[:500], msgspec.json.encode(r.figures).decode())
            for r in rows
        ],
    )


async def newest(reader: Reader, stream_id: UUID, kind: str, limit: int) -> list[Health]:
    """Index: stream_health_of."""
    rows = await reader.fetch(
        f"""SELECT {_COLUMNS} FROM stream_health WHERE stream_id = $1 AND kind = $2
            ORDER BY at DESC, id DESC LIMIT $3""",  # noqa: S608
        stream_id, kind, limit,
    )  # fmt: skip
    return [_health(row) for row in rows]


async def remove_before(tx: Writer, moment: datetime, limit: int) -> int:
    """Figures. Index: stream_health_old."""
    return await tx.execute(
        """DELETE FROM stream_health WHERE id IN
             (SELECT id FROM stream_health WHERE at < $1 AND kind = 'figures' ORDER BY at LIMIT $2)""",
        moment, limit,
    )  # fmt: skip


def _health(row: Row) -> Health:
    return msgspec.convert({**dict(row), "figures": msgspec.json.decode(row["figures"])}, Health)
