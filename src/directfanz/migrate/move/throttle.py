"""Production before migration: how fast the copy may go, asked between blocks and between parts."""

from __future__ import annotations

import threading
import time

from directfanz.backends.clock.contract import Clock
from directfanz.migrate.plan import Options
from directfanz.migrate.side import Session

LOOK_SECONDS = 1.0


class Throttle:
    """One for all workers: a bucket of bytes, and a look at how busy the source is."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self._options, self._clock = options, clock
        self._lock = threading.Lock()
        self._free_at = clock.monotonic()

    def wait_seconds(self, size: int) -> float:
        """After `size` bytes: how long until the next may go."""
        if not self._options.bytes_per_second:
            return 0.0
        with self._lock:
            now = self._clock.monotonic()
            self._free_at = max(self._free_at, now) + size / self._options.bytes_per_second
            return self._free_at - now

    def took(self, size: int) -> None:
        if (seconds := self.wait_seconds(size)) > 0:
            time.sleep(seconds)

    def wait_for_quiet(self, source: Session) -> None:
        """Between parts: the source's own work, its standbys and its hours come first."""
        while self.busy(source):
            time.sleep(LOOK_SECONDS)

    def busy(self, source: Session) -> bool:
        options = self._options
        return bool(
            (options.busy_sessions and _active(source) > options.busy_sessions)
            or (options.lag_bytes and _behind(source) > options.lag_bytes)
            or (
                options.hours
                and not within(options.hours, int(source.value("SELECT extract(hour FROM now() AT TIME ZONE 'UTC')")))
            )
        )


def within(hours: str, now: int) -> bool:
    """`22-6` goes over midnight; the last hour does not belong."""
    first, _, last = hours.partition("-")
    begin, end = int(first), int(last)
    return begin <= now < end if begin <= end else now >= begin or now < end


def _behind(source: Session) -> int:
    """Of the standby that is furthest behind; our own streams do not count."""
    return int(
        source.value(
            """SELECT coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)), 0)::bigint FROM pg_stat_replication
            WHERE application_name NOT LIKE 'dfz_migration%'"""
        )
    )


def _active(source: Session) -> int:
    return int(
        source.value(
            """SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND backend_type = 'client backend'
            AND application_name NOT LIKE 'directfanz migrate%'"""
        )
    )
