"""P33: while writes go on both sides are equal, and found so. P36: a planted corruption is found, named and mended."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from directfanz.migrate import verbs
from directfanz.migrate.catalogue.tables import Table, read_tables
from directfanz.migrate.verify import digests
from directfanz.migrate.verify.pair import at_one_moment
from directfanz.migrate.verify.repair import repair_table
from directfanz.migrate.verify.tables import TableVerdict, compare_tables
from directfanz.migrate.work import Work
from tests.support.nasty import VALUES
from tests.support.two_homes import Homes, Moving

ROWS = 40
QUICK = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate,))
COLUMNS = {f"c{number}": kind for number, kind in enumerate(sorted(VALUES))}
BARE = {name: kind for name, kind in COLUMNS.items() if kind not in ("regtype",)}


def _schema(name: str, key: str, columns: dict[str, str]) -> str:
    return f"CREATE TABLE {name} (k int8 {key}, {', '.join(f'{column} {kind}' for column, kind in columns.items())})"


def _fill(name: str, columns: dict[str, str]) -> str:
    rows = [
        f"({n}, {', '.join(f'{VALUES[kind][n % len(VALUES[kind])]}::{kind}' for kind in columns.values())})"
        for n in range(ROWS)
    ]
    return f"INSERT INTO {name} VALUES {', '.join(rows)}"


SCHEMA = (
    _schema("keyed", "PRIMARY KEY", COLUMNS),
    _schema("bare", "", BARE),
    "CREATE TABLE moving (k int8 PRIMARY KEY, v text)",
    _fill("keyed", COLUMNS),
    _fill("bare", BARE),
)


class Stage:
    def __init__(self, moving: Moving, work: Work, tables: dict[str, Table]) -> None:
        self.moving, self.work, self.tables = moving, work, tables
        self._writing = psycopg.connect(moving.source.address, autocommit=True)

    def write(self, statement: str) -> None:
        self._writing.execute(statement)

    def compare(self, phase: str, *names: str) -> list[TableVerdict]:
        with at_one_moment(self.work, phase) as pair:
            return compare_tables(self.work, pair, [self.tables[name] for name in names])

    def close(self) -> None:
        self._writing.close()


@pytest.fixture(scope="module")
def stage(homes: Homes) -> Iterator[Stage]:
    with homes.move(*SCHEMA) as moving:
        moving.plan(jobs=2)
        with moving.work() as work:
            verbs.run_to_stream(work)
            with moving.source.session("test") as source:
                tables = {table.name: table for table in read_tables(source)}
            opened = Stage(moving, work, tables)
            yield opened
            opened.close()


@pytest.fixture
async def traffic(stage: Stage) -> AsyncIterator[None]:
    """Somebody writes all the time, to a table that is compared too."""
    over = threading.Event()

    def write() -> None:
        with psycopg.connect(stage.moving.source.address, autocommit=True) as session:
            number = 0
            while not over.wait(0.002):
                number += 1
                session.execute(
                    "INSERT INTO moving VALUES (%s % 97, 'x') ON CONFLICT (k) DO UPDATE SET v = moving.v || 'y'".replace(
                        "% 97", "%% 97"
                    ),
                    (number,),
                )
                if number % 7 == 0:
                    session.execute("DELETE FROM moving WHERE k = %s", (number % 97,))

    thread = threading.Thread(target=write)
    thread.start()
    yield
    over.set()
    await asyncio.to_thread(thread.join)


STATEMENTS = st.sampled_from(
    [
        (table, column, kind)
        for table, columns in (("keyed", COLUMNS), ("bare", BARE))
        for column, kind in columns.items()
    ]
)


@pytest.mark.property("P33")
@pytest.mark.usefixtures("traffic")
async def test_equal_while_writes_go_on(stage: Stage) -> None:
    @QUICK
    @given(
        st.lists(
            st.tuples(STATEMENTS, st.integers(0, 99), st.sampled_from(["update", "insert", "delete", "null"])),
            min_size=1,
            max_size=4,
        )
    )
    def equal(writes: list[tuple[tuple[str, str, str], int, str]]) -> None:
        for (table, column, kind), pick, what in writes:
            value = VALUES[kind][pick % len(VALUES[kind])]
            if what == "insert" and table == "bare":
                stage.write(f"INSERT INTO bare (k, {column}) VALUES ({pick}, {value}::{kind})")
            elif what == "delete":
                stage.write(f"DELETE FROM {table} WHERE k = {pick % ROWS}")
                stage.write(f"INSERT INTO {table} (k) VALUES ({pick % ROWS})")
            else:
                stage.write(
                    f"UPDATE {table} SET {column} = {'NULL' if what == 'null' else f'{value}::{kind}'} WHERE k = {pick % ROWS}"
                )
        for verdict in stage.compare("following", "keyed", "bare", "moving"):
            assert verdict.equal, verdict.named
            assert verdict.source_rows == verdict.target_rows

    await asyncio.to_thread(equal)


PLANTS = st.tuples(STATEMENTS, st.integers(0, 1000), st.sampled_from(["change", "lose", "double"]))


def _planted(where: tuple[str, str, str], pick: int, how: str) -> str:
    """One row, one column of it: to NULL where it already has the value."""
    table, column, kind = where
    row = f"ctid = (SELECT min(ctid) FROM {table} WHERE k >= {pick % ROWS})"
    if how == "lose":
        return f"DELETE FROM {table} WHERE {row}"
    if how == "double" and table == "bare":
        return f"INSERT INTO {table} SELECT * FROM {table} WHERE {row}"
    text = "::text" if kind == "regtype" else ""
    value = f"{VALUES[kind][pick % len(VALUES[kind])]}::{kind}"
    same = f"record_send(ROW({column}{text})) = record_send(ROW({value}{text}))"
    return f"UPDATE {table} SET {column} = CASE WHEN {same} THEN NULL ELSE {value} END WHERE {row} AND ({column} IS NOT NULL OR NOT {same})"


@pytest.mark.property("P36")
async def test_a_planted_corruption_is_found_and_named(stage: Stage) -> None:
    """Inside a transaction that only the one who looks can see, so that a hundred take no longer than they must."""
    assert all(verdict.equal for verdict in stage.compare("following", "keyed", "bare"))

    @QUICK
    @given(PLANTS)
    def found(plant: tuple[tuple[str, str, str], int, str]) -> None:
        table = stage.tables[plant[0][0]]
        target.execute("BEGIN; SET LOCAL session_replication_role = replica; SET LOCAL search_path = public")
        changed = target.execute(_planted(*plant)).rowcount
        buckets = digests.differing(digests.read_buckets(source, table), digests.read_buckets(target, table))
        rows = digests.read_rows(source, target, table, buckets)
        target.execute("ROLLBACK")
        assert changed == 1
        assert len(buckets) in (1, 2)
        assert len(rows.named) in (1, 2)  # of a row without a key: what it was, and what it is
        assert sum(rows.missing.values()) <= 1
        assert sum(rows.extra.values()) <= 1

    with stage.moving.source.session("test") as source, stage.moving.target.session("test") as target:
        await asyncio.to_thread(found)


@pytest.mark.property("P36")
@pytest.mark.usefixtures("traffic")
async def test_what_was_planted_is_mended_while_writes_go_on(stage: Stage) -> None:
    """A hundred times. Nobody writes to the two tables but us, so that what is left can be asked without taking a moment."""

    @QUICK
    @given(PLANTS)
    def mended(plant: tuple[tuple[str, str, str], int, str]) -> None:
        table = stage.tables[plant[0][0]]
        stage.moving.corrupt(_planted(*plant))
        assert digests.read_buckets(source, table) != digests.read_buckets(target, table)
        assert repair_table(stage.work, table, "following") in (1, 2)
        assert digests.read_buckets(source, table) == digests.read_buckets(target, table)

    with stage.moving.source.session("test") as source, stage.moving.target.session("test") as target:
        await asyncio.to_thread(mended)
    assert all(verdict.equal for verdict in stage.compare("following", "keyed", "bare", "moving"))
