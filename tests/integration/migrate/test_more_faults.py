"""Certificates and clocks that give out under a move: nothing lost, nothing doubled, or a refusal that says why."""

from __future__ import annotations

import asyncio
import datetime
from pathlib import Path

import pytest
from psycopg import conninfo

from directfanz.migrate import planner, verbs
from directfanz.migrate.errors import GateFailed, SourceProblem
from directfanz.migrate.plan import Options
from directfanz.migrate.preflight import preflight
from directfanz.migrate.side import Side
from directfanz.migrate.work import at_work
from tests.support.moves import SMALL, require_equal
from tests.support.tls_front import DAY, Authority, tls_front
from tests.support.two_homes import ACCEPTED, CLOCK, SWITCH, Homes


async def test_a_certificate_that_ends(homes: Homes, tmp_path: Path) -> None:
    """All the way under TLS with the name checked; when it ends the source is named, and with a new one the move goes on."""

    def moved() -> None:
        authority = Authority(tmp_path)
        good = authority.certificate(ends_in=DAY)
        with homes.move(*SMALL) as moving, tls_front(int(moving.source.words["port"]), good) as front:
            words = {"host": "127.0.0.1", "port": str(front.port), "sslmode": "verify-full"}
            source = Side(
                "source", conninfo.make_conninfo(moving.source.address, **words, sslrootcert=str(authority.root))
            )
            planner.make_plan(source, moving.target, CLOCK, Options(accept=ACCEPTED, jobs=2, follow=False))
            with at_work(source, moving.target, CLOCK, "test") as work:
                verbs.schema(work)
                before = front.secured
                front.context = authority.certificate(ends_in=-DAY)
                with pytest.raises(SourceProblem, match="certificate"):
                    verbs.copy(work)
                assert front.secured == before
            with (
                pytest.raises(SourceProblem, match="certificate"),
                at_work(source, moving.target, CLOCK, "test"),
            ):
                pass
            front.context = authority.certificate(ends_in=DAY)
            with at_work(source, moving.target, CLOCK, "test") as work:
                verbs.run_to_stream(work, "copied")
                require_equal(work)

    await asyncio.to_thread(moved)


class Slow:
    """An operator's machine whose clock is an hour behind."""

    def now(self) -> datetime.datetime:
        return CLOCK.now() - datetime.timedelta(hours=1)

    def monotonic(self) -> float:
        return CLOCK.monotonic()

    async def sleep(self, seconds: float) -> None:
        await CLOCK.sleep(seconds)


async def test_a_clock_that_is_wrong(homes: Homes) -> None:
    """Preflight says so by name. Who lives with it loses nothing: no decision about a row is made by a clock."""

    def moved() -> None:
        with homes.move(*SMALL) as moving:
            moving.plan()
            with moving.work() as work:
                work.clock = Slow()
                with pytest.raises(GateFailed, match=r"clock: Its clock is 3[56]\d\d s away"):
                    verbs.schema(work)
            moving.plan(accept=(*ACCEPTED, "clock"))
            with at_work(moving.source, moving.target, Slow(), "test") as work:
                assert {one.verdict for one in preflight(work.source, work.target, work.plan, work.clock)} == {
                    "fine",
                    "warning",
                }
                verbs.run_to_stream(work)
                require_equal(work)
                verbs.cutover(work, SWITCH)
                moving.in_target("INSERT INTO a (v) VALUES ('there')")
            with moving.work() as work:  # the next operator's clock is right
                require_equal(work)
                verbs.rollback(work, SWITCH)
                require_equal(work)
            assert moving.ask(moving.source, "SELECT count(*), count(DISTINCT id) FROM a") == [(51, 51)]

    await asyncio.to_thread(moved)
