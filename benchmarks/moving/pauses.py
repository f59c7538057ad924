"""Fifty cutovers under load: how long writers wait as they see it, and whether a single write was lost or doubled."""

from __future__ import annotations

import contextlib
import itertools
import random
import statistics
import threading
import time
from collections.abc import Iterator

import msgspec
import psycopg

from benchmarks.moving.servers import Servers
from directfanz.backends.clock.system import SystemClock
from directfanz.migrate import planner, verbs
from directfanz.migrate.cutover.switches import Switch
from directfanz.migrate.errors import GateFailed
from directfanz.migrate.plan import Options
from directfanz.migrate.side import Side
from directfanz.migrate.verify.verify import verify
from directfanz.migrate.work import Work, at_work

WRITERS = 8
SETTLE_SECONDS = 1.0
ACCEPT = ("keyless", "collation", "extension-versions", "long-transactions")


class Series(msgspec.Struct, frozen=True):
    cutovers: int
    transactions: int
    per_second: float
    pauses_ms: list[float]  # as the fence measured them
    gaps_ms: list[float]  # the longest that any writer waited for a commit around each cutover, reconnecting included
    lost: int
    doubled: int
    refused: int  # gates that were shut and were tried again


class Load:
    """Each transaction: a payment and a letter, with a number that must be there once in the end."""

    def __init__(self, address: str, per_second: int) -> None:
        self.address, self._wait = address, WRITERS / per_second
        self._over = threading.Event()
        self.told: dict[int, int] = {}
        self.commits: dict[int, list[float]] = {number: [time.monotonic()] for number in range(WRITERS)}
        self._threads = [threading.Thread(target=self._write, args=(number,)) for number in range(WRITERS)]

    def _write(self, writer: int) -> None:
        number, session = 0, None
        chance = random.Random(writer)
        while not self._over.wait(self._wait * chance.uniform(0.2, 1.4)):
            try:
                session = session or psycopg.connect(self.address)
                session.execute(
                    "INSERT INTO written (writer, number) VALUES (%s, %s) ON CONFLICT DO NOTHING", (writer, number + 1)
                )
                session.execute(
                    "UPDATE people SET name = name || '.' WHERE id = key(%s, 'p') AND length(name) < 200",
                    (1 + number % 500,),
                )
                session.commit()
                self.told[writer] = number = number + 1
                self.commits[writer].append(time.monotonic())
            except psycopg.Error:
                if session:
                    session.close()
                session = None
                time.sleep(0.002)
        if session:
            session.close()

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in self._threads:
                thread.join()

    def longest_gap_ms(self, since: float, until: float) -> float:
        """Of a commit that came in this time, how long after the one before it."""
        gaps = [
            later - before
            for commits in self.commits.values()
            for before, later in itertools.pairwise(commits)
            if later >= since and before <= until
        ]
        return round(max(gaps, default=0.0) * 1000, 1)


class Leading(Switch):
    """Applications read an address that the switch changes, as a file or a parameter would."""

    def __init__(self, load: Load) -> None:
        self._load = load

    def pause(self) -> None: ...

    def point(self, side: Side) -> None:
        self._load.address = side.address

    def resume(self) -> None: ...


def series(servers: Servers, cutovers: int, per_second: int) -> Series:
    servers.empty_target()
    with psycopg.connect(servers.source, autocommit=True) as session:
        session.execute(
            "DROP TABLE IF EXISTS written; CREATE TABLE written (id bigserial, writer int, number int, PRIMARY KEY (writer, number))"
        )
    source, target, clock = Side("source", servers.source), Side("target", servers.target), SystemClock()
    planner.make_plan(source, target, clock, Options(accept=ACCEPT, lag_ms=2000, owners=False))
    load = Load(servers.source, per_second)
    pauses: list[float] = []
    gaps: list[float] = []
    with at_work(source, target, clock, "bench") as work:
        began = time.monotonic()
        with load.running():
            verbs.run_to_stream(work)
            verify(work)
            began, before = time.monotonic(), sum(load.told.values())
            refused = _flips(work, load, cutovers, pauses, gaps)
            seconds, made = time.monotonic() - began, sum(load.told.values()) - before
        equal = verify(work).equal
        side = work.target if work.store.standing().phase == "cut_over" else work.source
        lost, doubled = _counted(side, load)
        verbs.rollback(work, Leading(load), to="planned")
    if not equal:
        raise RuntimeError("The sides differ after the series.")
    return Series(cutovers, made, round(made / seconds, 1), pauses, gaps, lost, doubled, refused)


def _flips(work: Work, load: Load, cutovers: int, pauses: list[float], gaps: list[float]) -> int:
    refused, switch = 0, Leading(load)
    while len(pauses) < cutovers:
        time.sleep(SETTLE_SECONDS)
        since = time.monotonic()
        try:
            if work.store.standing().phase == "following":
                fenced = verbs.cutover(work, switch)
                pause = fenced.pause_ms if fenced else 0.0
            else:
                pause = verbs.rollback(work, switch) or 0.0
        except GateFailed:
            refused += 1
            continue
        time.sleep(0.3)
        pauses.append(pause)
        gaps.append(load.longest_gap_ms(since, time.monotonic()))
    return refused


def _counted(side: Side, load: Load) -> tuple[int, int]:
    with psycopg.connect(side.address) as session:
        rows: dict[int, int] = dict(session.execute("SELECT writer, count(*) FROM written GROUP BY 1").fetchall())
        twice = session.execute(
            "SELECT count(*) FROM (SELECT id FROM written GROUP BY id HAVING count(*) > 1) x"
        ).fetchone()
    lost = sum(max(0, told - rows.get(writer, 0)) for writer, told in load.told.items())
    more = sum(max(0, rows.get(writer, 0) - told - 1) for writer, told in load.told.items())
    return lost, more + (int(twice[0]) if twice else 0)


def percentile(values: list[float], share: float) -> float:
    return (
        statistics.quantiles(values, n=100, method="inclusive")[round(share * 100) - 1]
        if len(values) > 1
        else values[0]
    )
