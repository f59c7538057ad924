"""Where log lines go: one JSON object each, on standard output, and to the local store when there is one.

Writing to a pipe that nobody empties would stop the event loop, so a thread writes; when it cannot keep up the oldest lines
go and the next one that gets through says how many.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import IO

from directfanz.backends.telemetry.buffer import MAX_BYTES, LineBuffer
from directfanz.backends.telemetry.lines import Line, encode, line_of
from directfanz.kit.time import rfc3339
from directfanz.settings import Settings

CLOSE_SECONDS = 2.0
BATCH_BYTES = 64 * 1024
Sink = Callable[[bytes], None]


class Output:
    """A stream, written by a thread of its own."""

    def __init__(self, service: str, out: IO[bytes], max_bytes: int = MAX_BYTES) -> None:
        self._service = service
        self._out = out
        self._waiting = LineBuffer(max_bytes)
        self._wake = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="log-lines", daemon=True)
        self._thread.start()

    def add(self, lines: bytes) -> None:
        self._waiting.add(lines)
        self._wake.set()

    def close(self) -> None:
        """Writes what waits; a stream that takes nothing more is left to itself."""
        self._closed = True
        self._wake.set()
        self._thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            last = self._closed
            try:
                self._write_waiting()
            except (OSError, ValueError):  # the reader has gone, or the stream is closed
                last = True
            if last:
                with suppress(OSError):
                    self._out.close()
                return

    def _write_waiting(self) -> None:
        while self._waiting:
            batch = self._waiting.take(BATCH_BYTES)
            if dropped := self._waiting.take_dropped():
                batch.append(encode(self._confession(dropped)))
            self._out.write(b"\n".join(batch) + b"\n")
            self._out.flush()

    def _confession(self, dropped: int) -> Line:
        now = rfc3339(datetime.now(UTC))
        return Line(now, "warning", self._service, "directfanz.telemetry", f"{dropped} log lines were dropped.")


class LineHandler(logging.Handler):
    """Makes lines of log records and hands them on."""

    def __init__(self, service: str, output: Output | None = None) -> None:
        super().__init__()
        self._service = service
        self._output = output
        self.sinks: list[Sink] = [output.add] if output else []

    def emit(self, record: logging.LogRecord) -> None:
        try:
            encoded = encode(line_of(record, self._service))
        except Exception:  # a log call never fails its caller
            self.handleError(record)
            return
        self.write(encoded)

    def write(self, encoded: bytes) -> None:
        """A line, or lines, in this form already: whoever writes one per request makes them more cheaply."""
        for sink in self.sinks:
            sink(encoded)

    def close(self) -> None:
        if self._output:
            self._output.close()
        super().close()


def configure(service: str, settings: Settings, out: IO[bytes] | None = None) -> LineHandler:
    """All logging of this process goes to `out` (standard output) as JSON lines. Close what this returns at the end."""
    root = logging.getLogger()
    if old := installed():
        root.removeHandler(old)
        old.close()
    handler = LineHandler(service, Output(service, out or os.fdopen(os.dup(sys.stdout.fileno()), "wb")))
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("directfanz").setLevel(settings.log_level.upper())
    logging.captureWarnings(True)
    return handler


def installed() -> LineHandler | None:
    handlers = (handler for handler in logging.getLogger().handlers if isinstance(handler, LineHandler))
    return next(handlers, None)


def also_to(sink: Sink, service: str) -> Callable[[], None]:
    """Lines go to this sink too, until what is returned is called. Where nothing is configured, only there."""
    root, handler = logging.getLogger(), installed()
    added = None if handler else LineHandler(service)
    if added:
        root.addHandler(added)
    feeding = handler or added
    assert feeding
    feeding.sinks.append(sink)

    def end() -> None:
        feeding.sinks.remove(sink)
        if added:
            root.removeHandler(added)
            added.close()

    return end
