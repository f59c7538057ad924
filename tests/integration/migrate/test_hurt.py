"""What breaks around a cutover: each time either nothing was changed, or everything arrived, and it is said which."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest

from directfanz.migrate import verbs
from directfanz.migrate.cutover import doors
from directfanz.migrate.errors import GateFailed, Incomplete
from directfanz.migrate.side import Side
from directfanz.migrate.verify.verify import verify
from directfanz.migrate.work import Work
from tests.support.two_homes import SWITCH, Homes, Moving

TABLES = ("CREATE TABLE a (id serial PRIMARY KEY, v text)", "INSERT INTO a (v) SELECT 'x' FROM generate_series(1, 50)")


class BreakingSwitch:
    """Says no when it is told `word`, once."""

    def __init__(self, word: str) -> None:
        self._word: str | None = word

    def pause(self) -> None:
        self._hear("pause")

    def point(self, side: Side) -> None:
        self._hear(side.name)

    def resume(self) -> None:
        self._hear("resume")

    def _hear(self, word: str) -> None:
        if word == self._word:
            self._word = None
            raise GateFailed("The switch is broken.")


@contextmanager
def _following(homes: Homes, **options: object) -> Iterator[tuple[Moving, Work]]:
    with homes.move(*TABLES) as moving:
        moving.plan(**options)
        with moving.work() as work:
            verbs.run_to_stream(work)
            assert verify(work).equal
            yield moving, work


def _require_home(moving: Moving, work: Work) -> None:
    """The source has the writes, and they follow."""
    assert (work.store.standing().phase, work.store.standing().doing) == ("following", None)
    moving.in_source("INSERT INTO a (v) VALUES ('at home')")
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        moving.in_target("INSERT INTO a (v) VALUES ('astray')")
    assert verify(work).equal


async def test_a_fence_that_is_not_granted_changes_nothing(homes: Homes) -> None:
    with (
        _following(homes, fence_tries=3) as (moving, work),
        psycopg.connect(moving.source.address) as session,
    ):
        session.execute("UPDATE a SET v = 'held' WHERE id = 1")
        with pytest.raises(GateFailed, match="not granted in 3 tries"):
            verbs.cutover(work, SWITCH)
        session.commit()
        _require_home(moving, work)


async def test_a_switch_that_fails_before_the_flip_changes_nothing(homes: Homes) -> None:
    with _following(homes) as (moving, work):
        with pytest.raises(GateFailed, match="The switch is broken"):
            verbs.cutover(work, BreakingSwitch("pause"))
        _require_home(moving, work)


async def test_a_switch_that_fails_after_the_flip_is_gone_on_with(homes: Homes) -> None:
    with _following(homes) as (moving, work):
        switch = BreakingSwitch("target")
        with pytest.raises(GateFailed, match="The switch is broken"):
            verbs.cutover(work, switch)
        with pytest.raises(Incomplete, match="--resume"):
            verbs.cutover(work, switch)
        moving.in_target("INSERT INTO a (v) VALUES ('already here')")
        verbs.cutover(work, switch, resume=True)
        assert verify(work).equal
        verbs.rollback(work, switch)
        assert moving.ask(moving.source, "SELECT count(*), max(id) FROM a") == [(51, 51)]
        _require_home(moving, work)


async def test_the_same_failure_may_be_rolled_back_with_what_was_written(homes: Homes) -> None:
    with _following(homes) as (moving, work):
        with pytest.raises(GateFailed):
            verbs.cutover(work, BreakingSwitch("target"))
        moving.in_target("INSERT INTO a (v) VALUES ('already here')")
        verbs.rollback(work, SWITCH)
        assert moving.ask(moving.source, "SELECT v FROM a WHERE id = 51") == [("already here",)]
        _require_home(moving, work)


class SlowWayBack:
    """From the flip on nothing comes back to the source, until somebody says that the canary failed."""

    def __init__(self, moving: Moving) -> None:
        self._session = psycopg.connect(moving.source.address, application_name="directfanz migrate test")
        self._said = moving.said

    def pause(self) -> None: ...

    def point(self, side: Side) -> None:
        if side.name == "target":
            self._session.execute("LOCK TABLE dfz_migration.marker_0 IN EXCLUSIVE MODE")

    def resume(self) -> None: ...

    def hear(self, words: str) -> None:
        if words.startswith("The canary failed"):
            self._session.close()


async def test_everybody_returns_when_the_canary_does_not(homes: Homes) -> None:
    with _following(homes, canary_ms=200) as (moving, work):
        switch = SlowWayBack(moving)
        work.say = switch.hear
        with pytest.raises(GateFailed, match="Everybody is back on the source"):
            verbs.cutover(work, switch)
        _require_home(moving, work)


async def test_a_crash_while_both_doors_are_closed(homes: Homes) -> None:
    with _following(homes) as (moving, work):
        work.store.begin("cutover")
        with moving.source.session("fence") as session:
            doors.close(work, moving.source, session)  # and the machine dies here
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            moving.in_source("INSERT INTO a (v) VALUES ('no')")
        verbs.rollback(work, SWITCH)
        _require_home(moving, work)


@pytest.mark.parametrize("gate", ["drift", "unverified"])
async def test_a_gate_that_is_shut_says_why(homes: Homes, gate: str) -> None:
    with homes.move(*TABLES) as moving:
        moving.plan(ddl="record")
        with moving.work() as work:
            verbs.run_to_stream(work)
            if gate == "drift":
                assert verify(work).equal
                moving.in_source("CREATE INDEX late ON a (v)")
            with pytest.raises(GateFailed, match={"drift": "CREATE INDEX", "unverified": "Nothing was verified"}[gate]):
                verbs.cutover(work, SWITCH)
            assert work.store.standing().doing is None


@pytest.mark.parametrize("side", ["old", "new"])
async def test_a_server_that_dies_under_the_stream_loses_nothing(homes: Homes, side: str) -> None:
    with homes.move(*TABLES) as moving:

        def prepared() -> None:
            moving.plan()
            with moving.work() as work:
                verbs.run_to_stream(work)
            moving.in_source(
                "SET synchronous_commit = on", "INSERT INTO a (v) SELECT 'before' FROM generate_series(1, 500)"
            )

        def compared() -> None:
            with moving.work() as work:
                moving.in_source("INSERT INTO a (v) SELECT 'after' FROM generate_series(1, 500)")
                assert verify(work).equal
                verbs.cutover(work, SWITCH)
                assert moving.ask(moving.target, "SELECT count(*), count(DISTINCT id) FROM a") == [(1050, 1050)]

        steps: tuple[Callable[[], None], ...] = (prepared, compared)
        await asyncio.to_thread(steps[0])
        await getattr(homes, side).kill("postgres")
        await asyncio.to_thread(steps[1])
