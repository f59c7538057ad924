"""The file and its tables. What is in it can be lost without harm, so another layout replaces it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from directfanz.errors import NotFound, Unavailable

VERSION = 1
BUSY_SECONDS = 5.0
FILE = "telemetry.sqlite3"

_TABLES = """
CREATE TABLE logs (
    id INTEGER PRIMARY KEY,
    time REAL NOT NULL,
    level INTEGER NOT NULL,
    service TEXT NOT NULL,
    logger TEXT NOT NULL,
    message TEXT NOT NULL,
    request_id TEXT NOT NULL,
    trace_id TEXT NOT NULL,
    fields TEXT NOT NULL,
    stack TEXT NOT NULL
);
CREATE INDEX logs_time ON logs (time);
CREATE INDEX logs_request ON logs (request_id, time) WHERE request_id <> '';
CREATE INDEX logs_trace ON logs (trace_id, time) WHERE trace_id <> '';

-- A counter's or a histogram's row is what happened in the `step` seconds up to `time`; a gauge's is what it was.
CREATE TABLE points (
    time REAL NOT NULL,
    step INTEGER NOT NULL,
    metric TEXT NOT NULL,
    service TEXT NOT NULL,
    instance TEXT NOT NULL,
    labels TEXT NOT NULL,
    value REAL NOT NULL,
    buckets TEXT NOT NULL
);
CREATE INDEX points_metric ON points (metric, time);
CREATE INDEX points_step ON points (step, time);

CREATE TABLE spans (
    trace_id TEXT NOT NULL,
    span_id TEXT NOT NULL,
    parent_id TEXT NOT NULL,
    name TEXT NOT NULL,
    service TEXT NOT NULL,
    started REAL NOT NULL,
    seconds REAL NOT NULL,
    error TEXT NOT NULL,
    attributes TEXT NOT NULL
);
CREATE INDEX spans_trace ON spans (trace_id, started);
CREATE INDEX spans_started ON spans (started);
"""


def path_in(state_dir: str | Path) -> Path:
    return Path(state_dir) / "telemetry" / FILE


def open_for_writing(path: Path) -> sqlite3.Connection:
    """Makes the file if need be; one that is broken or of another layout is put aside."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    try:
        return _prepare(_connect(path))
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):  # busy, full, read-only: not the file's fault
            raise
        path.replace(path.with_suffix(".broken"))
        _remove_companions(path)
        path.touch(mode=0o600)
        return _prepare(_connect(path))


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Cannot write; sees what was committed when it began."""
    if not path.exists():
        raise NotFound(f"Nothing has been told yet: there is no {path}. Start the platform with `directfanz up`.")
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)
    try:
        yield connection
    except sqlite3.Error as error:
        raise Unavailable(f"The telemetry store at {path} does not answer: {error}.") from error
    finally:
        connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    # Used by one thread at a time: the writer's, or whoever closes after it has ended.
    return sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)


def _prepare(connection: sqlite3.Connection) -> sqlite3.Connection:
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("BEGIN IMMEDIATE")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version != VERSION:
            for table in ("logs", "points", "spans"):
                connection.execute(f"DROP TABLE IF EXISTS {table}")
            for statement in _TABLES.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection


def _remove_companions(path: Path) -> None:
    for suffix in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).unlink()
