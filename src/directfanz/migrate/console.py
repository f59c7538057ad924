"""What is told to the operator's console while a move goes on: `--console file:///run/secrets/cache` names the platform's Valkey.

A console that is away is no reason to stop a move: it is told when it is back.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from typing import Any

import msgspec
import redis

from directfanz.backends.clock.contract import Clock
from directfanz.kit.move_board import (
    BOARD,
    BOARD_SECONDS,
    NUDGE,
    WATCHERS,
    Board,
    BoardCheck,
    BoardLine,
    BoardTable,
    read,
)
from directfanz.migrate import status
from directfanz.migrate.progress import Tick
from directfanz.migrate.side import Side
from directfanz.migrate.state.tables import SCHEMA

POINTS = 120  # of the lag's line
TABLES_SHOWN = 12
LINES_SHOWN = 30
SECONDS_BETWEEN = 2.0
_TABLES = f"""SELECT relation, sum(weight) FILTER (WHERE done_at IS NOT NULL), sum(weight), coalesce(sum(rows), 0)::bigint
    FROM {SCHEMA}.part WHERE run = (SELECT id FROM {SCHEMA}.run ORDER BY phase = 'finished', created_at DESC LIMIT 1) GROUP BY 1"""
_LAG = f"""SELECT coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)), 0)::bigint FROM pg_replication_slots
    WHERE slot_name LIKE '{SCHEMA}%' AND database = current_database()"""


class Console:
    def __init__(self, address: str, source: Side | None, target: Side, clock: Clock) -> None:
        self._client = redis.Redis.from_url(address, socket_timeout=2, socket_connect_timeout=2)
        self._source, self._target, self._clock = source, target, clock
        self._tick: Tick | None = None
        self._told_at = 0.0
        self._lag: deque[int] = deque(maxlen=POINTS)
        self.alerts: list[str] = []
        with contextlib.suppress(redis.RedisError):
            if (before := self._before()) is not None:
                self._lag.extend(before.lag_bytes)

    def _before(self) -> Board | None:
        document: Any = self._client.get(BOARD)
        return read(document)

    def close(self) -> None:
        self._client.close()

    def tick(self, tick: Tick) -> None:
        self._tick = tick
        if time.monotonic() - self._told_at >= SECONDS_BETWEEN:
            self.tell()

    def tell(self) -> Board:
        self._told_at = time.monotonic()
        board = self._board()
        with contextlib.suppress(redis.RedisError):
            self._client.set(BOARD, msgspec.json.encode(board), ex=BOARD_SECONDS)
            self._nudge()
        return board

    def _nudge(self) -> None:
        """Everybody who looked at the page a moment ago; their page then asks for what is new."""
        now = self._clock.now().timestamp()
        watchers: Any = self._client.hgetall(WATCHERS)
        for channel, until in watchers.items():
            if float(until) >= now:
                self._client.publish(channel, NUDGE)
            else:
                self._client.hdel(WATCHERS, channel)

    def _board(self) -> Board:
        now = status.look(self._source, self._target, self._clock)
        with self._target.session("status") as session:
            tables = [
                BoardTable(name, int(done or 0), int(total), rows) for name, done, total, rows in session.rows(_TABLES)
            ]
            checks = session.rows(
                f"""SELECT to_char(at AT TIME ZONE 'UTC', 'DD Mon HH24:MI'), detail ->> 'phase', rows, equal FROM {SCHEMA}.verdict
                ORDER BY number DESC LIMIT 6"""
            )
        self._lag.append(self._behind())
        tick = self._tick
        return Board(
            at=self._clock.now().timestamp(),
            source=now.source,
            target=now.target,
            phase=now.phase,
            doing=now.doing,
            done=now.done,
            total=now.total,
            rows=now.rows,
            bytes=now.bytes,
            rows_per_second=tick.rows_per_second if tick else 0.0,
            bytes_per_second=tick.bytes_per_second if tick else 0.0,
            seconds_left=tick.seconds_left if tick else None,
            tables=sorted(tables, key=lambda one: (one.done >= one.total, -one.total))[:TABLES_SHOWN],
            tables_whole=sum(one.done >= one.total for one in tables),
            tables_all=len(tables),
            lag_bytes=list(self._lag),
            slots=[(one.name, one.kept_bytes, "lost" if one.lost else one.level) for one in now.slots],
            streams=[(one.name, one.running, one.errors) for one in now.channels],
            checks=[BoardCheck(*row) for row in checks],
            lines=[BoardLine(one.at, one.kind, one.message) for one in reversed(now.journal)][:LINES_SHOWN],
            alerts=self.alerts,
        )

    def _behind(self) -> int:
        if self._source is None:
            return 0
        with contextlib.suppress(Exception), self._source.session("status") as session:
            return int(session.value(_LAG))
        return 0
