"""Log lines: one JSON object each, on standard output, with the request and the trace they belong to.

Writing to a pipe that nobody empties would stop the event loop, so a thread writes; when it cannot keep up the oldest lines
go and the next one that gets through says how many.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections import deque
from datetime import UTC, datetime
from typing import IO, Any

import msgspec

from directfanz.backends.telemetry import context
from directfanz.backends.telemetry.redaction import redact, redact_field
from directfanz.kit.time import rfc3339
from directfanz.settings import Settings

BUFFER_LINES = 10_000
MAX_MESSAGE = 8_192
MAX_STACK = 32_768  # of a stack the end says most
CLOSE_SECONDS = 2.0
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
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
    """Made once per record, where it is logged: its arguments may change, and the request ends."""
    made: Line | None = record.__dict__.get("directfanz_line")
    if made is None:
        made = record.__dict__["directfanz_line"] = Line(
            time=rfc3339(datetime.fromtimestamp(record.created, UTC)),
            level=record.levelname.lower(),
            service=service,
            logger=record.name,
            message=redact(record.getMessage()[:MAX_MESSAGE]),
            request_id=context.request_id.get(),
            trace_id=context.trace_id.get(),
            fields=_fields(record),
            stack=_stack(record),
        )
    return made


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    return {k: redact_field(k, v) for k, v in record.__dict__.items() if k not in _STANDARD and k[0] != "_"}


def _stack(record: logging.LogRecord) -> str:
    if record.exc_info and record.exc_info[0]:
        return redact(_formatter.formatException(record.exc_info)[-MAX_STACK:])
    return redact(record.stack_info[-MAX_STACK:]) if record.stack_info else ""


def encode(line: Line) -> bytes:
    return msgspec.json.encode(line, enc_hook=str)


class LineHandler(logging.Handler):
    """Hands lines to a thread that writes them."""

    def __init__(self, service: str, out: IO[bytes], buffer_lines: int = BUFFER_LINES) -> None:
        super().__init__()
        self._service = service
        self._out = out
        self._lines: deque[bytes] = deque(maxlen=buffer_lines)
        self._dropped = 0
        self._wake = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="log-lines", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            encoded = encode(line_of(record, self._service))
        except Exception:  # a log call never fails its caller
            self.handleError(record)
            return
        self.write(encoded)

    def write(self, encoded: bytes) -> None:
        """A line, or lines, in this form already: whoever writes one per request makes them more cheaply."""
        if len(self._lines) == self._lines.maxlen:
            self._dropped += 1
        self._lines.append(encoded)
        self._wake.set()

    def close(self) -> None:
        self._closed = True
        self._wake.set()
        self._thread.join(CLOSE_SECONDS)
        super().close()

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            last = self._closed
            try:
                self._write_waiting()
            except (OSError, ValueError):  # the reader has gone, or the stream is closed
                return
            if last:
                return

    def _write_waiting(self) -> None:
        while self._lines:
            batch = [self._lines.popleft() for _ in range(min(500, len(self._lines)))]
            if self._dropped:
                dropped, self._dropped = self._dropped, 0
                batch.append(encode(self._confession(dropped)))
            self._out.write(b"\n".join(batch) + b"\n")
            self._out.flush()

    def _confession(self, dropped: int) -> Line:
        now = rfc3339(datetime.now(UTC))
        return Line(now, "warning", self._service, "directfanz.telemetry", f"{dropped} log lines were dropped.")


def configure(service: str, settings: Settings, out: IO[bytes] | None = None) -> LineHandler:
    """All logging of this process goes to `out` (standard output) as JSON lines."""
    root = logging.getLogger()
    for old in [handler for handler in root.handlers if isinstance(handler, LineHandler)]:
        root.removeHandler(old)
        old.close()
    handler = LineHandler(service, out or os.fdopen(os.dup(sys.stdout.fileno()), "wb"))
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("directfanz").setLevel(settings.log_level.upper())
    logging.captureWarnings(True)
    return handler
