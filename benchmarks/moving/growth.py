"""How the time of a copy grows with rows, and with tables."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec
import psycopg

from benchmarks.moving.servers import Servers
from directfanz.backends.clock.system import SystemClock
from directfanz.migrate import planner, verbs
from directfanz.migrate.plan import Options
from directfanz.migrate.side import Side
from directfanz.migrate.verify.verify import verify
from directfanz.migrate.work import at_work

ROWS = (100_000, 400_000, 1_600_000)
TABLES = (50, 200, 800)
OF_ITS_OWN = "growing"


class Step(msgspec.Struct, frozen=True):
    what: str
    count: int
    schema: float
    copy: float
    verify: float


def tables_and_rows(servers: Servers, say: Callable[[str], None]) -> list[Step]:
    steps = [_step(servers, "rows", count, _rows(count)) for count in ROWS] + [
        _step(servers, "tables", count, _tables(count)) for count in TABLES
    ]
    for one in steps:
        say(
            f"{one.count:>9,} {one.what:<6} schema {one.schema:.1f} s, copy {one.copy:.1f} s, verify {one.verify:.1f} s"
        )
    return steps


def _rows(count: int) -> list[str]:
    return [
        "CREATE TABLE grown (id bigint PRIMARY KEY, owner text NOT NULL, at timestamptz NOT NULL, amount numeric)",
        f"INSERT INTO grown SELECT n, md5(n::text), 'epoch', n / 7.0 FROM generate_series(1, {count}) n",
        "CREATE INDEX ON grown (owner, at)",
        "VACUUM ANALYZE grown",
    ]


def _tables(count: int) -> list[str]:
    return [
        f"CREATE TABLE t{n} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a text, b jsonb); CREATE INDEX ON t{n} (a); "
        f"INSERT INTO t{n} (a) SELECT md5(n::text) FROM generate_series(1, 100) n"
        for n in range(count)
    ]


def _step(servers: Servers, what: str, count: int, statements: list[str]) -> Step:
    sides = []
    for engines in (servers.old, servers.new):
        with psycopg.connect(engines.set.postgres.url(), autocommit=True) as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {OF_ITS_OWN} WITH (FORCE)")
            admin.execute(f"CREATE DATABASE {OF_ITS_OWN}")
        sides.append(engines.set.postgres.url(database=OF_ITS_OWN))
    with psycopg.connect(sides[0], autocommit=True) as session:
        for statement in statements:
            session.execute(statement)
    source, target, clock = Side("source", sides[0]), Side("target", sides[1]), SystemClock()
    planner.make_plan(
        source, target, clock, Options(follow=False, jobs=3, owners=False, accept=("collation", "extension-versions"))
    )
    seconds = []
    with at_work(source, target, clock, "bench") as work:
        for verb in (verbs.schema, verbs.copy, verify):
            began = time.monotonic()
            verb(work)
            seconds.append(round(time.monotonic() - began, 2))
    return Step(what, count, *seconds)
