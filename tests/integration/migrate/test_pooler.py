"""Applications behind a PgBouncer that the script of docs/migration.md flips: they wait and see no error; and it dies inside the fence."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from directfanz.migrate import verbs
from directfanz.migrate.cutover.recovery import is_closed
from directfanz.migrate.cutover.switches.command import CommandSwitch
from directfanz.migrate.errors import GateFailed
from tests.support.moves import require_equal
from tests.support.own_pooler import OwnPooler, own_pooler
from tests.support.two_homes import Homes, Moving

BOOK = "CREATE TABLE book (id bigserial, writer int, number int, PRIMARY KEY (writer, number))"


class Writers:
    """Each writes 1, 2, 3 ..; a number whose answer was lost is written again."""

    def __init__(self, address: str) -> None:
        self._address, self._over = address, threading.Event()
        self.told, self.errors = {1: 0, 2: 0}, list[str]()

    def _write(self, writer: int) -> None:
        session: psycopg.Connection | None = None
        while not self._over.wait(0.01):
            try:
                if session is None:
                    session = psycopg.connect(self._address, autocommit=True, prepare_threshold=None)
                session.execute(
                    "INSERT INTO book (writer, number) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                    (writer, self.told[writer] + 1),
                )
                self.told[writer] += 1
            except psycopg.Error as error:
                self.errors.append(str(error))
                if session:
                    session.close()
                session = None
        if session:
            session.close()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._write, args=(writer,)) for writer in self.told]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join()

    def await_more(self, how_many: int = 5) -> None:
        """Everybody writes on."""
        wanted, patience = {writer: told + how_many for writer, told in self.told.items()}, threading.Event()
        for _ in range(2000):
            if all(self.told[writer] >= number for writer, number in wanted.items()):
                return
            patience.wait(0.01)
        raise AssertionError(f"Nobody writes any more: {self.errors[-3:]}")


def _require_each_once(moving: Moving, writers: Writers) -> None:
    for side in (moving.source, moving.target):
        rows = dict(moving.ask(side, "SELECT writer, count(*) FROM book GROUP BY 1"))
        assert all(told <= rows[writer] <= told + 1 for writer, told in writers.told.items())
        assert moving.ask(side, "SELECT count(*) - count(DISTINCT id) FROM book") == [(0,)]


@pytest.mark.requirement("C11.2")
async def test_there_and_back_and_no_client_sees_an_error(homes: Homes) -> None:
    def moved() -> None:
        with homes.move(BOOK) as moving, own_pooler(moving.source, moving.target) as pooler:
            moving.plan()
            writers, switch = Writers(pooler.address), CommandSwitch(str(pooler.switch))
            with moving.work() as work:
                with writers.at_work():
                    verbs.run_to_stream(work)
                    require_equal(work)
                    writers.await_more()
                    verbs.cutover(work, switch)
                    writers.await_more()
                    verbs.rollback(work, switch)
                    writers.await_more()
                require_equal(work)
            assert writers.errors == []
            _require_each_once(moving, writers)

    await asyncio.to_thread(moved)


class Killing:
    """Brings nothing; inside the fence it kills the pooler."""

    def __init__(self, pooler: OwnPooler) -> None:
        self._pooler, self._times = pooler, 0

    def bring(self, *, back: bool) -> str:
        self._times += 1
        if self._times == 2:
            self._pooler.kill()
        return "brought"


async def test_a_pooler_that_is_killed_inside_the_fence(homes: Homes) -> None:
    """The target is open and nobody finds it; when the pooler is there again it leads there, and the cutover goes on."""

    def moved() -> None:
        with homes.move(BOOK) as moving, own_pooler(moving.source, moving.target) as pooler:
            moving.plan()
            writers, switch = Writers(pooler.address), CommandSwitch(str(pooler.switch))
            with moving.work() as work:
                with writers.at_work():
                    verbs.run_to_stream(work)
                    require_equal(work)
                    writers.await_more()
                    work.carriers = (Killing(pooler),)
                    with pytest.raises(GateFailed, match=r"The switch answered . to `target`"):
                        verbs.cutover(work, switch)
                    work.carriers = ()
                    assert (is_closed(moving.source), is_closed(moving.target)) == (True, False)
                    pooler.start()
                    writers.await_more()
                    verbs.cutover(work, switch, resume=True)
                    writers.await_more()
                assert writers.errors != []
                require_equal(work)
            _require_each_once(moving, writers)

    await asyncio.to_thread(moved)


async def test_a_pooler_that_is_away_before_the_fence_changes_nothing(homes: Homes) -> None:
    def moved() -> None:
        with homes.move(BOOK) as moving, own_pooler(moving.source, moving.target) as pooler:
            moving.plan()
            with moving.work() as work:
                verbs.run_to_stream(work)
                require_equal(work)
                pooler.kill()
                with pytest.raises(GateFailed, match=r"The switch answered . to `pause`"):
                    verbs.cutover(work, CommandSwitch(str(pooler.switch)))
                assert (work.store.standing().phase, work.store.standing().doing) == ("following", None)
                assert not is_closed(moving.source)

    await asyncio.to_thread(moved)
