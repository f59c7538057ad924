"""Traces, found again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from directfanz.backends.telemetry.store import schema


class StoredSpan(msgspec.Struct, frozen=True):
    trace_id: str
    span_id: str
    parent_id: str
    name: str
    service: str
    started: float
    seconds: float
    error: str
    attributes: dict[str, Any]


class TraceQuery(msgspec.Struct, frozen=True, kw_only=True):
    since: float | None = None
    until: float | None = None
    service: str | None = None
    name: str | None = None
    slower_than_seconds: float = 0
    failed: bool = False
    limit: int = 50


_ROOTS = """
SELECT trace_id, span_id, parent_id, name, service, started, seconds, error, attributes FROM spans
 WHERE parent_id = ''
   AND (:since IS NULL OR started >= :since)
   AND (:until IS NULL OR started < :until)
   AND (:service IS NULL OR service = :service)
   AND (:name IS NULL OR name = :name)
   AND seconds >= :slower_than_seconds
   AND (NOT :failed OR error <> '')
 ORDER BY started DESC LIMIT :limit
"""
_ONE = """
SELECT trace_id, span_id, parent_id, name, service, started, seconds, error, attributes FROM spans
 WHERE trace_id = ? ORDER BY started, seconds DESC
"""


def find_traces(path: Path, query: TraceQuery) -> list[StoredSpan]:
    """The roots of traces, newest first."""
    with schema.reading(path) as connection:
        return [_span(row) for row in connection.execute(_ROOTS, msgspec.structs.asdict(query))]


def read_trace(path: Path, trace_id: str) -> list[StoredSpan]:
    """All steps, each after its parent's start."""
    with schema.reading(path) as connection:
        return [_span(row) for row in connection.execute(_ONE, (trace_id,))]


def _span(row: Any) -> StoredSpan:
    trace_id, span_id, parent_id, name, service, started, seconds, error, attributes = row
    return StoredSpan(
        trace_id, span_id, parent_id, name, service, started, seconds, error, msgspec.json.decode(attributes)
    )
