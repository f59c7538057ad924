"""P35: each phase can be rolled back to the earlier state, under write load, and with a process that dies at any statement.

One long walk over one pair of databases: each example is a verb, and perhaps the number of the statement at which the operator's process
dies. Afterwards somebody always has the writers, and the next command goes on, takes back, or begins anew. Every row that a writer was
told is there exactly once, wherever the writes are in the end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from directfanz.migrate import verbs
from directfanz.migrate.cutover.recovery import is_closed
from directfanz.migrate.errors import GateFailed, MigrationError
from directfanz.migrate.plan import Plan
from directfanz.migrate.side import Side
from directfanz.migrate.state.machine import NEXT
from directfanz.migrate.verify.verify import verify
from directfanz.migrate.work import Work
from tests.support.crashing import Died, Mortal, mortal
from tests.support.two_homes import Homes, Moving

WRITERS = 2
MOSTLY_STATEMENTS = 90  # of a verb
STEPS = st.tuples(
    st.sampled_from(["on", "on", "on", "back", "back", "resume", "restart"]),
    st.one_of(st.none(), st.integers(0, MOSTLY_STATEMENTS)),
)


class Router:
    """Where applications connect; a writer tries the same number again until somebody says that it is written."""

    def __init__(self, moving: Moving) -> None:
        self._addresses = {side.name: side.address for side in (moving.source, moving.target)}
        self._now = moving.source.address
        self._over = threading.Event()
        self.written: dict[int, int] = {}
        self._threads = [threading.Thread(target=self._write, args=(number,)) for number in range(WRITERS)]

    def pause(self) -> None: ...

    def point(self, side: Side) -> None:
        self._now = self._addresses[side.name]

    def resume(self) -> None: ...

    def _write(self, writer: int) -> None:
        session: psycopg.Connection | None = None
        number = 0
        while not self._over.wait(0.02):
            try:
                session = session or psycopg.connect(self._now, autocommit=True)
                session.execute(
                    "INSERT INTO book (writer, number) VALUES (%s, %s) ON CONFLICT DO NOTHING", (writer, number + 1)
                )
                self.written[writer] = number = number + 1
            except psycopg.Error:
                if session:
                    session.close()
                session = None
        if session:
            session.close()

    @contextmanager
    def open(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in self._threads:
                thread.join()


class Walk:
    def __init__(self, moving: Moving, router: Router, operator: Mortal) -> None:
        self.moving, self._router, self._operator = moving, router, operator
        self.deaths = self.ends = 0

    def step(self, how: str, dies_after: int | None) -> None:
        try:
            if dies_after is None:
                self._said(how)
            else:
                with self._operator.dying_after(dies_after):
                    self._said(how)
            self.ends += 1
        except Died:
            self.deaths += 1
        except MigrationError:
            pass  # a verb that makes no sense here says so, and changes nothing
        self.require_one_home()

    def _said(self, how: str) -> None:
        with self.moving.work() as work:
            now = work.store.standing()
            if how == "back":
                verbs.rollback(work, self._router)
                return
            verb = now.doing if now.doing in ("schema", "copy", "follow", "cutover") else NEXT[now.phase]
            again = {"resume": how == "resume" or (how == "on" and now.doing is not None)}
            if verb == "finish":
                verbs.rollback(work, self._router)
            elif verb == "cutover":
                verbs.cutover(work, self._router, resume=again["resume"] and now.doing == "cutover")
            else:
                self._forward(work, str(verb), again["resume"], how == "restart" and now.doing is not None)

    def _forward(self, work: Work, verb: str, resume: bool, restart: bool) -> None:
        resume = resume and work.store.standing().doing is not None
        if verb == "follow":
            verbs.follow(work, resume=resume or restart)
            assert verify(work).equal
        else:
            (verbs.schema if verb == "schema" else verbs.copy)(work, resume=resume and not restart, restart=restart)

    def require_one_home(self) -> None:
        """The next command, whatever it is, leaves exactly one side open; before the first cutover that is the source."""
        with self.moving.work() as work:
            now = work.store.standing()
        closed = [is_closed(self.moving.source), is_closed(self.moving.target)]
        if now.phase in ("copied", "following", "cut_over"):
            assert closed.count(True) == 1, now
        else:
            assert not closed[0], now

    def home(self) -> None:
        """However it stands, it can be brought back to where it began."""
        with self.moving.work() as work:
            while (now := work.store.standing()).phase != "planned" or now.doing:
                verbs.rollback(work, self._router)


async def _walk(homes: Homes, steps: int) -> None:
    def walked() -> None:
        with (
            homes.move(
                "CREATE TABLE book (id bigserial, writer int, number int, PRIMARY KEY (writer, number))"
            ) as moving,
            mortal() as operator,
        ):
            moving.plan(jobs=1, verified_hours=24)
            router = Router(moving)
            walk = Walk(moving, router, operator)

            @settings(
                max_examples=steps, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate,)
            )
            @given(STEPS)
            def stepped(step: tuple[str, int | None]) -> None:
                walk.step(*step)

            with router.open():
                stepped()
                walk.home()
            assert walk.deaths > steps // 10, "nobody died: the proof proves little"
            assert walk.ends > steps // 25
            _require_every_row(moving, moving.source, router)
            assert moving.ask(moving.target, "SELECT to_regclass('public.book')") == [(None,)]
            assert moving.ask(moving.source, "SELECT to_regnamespace('dfz_migration')") == [(None,)]

    await asyncio.to_thread(walked)


@pytest.mark.property("P35")
async def test_a_walk_with_a_process_that_dies_anywhere(homes: Homes) -> None:
    await _walk(homes, 100)


@pytest.mark.drill
@pytest.mark.timeout(3000)
@pytest.mark.property("P35")
async def test_a_long_walk_with_a_process_that_dies_anywhere(homes: Homes) -> None:
    await _walk(homes, 600)


@pytest.mark.property("P35")
async def test_there_and_back_and_there_again_under_load(homes: Homes) -> None:
    """And a fence that is not granted leaves everybody at work."""

    def moved() -> None:
        with homes.move(
            "CREATE TABLE book (id bigserial, writer int, number int, PRIMARY KEY (writer, number))"
        ) as moving:
            moving.plan(jobs=1)
            router = Router(moving)
            with moving.work() as work:
                with router.open():
                    verbs.run_to_stream(work)
                    assert verify(work).equal
                    for _ in range(2):
                        verbs.cutover(work, router)
                        assert verify(work).equal
                        assert verbs.rollback(work, router) is not None
                    work.store.plan = _with_tries(work, 2)
                    with psycopg.connect(moving.source.address) as session:
                        session.execute("INSERT INTO book (writer, number) VALUES (99, 1)")
                        with pytest.raises(GateFailed, match="not granted"):
                            verbs.cutover(work, router)
                assert verify(work).equal
            _require_every_row(moving, moving.source, router)

    await asyncio.to_thread(moved)


def _with_tries(work: Work, tries: int) -> Plan:
    return msgspec.structs.replace(work.plan, options=msgspec.structs.replace(work.plan.options, fence_tries=tries))


def _require_every_row(moving: Moving, side: Side, router: Router) -> None:
    rows = dict(moving.ask(side, "SELECT writer, count(*) FROM book WHERE writer < 99 GROUP BY 1"))
    for writer, number in router.written.items():
        assert number <= rows[writer] <= number + 1  # the last one may be written and not yet told
    assert moving.ask(side, "SELECT count(*) FROM (SELECT id FROM book GROUP BY id HAVING count(*) > 1) x") == [(0,)]
