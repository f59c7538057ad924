"""P34: progress is true, never goes back, and has its milestones; also across a crash."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directfanz.migrate.catalogue.tables import Table
from directfanz.migrate.errors import Incomplete, WrongUse
from directfanz.migrate.move import parts
from directfanz.migrate.progress import Progress, Tick
from directfanz.migrate.state.machine import FORWARD, PHASES, Standing, Verb
from directfanz.migrate.state.store import Store
from directfanz.migrate.work import Work
from tests.support.two_homes import CLOCK, Homes

EACH = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def work(homes: Homes) -> Iterator[Work]:
    with homes.move("CREATE TABLE a (id int PRIMARY KEY)") as moving:
        moving.plan()
        with moving.work() as opened:
            yield opened


def _table(number: int, pages: int) -> Table:
    return Table(
        schema="s", name=f"t{number}", oid=number, filenode=1, pages=pages, bytes=pages * 8192, rows=0, logged=True, identity="d",
        key=(), columns=(), incomparable=(),
    )  # fmt: skip


@pytest.mark.property("P34")
async def test_what_is_told_is_what_arrived(work: Work) -> None:
    @EACH
    @given(
        st.lists(st.integers(0, 12), min_size=1, max_size=4),
        st.integers(2, 12),
        st.integers(0, 1 << 30),
        st.floats(0, 0.5),
    )
    def told(pages: list[int], part_pages: int, seed: int, crashes: float) -> None:
        session, run, chance = work.store.session, work.store.run, random.Random(seed)
        tables = [_table(number, size) for number, size in enumerate(pages)]
        parts.forget(session, run, [part.relation for part in parts.all_parts(session, run)])
        parts.lay_out(session, run, tables, 1, part_pages * 8192)
        total = sum(max(table.bytes, 1) for table in tables)
        waiting = parts.all_parts(session, run)
        chance.shuffle(waiting)
        ticks: list[Tick] = []
        progress = Progress("copy", CLOCK, ticks.append)
        done = 0
        while waiting:
            part = waiting.pop()
            session.execute("BEGIN")
            session.execute(parts.arrived(run, part, 1, 10))
            if chance.random() < crashes:
                session.execute("ROLLBACK")
                waiting.insert(0, part)
                progress = Progress("copy", CLOCK, ticks.append)  # another process goes on
            else:
                session.execute("COMMIT")
                done += part.weight
            account = parts.account(session, run)
            assert (account.done, account.total) == (done, total)
            progress.told(part.relation, account.done, account.total, account.rows, account.bytes, now=True)
        shares = [tick.share for tick in ticks]
        assert shares == sorted(shares)
        assert shares[-1] == 1
        assert ticks[-1].seconds_left == 0
        assert not parts.unfinished(session, run)

    await asyncio.to_thread(told)


VERBS = st.sampled_from([*FORWARD, "rollback"])


@pytest.mark.property("P34")
async def test_phases_move_as_the_machine_says_and_a_crash_is_never_forgotten(work: Work) -> None:
    @EACH
    @given(st.lists(st.tuples(VERBS, st.sampled_from(["", "resume", "restart"]), st.booleans()), max_size=12))
    def walked(steps: list[tuple[Verb, str, bool]]) -> None:
        store = work.store
        store.session.execute("UPDATE dfz_migration.run SET phase = 'planned', doing = NULL, undoing = false")
        milestones = len([line for line in store.journal() if line.kind == "milestone"])
        ended = 0
        for verb, how, crash in steps:
            before = store.standing()
            try:
                store.begin(verb, resume=how == "resume", restart=how == "restart")
            except (Incomplete, WrongUse):
                assert store.standing() == before  # a refusal changes nothing
                continue
            if crash:
                assert Store.open(store.session, CLOCK).standing().doing is not None
                continue
            phase = store.end("done")
            ended += 1
            assert store.standing() == Standing(phase)
            assert abs(PHASES.index(phase) - PHASES.index(before.phase)) <= 2
        assert len([line for line in store.journal() if line.kind == "milestone"]) == milestones + ended

    await asyncio.to_thread(walked)
    work.store.session.execute("UPDATE dfz_migration.run SET phase = 'planned', doing = NULL, undoing = false")
