"""P35: each phase can be rolled back to the earlier state. A drill repeated with generated schedules, under write load: every row that
somebody was told is written is there exactly once, wherever the writes are in the end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from directfanz.migrate import verbs
from directfanz.migrate.side import Side
from directfanz.migrate.verify.verify import verify
from tests.support.two_homes import Homes, Moving

MOVES = st.lists(st.sampled_from(["there", "back", "again"]), min_size=1, max_size=4)
WRITERS = 3


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
        while not self._over.wait(0.003):
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


@pytest.mark.property("P35")
async def test_nothing_is_lost_or_doubled_on_any_way_there_and_back(homes: Homes) -> None:
    @settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate,))
    @given(MOVES)
    def walked(moves: list[str]) -> None:
        with homes.move(
            "CREATE TABLE book (id bigserial, writer int, number int, PRIMARY KEY (writer, number))"
        ) as moving:
            moving.plan(jobs=1)
            router = Router(moving)
            with moving.work() as work:
                with router.open():
                    verbs.run_to_stream(work)
                    assert verify(work).equal
                    for move in moves:
                        if move == "again":
                            verbs.rollback(work, router, to="schema")
                            verbs.run_to_stream(work)
                            assert verify(work).equal
                        elif work.store.standing().phase == "following":
                            verbs.cutover(work, router)
                        else:
                            assert verbs.rollback(work, router) is not None
                assert verify(work).equal
                side = moving.target if work.store.standing().phase == "cut_over" else moving.source
                _require_every_row(moving, side, router)
                verbs.rollback(work, router, to="planned")
            _require_every_row(moving, moving.source, router)
            assert moving.ask(moving.target, "SELECT to_regclass('public.book')") == [(None,)]
            assert moving.ask(moving.source, "SELECT to_regnamespace('dfz_migration')") == [(None,)]

    await asyncio.to_thread(walked)


def _require_every_row(moving: Moving, side: Side, router: Router) -> None:
    rows = dict(moving.ask(side, "SELECT writer, count(*) FROM book GROUP BY 1"))
    for writer, number in router.written.items():
        assert number <= rows[writer] <= number + 1  # the last one may be written and not yet told
    assert moving.ask(side, "SELECT count(*) FROM (SELECT id FROM book GROUP BY id HAVING count(*) > 1) x") == [(0,)]
