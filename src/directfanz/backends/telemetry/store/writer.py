"""The writer: takes rows at once, writes them from a thread of its own, and never makes anybody wait.

A buffer that is full loses its oldest row and counts it. A file that is busy or a disk that is full costs rows, not requests.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from directfanz.backends.telemetry.buffer import LineBuffer
from directfanz.backends.telemetry.store import schema
from directfanz.backends.telemetry.store.keeping import keep
from directfanz.backends.telemetry.store.rows import LogRow, PointRow, SpanRow, log_rows

FLUSH_SECONDS = 0.5
KEEPING_SECONDS = 3600
BUFFER_ROWS = 20_000
BATCH_ROWS = 2_000
BATCH_BYTES = 1024 * 1024
_INSERTS = {
    LogRow: "INSERT INTO logs (time, level, service, logger, message, request_id, trace_id, fields, stack)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    PointRow: "INSERT INTO points (time, step, metric, service, instance, labels, value, buckets)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    SpanRow: "INSERT INTO spans (trace_id, span_id, parent_id, name, service, started, seconds, error, attributes)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
}
_ROWS_AT_FAULT = (
    sqlite3.IntegrityError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
    sqlite3.DataError,
    UnicodeError,
    OverflowError,
)
log = logging.getLogger("directfanz.telemetry")
T = TypeVar("T", PointRow, SpanRow)


class Buffer(Generic[T]):
    def __init__(self, rows: int) -> None:
        self._rows: deque[T] = deque(maxlen=rows)
        self.dropped = 0

    def add(self, row: T) -> None:
        if len(self._rows) == self._rows.maxlen:
            self.dropped += 1
        self._rows.append(row)

    def take(self, count: int) -> list[T]:
        return [self._rows.popleft() for _ in range(min(count, len(self._rows)))]

    def give_back(self, rows: list[T]) -> None:
        """Before those that came meanwhile; the oldest give way if there is no room."""
        room = (self._rows.maxlen or 0) - len(self._rows)
        lost = max(0, len(rows) - room)
        self.dropped += lost
        self._rows.extendleft(reversed(rows[lost:]))

    def __len__(self) -> int:
        return len(self._rows)


class StoreWriter:
    def __init__(
        self, path: Path, *, retention_days: int, gauges: Iterable[str], buffer_rows: int = BUFFER_ROWS
    ) -> None:
        self._path = path
        self._retention_days = retention_days
        self._gauges = frozenset(gauges)
        self._lines = LineBuffer()
        self._points: Buffer[PointRow] = Buffer(buffer_rows)
        self._spans: Buffer[SpanRow] = Buffer(buffer_rows)
        self._connection: sqlite3.Connection | None = None
        self._stop = threading.Event()
        self._writing = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="telemetry-store", daemon=True)
        self._complained = False
        self._thread.start()

    def add_lines(self, entry: bytes) -> None:
        self._lines.add(entry)

    def add_point(self, row: PointRow) -> None:
        self._points.add(row)

    def add_span(self, row: SpanRow) -> None:
        self._spans.add(row)

    @property
    def dropped(self) -> int:
        return self._lines.dropped + self._points.dropped + self._spans.dropped

    def flush(self) -> bool:
        """Write what is waiting now; False when the file does not take it."""
        with self._writing:
            try:
                self._write_lines()
                self._write_all(self._points)
                self._write_all(self._spans)
            except (sqlite3.Error, OSError) as error:
                self._give_up(error)
                return False
        self._complained = False
        return True

    def keep(self, now: float) -> bool:
        """Let go of what retention has passed."""
        with self._writing:
            try:
                keep(self._opened(), now, self._retention_days, self._gauges)
            except (sqlite3.Error, OSError) as error:
                self._give_up(error)
                return False
        return True

    def close(self, within_seconds: float = 5) -> None:
        self._stop.set()
        self._thread.join(within_seconds)
        if self._thread.is_alive():  # it holds the file; ending the process frees it
            return
        if self._connection:
            self._connection.close()
            self._connection = None

    def _run(self) -> None:
        next_keeping = 0.0
        while not self._stop.wait(FLUSH_SECONDS):
            self.flush()
            if time.monotonic() >= next_keeping:
                self.keep(time.time())
                next_keeping = time.monotonic() + KEEPING_SECONDS
        self.flush()

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = schema.open_for_writing(self._path)
        return self._connection

    def _write_lines(self) -> None:
        """Taken apart here, where nobody waits."""
        while self._lines:
            entries = self._lines.take(BATCH_BYTES)
            rows = [row for entry in entries for row in log_rows(entry)]
            try:
                self._lines.dropped += self._insert_what_fits(rows)
            except BaseException:
                self._lines.give_back(entries)
                raise

    def _write_all(self, buffer: Buffer[T]) -> None:
        while buffer:
            self._write(buffer)

    def _write(self, buffer: Buffer[T]) -> None:
        rows = buffer.take(BATCH_ROWS)
        try:
            buffer.dropped += self._insert_what_fits(rows)
        except BaseException:
            buffer.give_back(rows)
            raise

    def _insert_what_fits(self, rows: Sequence[LogRow | PointRow | SpanRow]) -> int:
        """How many could not be kept."""
        try:
            self._insert(rows)
        except _ROWS_AT_FAULT:
            return sum(not self._fits(row) for row in rows)
        return 0

    def _fits(self, row: LogRow | PointRow | SpanRow) -> bool:
        """One row that SQLite cannot take must not hold back all that come after it."""
        try:
            self._insert([row])
        except _ROWS_AT_FAULT:
            return False
        return True

    def _insert(self, rows: Sequence[LogRow | PointRow | SpanRow]) -> None:
        connection = self._opened()
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.executemany(_INSERTS[type(rows[0])], rows)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def _give_up(self, error: Exception) -> None:
        """Open anew next time; say it once, not twice a second."""
        if self._connection:
            self._connection.close()
            self._connection = None
        if not self._complained:
            self._complained = True
            log.warning("The telemetry store at %s takes nothing: %s. Rows wait in memory.", self._path, error)
