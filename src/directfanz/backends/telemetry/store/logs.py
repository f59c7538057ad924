"""Log lines, found again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from directfanz.backends.telemetry.store import schema
from directfanz.backends.telemetry.store.rows import LEVELS

_NAMES = {number: name for name, number in LEVELS.items()}
MAX_LINES = 10_000


class LogQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Lines that meet all that is asked; times in seconds since 1970, `until` not included."""

    since: float | None = None
    until: float | None = None
    level: str = "debug"  # this one or worse
    service: str | None = None
    request_id: str | None = None
    trace_id: str | None = None
    text: str | None = None  # somewhere in the message, a field's value or the stack; A is a
    limit: int = 200


class StoredLine(msgspec.Struct, frozen=True):
    time: float
    level: str
    service: str
    logger: str
    message: str
    request_id: str
    trace_id: str
    fields: dict[str, Any]
    stack: str


_SELECT = """
SELECT time, level, service, logger, message, request_id, trace_id, fields, stack FROM logs
 WHERE level >= :level
   AND (:since IS NULL OR time >= :since)
   AND (:until IS NULL OR time < :until)
   AND (:service IS NULL OR service = :service)
"""
# Written into the query only when asked for, so that SQLite takes their index.
_BY_REQUEST = " AND request_id = :request_id AND request_id <> ''"
_BY_TRACE = " AND trace_id = :trace_id AND trace_id <> ''"
_BY_TEXT = """
 AND (instr(lower(message), lower(:text)) OR instr(lower(stack), lower(:text))
      OR EXISTS (SELECT 1 FROM json_each(fields) WHERE instr(lower(value), lower(:text))))
"""


def find_logs(path: Path, query: LogQuery) -> list[StoredLine]:
    """The newest that fit the limit, oldest first."""
    sql = _SELECT
    sql += _BY_REQUEST if query.request_id else ""
    sql += _BY_TRACE if query.trace_id else ""
    sql += _BY_TEXT if query.text else ""
    values = msgspec.structs.asdict(query) | {
        "level": LEVELS[query.level],
        "limit": min(query.limit, MAX_LINES),
    }
    with schema.reading(path) as connection:
        rows = connection.execute(f"{sql} ORDER BY time DESC, id DESC LIMIT :limit", values).fetchall()
    return [_line(row) for row in reversed(rows)]


def _line(row: Any) -> StoredLine:
    time, level, service, logger, message, request_id, trace_id, fields, stack = row
    name = _NAMES.get(level, str(level))
    return StoredLine(time, name, service, logger, message, request_id, trace_id, msgspec.json.decode(fields), stack)
