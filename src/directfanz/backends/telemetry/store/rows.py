"""What the store keeps, as it keeps it."""

from __future__ import annotations

import time
from datetime import datetime
from typing import NamedTuple

import msgspec

from directfanz.backends.telemetry.lines import Line
from directfanz.backends.telemetry.redaction import clean

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}
_line = msgspec.json.Decoder(Line)


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


def log_rows(entry: bytes) -> list[LogRow]:
    """Of one line or several. A line that somebody made badly is kept as the text it is."""
    return [_log_row(line) for line in entry.split(b"\n")]


def _log_row(encoded: bytes) -> LogRow:
    try:
        line = _line.decode(encoded)
        moment = datetime.fromisoformat(line.time).timestamp()
    except (msgspec.MsgspecError, ValueError):
        text = clean(encoded.decode("utf-8", "replace"))
        return LogRow(time.time(), LEVELS["error"], "", "directfanz.telemetry", text, "", "", "{}", "")
    return LogRow(
        time=moment,
        level=LEVELS.get(line.level, LEVELS["info"]),
        service=line.service,
        logger=line.logger,
        message=line.message,
        request_id=line.request_id,
        trace_id=line.trace_id,
        fields=msgspec.json.encode(line.fields).decode(),
        stack=line.stack,
    )


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
