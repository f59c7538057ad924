"""A failover of the source under a running move, with a real primary and its standby behind one address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from directfanz.migrate import verbs
from directfanz.migrate.cutover.recovery import is_closed
from directfanz.migrate.errors import GateFailed
from tests.support.moves import SMALL, require_equal
from tests.support.own_engines import OwnEngines, own_engines
from tests.support.standby import Standby, standby_of
from tests.support.two_homes import SWITCH, Homes, Moving
from tests.support.wobbly import Line, line_to


@asynccontextmanager
async def _pair(*, slots: bool) -> AsyncIterator[tuple[OwnEngines, Standby, Line]]:
    async with own_engines("postgres", durable=False) as primary, standby_of(primary, slots=slots) as standby:
        with line_to(primary.set.postgres.port) as line:
            yield primary, standby, line


async def _fail_over(primary: OwnEngines, standby: Standby, line: Line) -> None:
    await primary.supervisor.stop()
    await asyncio.to_thread(standby.take_over)
    line.lead_to(standby.postgres.port)


def _address(primary: OwnEngines, line: Line) -> str:
    return primary.set.postgres.url().replace(f":{primary.set.postgres.port}/", f":{line.port}/")


def _to_stream(moving: Moving) -> None:
    moving.plan(lag_ms=20_000)
    with moving.work() as work:
        verbs.run_to_stream(work)
        require_equal(work)


def _write(moving: Moving, rows: int) -> None:
    with psycopg.connect(moving.source.address, autocommit=True) as session:
        session.execute("SET synchronous_commit = on")  # told when the standby has it
        session.execute("INSERT INTO a (v) SELECT 'told' FROM generate_series(1, %s)", (rows,))


def _there_and_back(moving: Moving) -> None:
    with moving.work() as work:
        require_equal(work)
        verbs.cutover(work, SWITCH)
        moving.in_target("INSERT INTO a (v) VALUES ('there')")
        require_equal(work)
        verbs.rollback(work, SWITCH)
        require_equal(work)
    for side in (moving.source, moving.target):
        assert moving.ask(side, "SELECT count(*), count(DISTINCT id) FROM a") == [(351, 351)]


async def test_a_standby_with_our_slots_takes_over_and_the_move_goes_on(homes: Homes) -> None:
    """PostgreSQL 17 and later, `sync_replication_slots` on: nobody has to do anything."""
    async with _pair(slots=True) as (primary, standby, line):
        with homes.move_from(_address(primary, line), *SMALL) as moving:
            await asyncio.to_thread(_to_stream, moving)
            await standby.has_slots()
            await asyncio.to_thread(_write, moving, 200)
            await _fail_over(primary, standby, line)
            await asyncio.to_thread(_write, moving, 100)
            await asyncio.to_thread(_there_and_back, moving)


async def test_a_standby_without_our_slots_is_a_refusal_that_says_so(homes: Homes) -> None:
    """What was written since cannot follow; going back costs the target only, and the move begins anew."""

    def refused(moving: Moving) -> None:
        with moving.work() as work:
            with pytest.raises(GateFailed, match="a standby took over that had no copy of the slot"):
                verbs.cutover(work, SWITCH)
            assert not is_closed(moving.source)
            verbs.rollback(work, SWITCH, to="planned")
            verbs.run_to_stream(work)

    async with _pair(slots=False) as (primary, standby, line):
        with homes.move_from(_address(primary, line), *SMALL) as moving:
            await asyncio.to_thread(_to_stream, moving)
            await asyncio.to_thread(_write, moving, 200)
            await _fail_over(primary, standby, line)
            await asyncio.to_thread(_write, moving, 100)
            await asyncio.to_thread(refused, moving)
            await asyncio.to_thread(_there_and_back, moving)
