"""Data and moments out of all measure under a move: nothing lost, nothing doubled, or a refusal that says why."""

from __future__ import annotations

import asyncio
import time

import psycopg
import pytest

from directfanz.migrate import verbs
from directfanz.migrate.errors import GateFailed, Incomplete, SourceProblem
from directfanz.migrate.move import copier
from directfanz.migrate.verify.verify import verify
from directfanz.migrate.wire.relay import relay
from tests.support.moves import ROWS, SMALL, require_equal
from tests.support.two_homes import SWITCH, Homes


async def test_rows_and_transactions_out_of_all_measure(homes: Homes) -> None:
    """A row of 16 MB, 4 MB of JSON, 1,500 columns; then a great transaction, a hot row, TRUNCATE, and one open across the fence."""
    columns = ", ".join(f"c{number} {('int', 'bigint', 'text')[number % 3]}" for number in range(1500))

    def moved() -> None:
        with homes.move(
            "CREATE TABLE huge (id int PRIMARY KEY, raw bytea, doc jsonb)",
            "INSERT INTO huge SELECT 1, decode(repeat('00ff0a5c', 4000000), 'hex'), to_jsonb(repeat('\"x', 2000000))",
            f"CREATE TABLE broad (id int PRIMARY KEY, {columns})",
            "INSERT INTO broad (id, c0, c1, c2, c1499) VALUES (1, 1, 4294967297, 'x', 'last')",
            "CREATE TABLE hot (id int PRIMARY KEY, n bigint)",
            "INSERT INTO hot VALUES (1, 0)",
            "CREATE TABLE gone (id int); INSERT INTO gone SELECT generate_series(1, 1000)",
            "CREATE SEQUENCE at_end MAXVALUE 3; SELECT nextval('at_end'), nextval('at_end'), nextval('at_end')",
        ) as moving:
            moving.plan(long_transaction_seconds=0)
            with moving.work() as work:
                verbs.run_to_stream(work)
                require_equal(work)
                moving.in_source(
                    "INSERT INTO gone SELECT generate_series(1, 60000)",
                    *(f"UPDATE hot SET n = n + {number}" for number in range(200)),
                    "UPDATE broad SET c1497 = 7, c1498 = 8589934594",
                    "TRUNCATE gone",
                    "INSERT INTO gone VALUES (5), (5)",
                )
                require_equal(work)
                moving.corrupt("UPDATE broad SET c1 = 1")  # its lower half xor its upper half is the same
                verdict = verify(work, only=("public.broad",))
                assert [row.what for table in verdict.tables for row in table.named] == ["changed"]
                moving.corrupt("UPDATE broad SET c1 = 4294967297")
                with psycopg.connect(moving.source.address) as open_one:
                    open_one.execute("UPDATE hot SET n = 0")
                    time.sleep(0.05)
                    with pytest.raises(GateFailed, match="open too long"):
                        verbs.cutover(work, SWITCH)
                require_equal(work)
                verbs.cutover(work, SWITCH)
                with pytest.raises(psycopg.errors.SequenceGeneratorLimitExceeded):
                    moving.in_target("SELECT nextval('at_end')")

    await asyncio.to_thread(moved)


async def test_a_table_that_is_rewritten_under_the_copy(homes: Homes, monkeypatch: pytest.MonkeyPatch) -> None:
    """VACUUM FULL gives every row another place: the table begins anew, with a stream of its own."""

    def moved() -> None:
        with homes.move(*ROWS) as moving:
            moving.plan(part_bytes=1 << 20, jobs=1)
            real, seen = relay, []

            def rewriting(*words: object) -> object:
                seen.append(1)
                if len(seen) == 2:
                    moving.in_source("VACUUM FULL big")
                return real(*words)  # type: ignore[arg-type] # passed on as they came

            with moving.work() as work:
                verbs.schema(work)
                monkeypatch.setattr(copier, "relay", rewriting)
                with pytest.raises(Incomplete, match="rewritten"):
                    verbs.copy(work)
                monkeypatch.setattr(copier, "relay", real)
                moving.in_source("UPDATE big SET v = 'x' WHERE id = 3")
                verbs.run_to_stream(work)
                require_equal(work)
                assert moving.ask(moving.target, "SELECT count(*), count(DISTINCT id) FROM big") == [(4000, 4000)]

    await asyncio.to_thread(moved)


async def test_a_verification_that_is_interrupted_goes_on(homes: Homes, monkeypatch: pytest.MonkeyPatch) -> None:
    from directfanz.migrate.verify import digests

    def moved() -> None:
        tables = [f"CREATE TABLE t{n} AS SELECT generate_series(1, 10) id" for n in range(4)]
        with homes.move(*tables) as moving:
            moving.plan(jobs=1)
            with moving.work() as work:
                verbs.run_to_stream(work)
                real, asked = digests.read_buckets, []

                def dying(session: object, table: object, **words: bool) -> object:
                    asked.append(table)
                    if len(asked) == 6:
                        raise SourceProblem("the line is cut")
                    return real(session, table, **words)  # type: ignore[arg-type] # passed on as they came

                monkeypatch.setattr(digests, "read_buckets", dying)
                with pytest.raises(SourceProblem):
                    verify(work)
                kept = len(work.store.compared("following"))
                assert 1 <= kept <= 2
                asked[:] = [None] * 10
                verdict = verify(work, resume=True)
                assert verdict.equal
                assert (len(verdict.tables), verdict.rows) == (4, 40)
                assert len(asked) - 10 == 2 * (4 - kept)
                monkeypatch.setattr(digests, "read_buckets", real)
                moving.corrupt("UPDATE t1 SET id = 99 WHERE id = 1")
                assert not verify(work).equal  # from the beginning, when nobody says otherwise

    await asyncio.to_thread(moved)


async def test_a_collation_of_another_version_is_said(homes: Homes) -> None:
    """Order differs between versions of a C library: indexes are built anew on the target, so it is a warning, and a name for it."""

    def moved() -> None:
        from directfanz.migrate.preflight import preflight

        with homes.move(*SMALL) as moving:
            for number, side in enumerate((moving.source, moving.target)):
                with side.session("test") as session:
                    session.execute(
                        f"UPDATE pg_database SET datcollversion = '1.{number}' WHERE datname = current_database()"
                    )
            moving.plan(accept=())
            with moving.work() as work:
                found = {one.name: one for one in preflight(work.source, work.target, work.plan, work.clock)}
                assert found["collation-version"].verdict != "fine"
                with pytest.raises(GateFailed, match="other version of the rules"):
                    verbs.schema(work)
                assert work.store.standing().phase == "planned"

    await asyncio.to_thread(moved)
