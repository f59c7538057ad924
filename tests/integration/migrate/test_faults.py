"""Networks, disks and machines that fail under a move: nothing lost, nothing doubled, or a refusal that says why."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import psycopg
import pytest
from psycopg import conninfo

from directfanz.migrate import verbs
from directfanz.migrate.cutover.recovery import is_closed
from directfanz.migrate.errors import GateFailed, Incomplete, MigrationError, SourceProblem, TargetProblem
from directfanz.migrate.move import copier
from directfanz.migrate.side import Side
from directfanz.migrate.verify.verify import verify
from directfanz.migrate.wire import connection
from directfanz.migrate.wire.relay import relay
from directfanz.migrate.work import Work, at_work
from tests.support.two_homes import CLOCK, SWITCH, Homes, Moving
from tests.support.wobbly import Line, line_to

ROWS = (
    "CREATE TABLE big (id int PRIMARY KEY, v text STORAGE EXTERNAL)",
    "INSERT INTO big SELECT n, repeat(md5(n::text), 40) FROM generate_series(1, 4000) n",
    "VACUUM ANALYZE",
)
SMALL = ("CREATE TABLE a (id serial PRIMARY KEY, v text)", "INSERT INTO a (v) SELECT 'x' FROM generate_series(1, 50)")


def _through(side: Side, line: Line) -> Side:
    return Side(side.name, conninfo.make_conninfo(side.address, port=str(line.port)))


def _port(side: Side) -> int:
    return int(side.words["port"])


@contextmanager
def _seen(moving: Moving, source: Side, target: Side) -> Iterator[Work]:
    with at_work(source, target, CLOCK, "test", say=moving.said.append) as work:
        yield work


def _equal(work: Work) -> None:
    verdict = verify(work)
    assert verdict.equal, verdict.sentences()


@pytest.mark.parametrize("name", ["source", "target"])
async def test_a_line_that_is_cut_under_the_copy(homes: Homes, name: str) -> None:
    def moved() -> None:
        with homes.move(*ROWS) as moving, line_to(_port(getattr(moving, name))) as line:
            moving.plan(part_bytes=256 * 1024, jobs=2)
            sides = {"source": moving.source, "target": moving.target, name: _through(getattr(moving, name), line)}
            with moving.work() as work:
                verbs.schema(work)
            problem = SourceProblem if name == "source" else TargetProblem
            line.cut_after = 2_500_000
            with pytest.raises(problem), _seen(moving, sides["source"], sides["target"]) as work:
                verbs.copy(work)
            _free(moving)
            moving.in_source("UPDATE big SET v = 'changed' WHERE id % 7 = 0", "DELETE FROM big WHERE id = 11")
            with moving.work() as work:
                verbs.run_to_stream(work)
                _equal(work)
                assert moving.ask(moving.target, "SELECT count(*), count(DISTINCT id) FROM big") == [(3999, 3999)]

    await asyncio.to_thread(moved)


def _free(moving: Moving) -> None:
    """A session that is gone is seen so by its server a moment later."""
    with moving.target.session("test") as session:
        session.execute(
            "SELECT pg_advisory_lock(6645370); SELECT pg_advisory_unlock(6645370)".replace("6645370", str(0x64667A_01))
        )


async def test_a_server_that_falls_silent_is_named(homes: Homes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half-open sockets: the connection stands, and nothing comes. It is a problem of that side, and the copy goes on later."""
    monkeypatch.setattr(connection, "SILENCE_SECONDS", 1.0)

    def moved() -> None:
        with homes.move(*ROWS) as moving, line_to(_port(moving.source)) as line:
            moving.plan(part_bytes=256 * 1024, jobs=1)
            with moving.work() as work:
                verbs.schema(work)
            with _seen(moving, _through(moving.source, line), moving.target) as work:
                real = relay

                def silent_relay(*words: object) -> object:
                    line._flowing.clear()
                    return real(*words)  # type: ignore[arg-type] # passed on as they came

                monkeypatch.setattr(copier, "relay", silent_relay)
                with pytest.raises(SourceProblem, match="timed out"):
                    verbs.copy(work)
                monkeypatch.setattr(copier, "relay", real)
                line._flowing.set()
            _free(moving)
            with moving.work() as work:
                verbs.run_to_stream(work)
                _equal(work)

    await asyncio.to_thread(moved)


