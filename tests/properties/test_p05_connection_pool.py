"""P5: connections come from the pool, new ones only when it is exhausted.

Generated schedules of reads, transactions and long holds, some cancelled at any point, run against PostgreSQL at once. Whatever
happens, there are never more connections than the limit, everybody who is not cancelled is served, and in the end every
connection is back, clean, and no transaction is left open.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Literal, NamedTuple

import psycopg
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from directfanz.backends.database.connection import FETCH_VALUE, Connection
from directfanz.backends.database.pool import Pool
from directfanz.settings import Settings

LIMIT = 3
NAME = "directfanz pool property"
COUNT = (
    "SELECT count(*), count(*) FILTER (WHERE state LIKE 'idle in%%') FROM pg_stat_activity WHERE application_name = %s"
)


class Step(NamedTuple):
    """One borrower: what it does, and after how many turns of the loop it is cancelled, if at all."""

    kind: Literal["read", "slow", "transaction", "broken"]
    begins: int
    cancelled: int | None


steps = st.lists(
    st.builds(
        Step,
        st.sampled_from(["read", "slow", "transaction", "broken"]),
        st.integers(0, 30),
        st.none() | st.integers(0, 60),
    ),
    min_size=1,
    max_size=25,
)


class Watched(Pool):
    """The pool as it is; it only notes how many connections were open at most, and checks the count at each opening."""

    most = 0

    async def _open_one(self) -> Connection:
        assert not self._idle, "a new connection although one was idle"
        connection = await super()._open_one()
        self.most = max(self.most, self.size)
        return connection


@pytest.fixture
async def activity(settings: Settings) -> AsyncIterator[psycopg.AsyncConnection]:
    async with await psycopg.AsyncConnection.connect(settings.database_url, autocommit=True) as connection:
        yield connection


def pool_for(url: str) -> Watched:
    options = {"application_name": NAME}
    return Watched(
        lambda: Connection.open(url, settings=options, command_seconds=5), minimum=0, maximum=LIMIT, acquire_seconds=20
    )


async def borrow(pool: Pool, step: Step) -> str:
    for _ in range(step.begins):
        await asyncio.sleep(0)
    connection = pool.take() or await pool.acquire()
    error: BaseException | None = None
    try:
        if step.kind == "transaction":
            await connection.tell("BEGIN")
        await connection.ask(FETCH_VALUE, "SELECT pg_sleep($1)", 0.01 if step.kind == "slow" else 0)
        if step.kind == "transaction":
            await connection.commit()
        if step.kind == "broken":
            connection.cut()
    except BaseException as problem:
        error = problem
        raise
    finally:
        pool.give_after(connection, error)
    return "served"


async def cancel_after(task: asyncio.Task[str], turns: int) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()


@pytest.mark.property("P5")
@hypothesis_settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(schedule=steps)
async def test_the_pool_keeps_its_promise(
    settings: Settings, activity: psycopg.AsyncConnection, schedule: list[Step]
) -> None:
    pool = pool_for(settings.database_url)
    tasks = [asyncio.create_task(borrow(pool, step)) for step in schedule]
    cancels = [
        cancel_after(task, step.cancelled)
        for task, step in zip(tasks, schedule, strict=True)
        if step.cancelled is not None
    ]
    await asyncio.gather(*cancels)
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)

    for step, outcome in zip(schedule, outcomes, strict=True):
        assert outcome == "served" or (step.cancelled is not None and isinstance(outcome, asyncio.CancelledError))
    assert pool.most <= LIMIT
    await every_connection_works(pool)
    assert pool.in_use == 0
    _, in_transaction = await seen_by_the_server(activity)
    assert in_transaction == 0
    await pool.close()
    async with asyncio.timeout(10):
        while (await seen_by_the_server(activity))[0]:
            pass


async def every_connection_works(pool: Pool) -> None:
    """All of them at once: a leaked permit would let this wait for ever."""
    async with asyncio.timeout(10):
        borrowed = [await pool.acquire() for _ in range(LIMIT)]
    for connection in borrowed:
        assert await connection.ask(FETCH_VALUE, "SELECT txid_current_if_assigned() IS NULL") is True
        pool.give(connection)


async def seen_by_the_server(activity: psycopg.AsyncConnection) -> tuple[int, int]:
    row = await (await activity.execute(COUNT, [NAME])).fetchone()
    assert row
    assert row[0] <= LIMIT
    return int(row[0]), int(row[1])
