"""A log line: made once, where it is logged, because its arguments may change and the request ends."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import msgspec

from directfanz.backends.telemetry import context
from directfanz.backends.telemetry.redaction import clean, redact, redact_field
from directfanz.kit.time import rfc3339

MAX_MESSAGE = 8_192
MAX_STACK = 32_768  # of a stack the end says most
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
_PLAIN = (bool, int, float, type(None))
_formatter = logging.Formatter()


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    time: str
    level: str
    service: str
    logger: str
    message: str
    request_id: str = ""
    trace_id: str = ""
    fields: dict[str, Any] = {}
    stack: str = ""


def line_of(record: logging.LogRecord, service: str) -> Line:
    return Line(
        time=rfc3339(datetime.fromtimestamp(record.created, UTC)),
        level=record.levelname.lower(),
        service=service,
        logger=clean(record.name),
        message=redact(record.getMessage()[:MAX_MESSAGE]),
        request_id=clean(context.request_id.get()),
        trace_id=context.trace_id.get(),
        fields=_fields(record),
        stack=_stack(record),
    )


def encode(line: Line) -> bytes:
    return msgspec.json.encode(line)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    """Plain values as they are, others as text, so that no line is lost for what somebody added to it."""
    return {
        clean(name): value if isinstance(value, _PLAIN) else redact_field(name, str(value))
        for name, value in record.__dict__.items()
        if name not in _STANDARD
    }


def _stack(record: logging.LogRecord) -> str:
    if record.exc_info and record.exc_info[0]:
        return redact(_formatter.formatException(record.exc_info)[-MAX_STACK:])
    return redact(record.stack_info[-MAX_STACK:]) if record.stack_info else ""
