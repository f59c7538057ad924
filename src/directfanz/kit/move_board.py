"""What `directfanz migrate` writes about a move for the operator's console: one document in the platform's cache, and a nudge to who looks.

The mover stands beside the processes and none of them imports the other. The story of a move lies in the target database, which the web
process may not know; so the mover leaves a copy of what a person wants to see where both can reach it, and this module is all they share.
"""

from __future__ import annotations

import msgspec

BOARD = "move:board"
WATCHERS = "move:watchers"  # a hash: the live channel of somebody who looks, and until when, in seconds
BOARD_SECONDS = 7 * 86_400
WATCH_SECONDS = 60
NUDGE = b'{"type":"move"}'
STALE_SECONDS = 30
PHASES = ("planned", "schema", "copied", "following", "cut_over", "finished")


class BoardTable(msgspec.Struct, frozen=True):
    name: str
    done: int
    total: int
    rows: int


class BoardLine(msgspec.Struct, frozen=True):
    at: str
    kind: str
    message: str


class BoardCheck(msgspec.Struct, frozen=True):
    at: str
    phase: str
    rows: int
    equal: bool


class Board(msgspec.Struct, frozen=True, kw_only=True):
    at: float  # seconds since 1970
    source: str
    target: str
    phase: str
    doing: str | None
    done: int
    total: int
    rows: int
    bytes: int
    rows_per_second: float
    bytes_per_second: float
    seconds_left: float | None
    tables: list[BoardTable]  # the greatest that are not whole, then the greatest
    tables_whole: int
    tables_all: int
    lag_bytes: list[int]  # of the stream, oldest first
    slots: list[tuple[str, int, str]]  # name, bytes that the source keeps, level
    streams: list[tuple[str, bool, int]]  # name, runs, errors
    checks: list[BoardCheck]
    lines: list[BoardLine]  # newest first
    alerts: list[str]

    @property
    def share(self) -> float:
        return self.done / self.total if self.total else 0.0


def read(document: bytes | None) -> Board | None:
    """None: nothing was written yet, or by another version."""
    if document is None:
        return None
    try:
        return msgspec.json.decode(document, type=Board)
    except msgspec.DecodeError:
        return None
