"""What breaks around a cutover: each time either nothing was changed, or everything arrived, and it is said which."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import psycopg
import pytest

from directfanz.migrate import verbs
from directfanz.migrate.cutover import doors
from directfanz.migrate.cutover.cutover import OPENED
from directfanz.migrate.cutover.recovery import recover
from directfanz.migrate.errors import GateFailed, Incomplete
from directfanz.migrate.follow import sequences
from directfanz.migrate.side import Side
from directfanz.migrate.verify.verify import verify
from directfanz.migrate.work import Work
from tests.support.moves import with_options
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


@pytest.fixture(scope="module")
def stream(homes: Homes) -> Iterator[tuple[Moving, Work]]:
    """One move for all tests that leave it where they found it: following, with the writes on the source."""
    with homes.move(*TABLES) as moving:
        moving.plan(canary_ms=2000)
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


Stream = tuple[Moving, Work]


async def test_a_fence_that_is_not_granted_changes_nothing(stream: Stream) -> None:
    moving, work = stream
    with with_options(work, fence_tries=3), psycopg.connect(moving.source.address) as session:
        session.execute("UPDATE a SET v = 'held' WHERE id = 1")
        with pytest.raises(GateFailed, match="not granted in 3 tries"):
            verbs.cutover(work, SWITCH)
        session.commit()
        _require_home(moving, work)


async def test_a_switch_that_fails_before_the_flip_changes_nothing(stream: Stream) -> None:
    moving, work = stream
    with pytest.raises(GateFailed, match="The switch is broken"):
        verbs.cutover(work, BreakingSwitch("pause"))
    _require_home(moving, work)


async def test_a_switch_that_fails_after_the_flip_is_gone_on_with(stream: Stream) -> None:
    moving, work = stream
    switch = BreakingSwitch("target")
    ((before,),) = moving.ask(moving.source, "SELECT count(*) FROM a")
    with pytest.raises(GateFailed, match="The switch is broken"):
        verbs.cutover(work, switch)
    with pytest.raises(Incomplete, match="--resume"):
        verbs.cutover(work, switch)
    moving.in_target("INSERT INTO a (v) VALUES ('already here')")
    verbs.cutover(work, switch, resume=True)
    assert verify(work).equal
    verbs.rollback(work, switch)
    assert moving.ask(moving.source, "SELECT count(*), max(id) FROM a") == [(before + 1, before + 1)]
    _require_home(moving, work)


async def test_the_same_failure_may_be_rolled_back_with_what_was_written(stream: Stream) -> None:
    moving, work = stream
    with pytest.raises(GateFailed):
        verbs.cutover(work, BreakingSwitch("target"))
    moving.in_target("INSERT INTO a (v) VALUES ('written in between')")
    verbs.rollback(work, SWITCH)
    assert moving.ask(moving.source, "SELECT count(*) FROM a WHERE v = 'written in between'") == [(1,)]
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


async def test_everybody_returns_when_the_canary_does_not(stream: Stream) -> None:
    moving, work = stream
    with with_options(work, canary_ms=200):
        switch = SlowWayBack(moving)
        work.say = switch.hear
        with pytest.raises(GateFailed, match="Everybody is back on the source"):
            verbs.cutover(work, switch)
        work.say = moving.said.append
        _require_home(moving, work)


async def test_a_crash_while_both_doors_are_closed(stream: Stream) -> None:
    moving, work = stream
    work.store.begin("cutover")
    with moving.source.session("fence") as session:
        doors.close(work, moving.source, session)  # and the machine dies here
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        moving.in_source("INSERT INTO a (v) VALUES ('no')")
    recover(work)  # what every command does first
    assert "nothing" in work.store.journal(1)[0].message
    _require_home(moving, work)


async def test_a_crash_behind_the_flip_opens_the_new_side(stream: Stream) -> None:
    """Written down is that the target was to be opened; the door itself was not."""
    moving, work = stream
    work.store.begin("cutover")
    sequences.carry_over(work)
    with moving.source.session("fence") as session:
        doors.close(work, moving.source, session)
    work.store.remember(OPENED, "target")
    recover(work)
    moving.in_target("INSERT INTO a (v) VALUES ('after the crash')")
    verbs.rollback(work, SWITCH)
    assert moving.ask(moving.source, "SELECT count(*) FROM a WHERE v = 'after the crash'") == [(1,)]
    _require_home(moving, work)


async def test_a_gate_that_is_shut_says_why(homes: Homes) -> None:
    with homes.move(*TABLES) as moving:
        moving.plan(ddl="record")
        with moving.work() as work:
            verbs.run_to_stream(work)
            with pytest.raises(GateFailed, match="Nothing was verified"):
                verbs.cutover(work, SWITCH)
            assert verify(work).equal
            moving.in_source("CREATE INDEX late ON a (v)")
            with pytest.raises(GateFailed, match="CREATE INDEX"):
                verbs.cutover(work, SWITCH)
            assert work.store.standing().doing is None


async def test_servers_that_die_under_the_stream_lose_nothing(homes: Homes) -> None:
    """kill -9 of the old one, and of the new one, with changes on their way."""
    with homes.move(*TABLES) as moving:
        durable = "SET synchronous_commit = on"

        def prepared() -> None:
            moving.plan()
            with moving.work() as work:
                verbs.run_to_stream(work)

        def compared() -> None:
            with moving.work() as work:
                moving.in_source("INSERT INTO a (v) SELECT 'after' FROM generate_series(1, 500)")
                assert verify(work).equal
                verbs.cutover(work, SWITCH)
                assert moving.ask(moving.target, "SELECT count(*), count(DISTINCT id) FROM a") == [(1550, 1550)]

        await asyncio.to_thread(prepared)
        for home in (homes.old, homes.new):
            await asyncio.to_thread(
                moving.in_source, durable, "INSERT INTO a (v) SELECT 'before' FROM generate_series(1, 500)"
            )
            await home.kill("postgres")
        await asyncio.to_thread(compared)
