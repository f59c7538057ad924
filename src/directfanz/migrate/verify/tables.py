"""All tables of a pair of snapshots, both sides of each side by side."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import msgspec

from directfanz.migrate.catalogue.tables import Table
from directfanz.migrate.errors import SideName
from directfanz.migrate.move.tasks import Queue
from directfanz.migrate.progress import Progress
from directfanz.migrate.side import Session
from directfanz.migrate.verify import digests
from directfanz.migrate.verify.digests import Buckets, RowDifference
from directfanz.migrate.verify.pair import Pair, read_under
from directfanz.migrate.work import Work

NAMED_ROWS = 100  # of each table; all are counted


class TableVerdict(msgspec.Struct, frozen=True):
    table: str
    source_rows: int
    target_rows: int
    differing_rows: int
    named: list[RowDifference]
    buckets: list[int]

    @property
    def equal(self) -> bool:
        return not self.buckets


@dataclass(slots=True)
class _Comparison:
    work: Work
    pair: Pair
    progress: Progress
    total: int
    strong: bool
    keep: Callable[[TableVerdict], None]
    found: dict[tuple[str, SideName], Buckets] = field(default_factory=dict)
    verdicts: dict[str, TableVerdict] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


def _forget(_: TableVerdict) -> None:
    pass


def compare_tables(
    work: Work,
    pair: Pair,
    tables: list[Table],
    *,
    strong: bool = False,
    keep: Callable[[TableVerdict], None] = _forget,
) -> list[TableVerdict]:
    """`keep` hears of each table that is equal."""
    comparing = _Comparison(work, pair, work.progress("verify"), len(tables), strong, keep)
    queue = Queue()
    sides: tuple[SideName, SideName] = ("source", "target")
    for table in tables:
        for side in sides:
            queue.add(table.bytes, partial(_scan, comparing, table, side))
    queue.run(min(work.options.jobs, 2 * len(tables)) or 1, lambda: _tools(work))
    return [comparing.verdicts[table.quoted] for table in tables]


@contextlib.contextmanager
def _tools(work: Work) -> Iterator[dict[SideName, Session]]:
    with work.source.session("verify") as source, work.target.session("verify") as target:
        for session in (source, target):
            session.execute("SET max_parallel_workers_per_gather = 0; SET work_mem = '64MB'")
        yield {"source": source, "target": target}


def _scan(comparing: _Comparison, table: Table, side: SideName, tools: dict[SideName, Session]) -> None:
    session = tools[side]
    with _reading(comparing, table, side, session):
        buckets = digests.read_buckets(session, table, strong=comparing.strong)
    with comparing.lock:
        comparing.found[(table.quoted, side)] = buckets
        other = comparing.found.get((table.quoted, "target" if side == "source" else "source"))
    if other is not None:
        here, there = (buckets, other) if side == "source" else (other, buckets)
        _judge(comparing, table, here, there, tools)


@contextlib.contextmanager
def _reading(comparing: _Comparison, table: Table, side: SideName, session: Session) -> Iterator[None]:
    read_under(session, comparing.pair.source.get(table.quoted) if side == "source" else comparing.pair.target)
    try:
        yield
    finally:
        session.execute("COMMIT")


def _judge(comparing: _Comparison, table: Table, here: Buckets, there: Buckets, tools: dict[SideName, Session]) -> None:
    buckets = digests.differing(here, there)
    count, named = 0, []
    if buckets:
        with (
            _reading(comparing, table, "source", tools["source"]),
            _reading(comparing, table, "target", tools["target"]),
        ):
            rows = digests.read_rows(tools["source"], tools["target"], table, buckets)
        count, named = len(rows.named), rows.named[:NAMED_ROWS]
    verdict = TableVerdict(table.quoted, digests.counted(here), digests.counted(there), count, named, buckets)
    with comparing.lock:
        comparing.verdicts[table.quoted] = verdict
        done = len(comparing.verdicts)
        rows_seen = sum(one.source_rows for one in comparing.verdicts.values())
        if verdict.equal:
            comparing.keep(verdict)
    comparing.progress.told(table.quoted, done, comparing.total, rows_seen)