async def test_a_line_that_is_cut_under_the_streams(homes: Homes) -> None:
    """Both servers know each other through lines that go away; what was written meanwhile arrives, once."""

    def moved() -> None:
        with (
            homes.move(*SMALL) as moving,
            line_to(_port(moving.source)) as there,
            line_to(_port(moving.target)) as back,
        ):
            moving.plan(
                source_as_seen_by_target=f"127.0.0.1:{there.port}", target_as_seen_by_source=f"127.0.0.1:{back.port}"
            )
            with moving.work() as work:
                verbs.run_to_stream(work)
                _equal(work)
                with there.down(), back.down():
                    moving.in_source("INSERT INTO a (v) SELECT 'while it was cut' FROM generate_series(1, 300)")
                    time.sleep(0.3)
                    with _options(work, fence_ms=300), pytest.raises(GateFailed):
                        verbs.cutover(work, SWITCH)  # a stream that does not run, or a marker that does not come
                assert work.store.standing().phase == "following"
                _equal(work)
                verbs.cutover(work, SWITCH)
                with back.silent():
                    moving.in_target("INSERT INTO a (v) SELECT 'half open' FROM generate_series(1, 100)")
                verbs.rollback(work, SWITCH)
                assert moving.ask(moving.source, "SELECT count(*), count(DISTINCT id) FROM a") == [(450, 450)]
                _equal(work)

    await asyncio.to_thread(moved)


@contextmanager
def _options(work: Work, **options: object) -> Iterator[None]:
    kept = work.store.plan
    work.store.plan = msgspec.structs.replace(kept, options=msgspec.structs.replace(kept.options, **options))
    try:
        yield
    finally:
        work.store.plan = kept


async def test_a_full_disk_of_the_target(homes: Homes) -> None:
    """No file may grow beyond what a full disk would allow: PostgreSQL says so, and the copy goes on when there is room."""

    def moved() -> None:
        pid = homes.new.pid("postgres")
        soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        with homes.move(
            "CREATE TABLE big (id int PRIMARY KEY, v text STORAGE PLAIN)",
            "INSERT INTO big SELECT n, repeat(md5(n::text), 60) FROM generate_series(1, 11000) n",
            "VACUUM ANALYZE",
        ) as moving:
            moving.plan(part_bytes=4 << 20, jobs=1)
            with moving.work() as work:
                verbs.schema(work)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (17 << 20, hard))
            try:
                with pytest.raises(TargetProblem, match=r"could not (extend|write)"), moving.work() as work:
                    verbs.copy(work)
            finally:
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))
            moving.in_source("UPDATE big SET v = 'changed' WHERE id < 50")
            with moving.work() as work:
                verbs.run_to_stream(work)
                _equal(work)

    await asyncio.to_thread(moved)


STOPPED = textwrap.dedent(
    """
    import os, signal, sys
    from directfanz.backends.clock.system import SystemClock
    from directfanz.migrate import verbs
    from directfanz.migrate.cutover.switches import ByHand
    from directfanz.migrate.errors import MigrationError
    from directfanz.migrate.side import Side
    from directfanz.migrate.work import at_work

    class Stopping:
        calls = 0
        def bring(self, *, back):
            self.calls += 1
            if self.calls == 2:  # inside the fence
                os.kill(os.getpid(), signal.SIGSTOP)
            return "brought"

    with at_work(Side("source", os.environ["A"]), Side("target", os.environ["B"]), SystemClock(), "cutover") as work:
        work.carriers = (Stopping(),)
        try:
            verbs.cutover(work, ByHand())
        except MigrationError as error:
            print(error.message)
            sys.exit(7)
    """
)


