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

import psycopg
import pytest
from psycopg import conninfo

from directfanz.migrate import verbs
from directfanz.migrate.cutover.recovery import is_closed
from directfanz.migrate.errors import GateFailed, MigrationError, SourceProblem, TargetProblem
from directfanz.migrate.move import copier
from directfanz.migrate.side import Side
from directfanz.migrate.wire import connection
from directfanz.migrate.wire.relay import relay
from directfanz.migrate.work import Work, at_work
from tests.support.moves import ROWS, SMALL, require_equal, with_options
from tests.support.two_homes import CLOCK, SWITCH, Homes, Moving
from tests.support.wobbly import Line, line_to


def _through(side: Side, line: Line) -> Side:
    return Side(side.name, conninfo.make_conninfo(side.address, port=str(line.port)))


def _port(side: Side) -> int:
    return int(side.words["port"])


@contextmanager
def _seen(moving: Moving, source: Side, target: Side) -> Iterator[Work]:
    with at_work(source, target, CLOCK, "test", say=moving.said.append) as work:
        yield work


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
                require_equal(work)
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
                require_equal(work)

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
                require_equal(work)
                with there.down(), back.down():
                    moving.in_source("INSERT INTO a (v) SELECT 'while it was cut' FROM generate_series(1, 300)")
                    time.sleep(0.3)
                    with with_options(work, fence_ms=300), pytest.raises(GateFailed):
                        verbs.cutover(work, SWITCH)  # a stream that does not run, or a marker that does not come
                assert work.store.standing().phase == "following"
                require_equal(work)
                verbs.cutover(work, SWITCH)
                with back.silent():
                    moving.in_target("INSERT INTO a (v) SELECT 'half open' FROM generate_series(1, 100)")
                verbs.rollback(work, SWITCH)
                assert moving.ask(moving.source, "SELECT count(*), count(DISTINCT id) FROM a") == [(450, 450)]
                require_equal(work)

    await asyncio.to_thread(moved)


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
                require_equal(work)

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
                require_equal(work)
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
                require_equal(work)
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
                require_equal(work)
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
                require_equal(work)
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
