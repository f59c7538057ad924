"""What the store keeps, as it keeps it."""

from __future__ import annotations

from typing import NamedTuple


class LogRow(NamedTuple):
    time: float
    level: int
    service: str
    logger: str
    message: str
    request_id: str
    trace_id: str
    fields: str  # JSON
    stack: str


class PointRow(NamedTuple):
    time: float
    step: int
    metric: str
    service: str
    instance: str
    labels: str  # JSON, keys in order
    value: float
    buckets: str  # JSON


class SpanRow(NamedTuple):
    trace_id: str
    span_id: str
    parent_id: str
    name: str
    service: str
    started: float
    seconds: float
    error: str
    attributes: str  # JSON


Row = LogRow | PointRow | SpanRow