async def test_an_operator_who_is_stopped_inside_the_fence(homes: Homes) -> None:
    """SIGSTOP: no signal handler, no timeout of ours runs. The server itself lets the writers go, and the cutover is refused."""

    def moved() -> None:
        with homes.move(*SMALL) as moving:
            moving.plan(fence_ms=400)
            with moving.work() as work:
                verbs.run_to_stream(work)
                _equal(work)
            process = subprocess.Popen(
                [sys.executable, "-c", STOPPED],
                env={"A": moving.source.address, "B": moving.target.address, "PATH": os.environ["PATH"]},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            try:
                os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
                with psycopg.connect(moving.source.address, autocommit=True) as session:
                    session.execute("SET statement_timeout = '5s'; INSERT INTO a (v) VALUES ('let go by the server')")
            finally:
                process.send_signal(signal.SIGCONT)
            said, wrong = process.communicate(timeout=30)
            assert process.returncode == 7, said + wrong
            assert not is_closed(moving.source)
            with moving.work() as work:
                assert (work.store.standing().phase, work.store.standing().doing) == ("following", None)
                _equal(work)
                verbs.cutover(work, SWITCH)
                assert moving.ask(moving.target, "SELECT count(*) FROM a WHERE v LIKE 'let go%'") == [(1,)]

    await asyncio.to_thread(moved)


async def test_a_standby_that_took_over_without_the_slot(homes: Homes) -> None:
    """A failover to a standby that never had our slot. The gates say so; going back costs the target only, and the move begins anew."""

    def moved() -> None:
        with homes.move(*SMALL) as moving:
            moving.plan()
            with moving.work() as work:
                verbs.run_to_stream(work)
                _equal(work)
                with moving.source.session("test") as source:
                    source.execute(
                        """SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots
                        WHERE database = current_database() AND active"""
                    )
                    assert work.until(lambda: _dropped(source), 10)
                moving.in_source("INSERT INTO a (v) VALUES ('after the failover')")
                with pytest.raises(GateFailed):
                    verbs.cutover(work, SWITCH)
                assert not is_closed(moving.source)
                verbs.rollback(work, SWITCH, to="planned")
                verbs.run_to_stream(work)
                _equal(work)
                assert moving.ask(moving.target, "SELECT count(*) FROM a") == [(51,)]

    await asyncio.to_thread(moved)


def _dropped(source: object) -> bool:
    """The target's worker comes back for it at once, so it may take more than one try."""
    try:
        source.execute(  # type: ignore[attr-defined] # a session
            """SELECT pg_terminate_backend(active_pid, 2000) FROM pg_replication_slots WHERE database = current_database() AND active;
            SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()"""
        )
    except MigrationError:
        return False
    return True


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
                _equal(work)
                moving.in_source(
                    "INSERT INTO gone SELECT generate_series(1, 60000)",
                    *(f"UPDATE hot SET n = n + {number}" for number in range(200)),
                    "UPDATE broad SET c1497 = 7, c1498 = 8589934594",
                    "TRUNCATE gone",
                    "INSERT INTO gone VALUES (5), (5)",
                )
                _equal(work)
                moving.corrupt("UPDATE broad SET c1 = 1")  # its lower half xor its upper half is the same
                verdict = verify(work, only=("public.broad",))
                assert [row.what for table in verdict.tables for row in table.named] == ["changed"]
                moving.corrupt("UPDATE broad SET c1 = 4294967297")
                with psycopg.connect(moving.source.address) as open_one:
                    open_one.execute("UPDATE hot SET n = 0")
                    time.sleep(0.05)
                    with pytest.raises(GateFailed, match="open too long"):
                        verbs.cutover(work, SWITCH)
                _equal(work)
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
                _equal(work)
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
