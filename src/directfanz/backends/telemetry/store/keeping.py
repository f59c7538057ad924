"""How long the store keeps what: logs and spans for the retention of platform.toml, figures in full for a day and then by
five minutes. In small steps, so that no other process waits long for the file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import msgspec

DAY_SECONDS = 86_400
FINE_SECONDS = DAY_SECONDS
COARSE_STEP_SECONDS = 300
ROWS_PER_STEP = 2_000

_OLD = {
    "logs": "DELETE FROM logs WHERE rowid IN (SELECT rowid FROM logs WHERE time < ? LIMIT ?)",
    "points": "DELETE FROM points WHERE rowid IN (SELECT rowid FROM points WHERE time < ? LIMIT ?)",
    "spans": "DELETE FROM spans WHERE rowid IN (SELECT rowid FROM spans WHERE started < ? LIMIT ?)",
}
_OLDEST_FINE = "SELECT min(time) FROM points WHERE step < ? AND time <= ?"
_FINE = """
SELECT p.rowid AS id, metric, service, labels, value, buckets
  FROM points p WHERE step < ? AND time > ? AND time <= ? ORDER BY time
"""
_ADD = "INSERT INTO points (time, step, metric, service, instance, labels, value, buckets) VALUES (?,?,?,?,'',?,?,?)"


def keep(connection: sqlite3.Connection, now: float, retention_days: int, gauges: Iterable[str]) -> None:
    for statement in _OLD.values():
        while connection.execute(statement, (now - retention_days * DAY_SECONDS, ROWS_PER_STEP)).rowcount > 0:
            pass
    known = frozenset(gauges)
    while _merge_oldest(connection, now - FINE_SECONDS, known):
        pass


def _merge_oldest(connection: sqlite3.Connection, before: float, gauges: frozenset[str]) -> bool:
    """The oldest five minutes still in full become one row per metric, service and labels."""
    edge = before - before % COARSE_STEP_SECONDS
    connection.execute("BEGIN IMMEDIATE")
    try:
        (oldest,) = connection.execute(_OLDEST_FINE, (COARSE_STEP_SECONDS, edge)).fetchone()
        if oldest is not None:
            _merge(connection, -(-oldest // COARSE_STEP_SECONDS) * COARSE_STEP_SECONDS, gauges)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return oldest is not None


def _merge(connection: sqlite3.Connection, until: float, gauges: frozenset[str]) -> None:
    rows = connection.execute(_FINE, (COARSE_STEP_SECONDS, until - COARSE_STEP_SECONDS, until)).fetchall()
    sums: dict[tuple[str, str, str], tuple[float, list[int]]] = {}
    for _, metric, service, labels, value, buckets in rows:
        key = (metric, service, labels)
        counts: list[int] = msgspec.json.decode(buckets)
        if key not in sums or metric in gauges:  # of a gauge the last one stays
            sums[key] = (value, counts)
        else:
            seen, old = sums[key]
            sums[key] = (seen + value, [a + b for a, b in zip(old, counts, strict=True)])
    connection.executemany(
        _ADD,
        [
            (until, COARSE_STEP_SECONDS, *key, value, msgspec.json.encode(counts).decode())
            for key, (value, counts) in sums.items()
        ],
    )
    connection.executemany("DELETE FROM points WHERE rowid = ?", [(row[0],) for row in rows])
