"""What happens together, what is undone, what is repeated."""

from __future__ import annotations

import asyncio
import contextlib

import psycopg
import pytest

from directfanz.backends.database.contract import (
    ConstraintBroken,
    Database,
    QueryFailed,
    TransactionConflict,
    Writer,
)
from directfanz.backends.telemetry.contract import Telemetry
from directfanz.errors import NotFound

ADD = "INSERT INTO conformance_notes (id, text, amount) VALUES ($1, $2, 0)"
COUNT = "SELECT count(*) FROM conformance_notes"


async def test_a_block_that_ends_commits(database: Database) -> None:
    async with database.writing() as tx:
        await tx.execute(ADD, 1, "a")
        assert await database.fetch_value(COUNT) == 0  # nobody sees it yet
    assert await database.fetch_value(COUNT) == 1


async def add_and_fail(database: Database) -> None:
    async with database.writing() as tx:
        await tx.execute(ADD, 1, "a")
        raise NotFound("There is no such thing.")


async def test_any_exception_undoes_it_before_it_goes_on(database: Database) -> None:
    with pytest.raises(NotFound):
        await add_and_fail(database)
    async with database.writing() as tx:  # waits for nobody's lock
        await tx.execute(ADD, 1, "b")
    assert await database.fetch_value("SELECT text FROM conformance_notes") == "b"


async def add_until_it_breaks(tx: Writer) -> None:
    async with tx.savepoint():
        await tx.execute(ADD, 2, "b")
        async with tx.savepoint():
            await tx.execute(ADD, 3, "c")
        await tx.execute(ADD, 1, "again")


async def test_a_savepoint_is_undone_alone(database: Database) -> None:
    async with database.writing() as tx:
        await tx.execute(ADD, 1, "a")
        with pytest.raises(ConstraintBroken):
            await add_until_it_breaks(tx)
        async with tx.savepoint():
            await tx.execute(ADD, 4, "d")
    rows = await database.fetch("SELECT id FROM conformance_notes ORDER BY id")
    assert [row[0] for row in rows] == [1, 4]


async def swallow_an_error(database: Database) -> None:
    async with database.writing() as tx:
        await tx.execute(ADD, 1, "a")
        with contextlib.suppress(ConstraintBroken):
            await tx.execute(ADD, 1, "again")


async def test_going_on_after_an_error_does_not_pass_for_success(database: Database) -> None:
    with pytest.raises(QueryFailed, match="savepoint"):
        await swallow_an_error(database)
    assert await database.fetch_value(COUNT) == 0


async def test_a_handle_is_dead_after_its_block(database: Database) -> None:
    async with database.writing() as tx:
        pass
    with pytest.raises(RuntimeError, match="outside its block"):
        await tx.execute(ADD, 1, "a")


async def test_run_repeats_what_a_serialization_failure_undid(database: Database, telemetry: Telemetry) -> None:
    meeting, tries = asyncio.Barrier(2), {1: 0, 2: 0}

    async def add_the_total(tx: Writer, me: int) -> None:
        tries[me] += 1
        total = await tx.fetch_value("SELECT coalesce(sum(amount), 0) FROM conformance_notes")
        if tries[me] == 1:
            await meeting.wait()  # each has read what the other one is about to change
        await tx.execute("INSERT INTO conformance_notes (id, text, amount) VALUES ($1, '', $2)", me, total + 1)

    await asyncio.gather(
        database.run(lambda tx: add_the_total(tx, 1), "serializable"),
        database.run(lambda tx: add_the_total(tx, 2), "serializable"),
    )
    rows = await database.fetch("SELECT amount FROM conformance_notes ORDER BY amount")
    assert [row[0] for row in rows] == [1, 2]  # as if one had come after the other
    assert sum(tries.values()) == 3
    assert b'database_retries_total{reason="transaction_conflict"' in telemetry.prometheus()[0]


async def test_run_repeats_the_victim_of_a_deadlock(database: Database) -> None:
    async with database.writing() as tx:
        await tx.execute_many(ADD, [(1, "a"), (2, "b")])
    meeting, first_time = asyncio.Barrier(2), {1, 2}
    raise_one = "UPDATE conformance_notes SET amount = amount + 1 WHERE id = $1"

    async def cross(tx: Writer, one: int, other: int) -> None:
        await tx.execute(raise_one, one)
        if one in first_time:
            first_time.discard(one)
            await meeting.wait()
        await tx.execute(raise_one, other)

    await asyncio.gather(database.run(lambda tx: cross(tx, 1, 2)), database.run(lambda tx: cross(tx, 2, 1)))
    rows = await database.fetch("SELECT amount FROM conformance_notes")
    assert [row[0] for row in rows] == [2, 2]


async def test_run_gives_up_after_some_tries(database: Database) -> None:
    tries = 0

    async def never(tx: Writer) -> None:
        nonlocal tries
        tries += 1
        raise TransactionConflict("Again.")

    with pytest.raises(TransactionConflict):
        await database.run(never)
    assert 3 <= tries <= 10


async def test_other_errors_are_not_repeated(database: Database) -> None:
    tries = 0

    async def once(tx: Writer) -> None:
        nonlocal tries
        tries += 1
        raise NotFound("There is no such thing.")

    with pytest.raises(NotFound):
        await database.run(once)
    assert tries == 1


async def test_repeatable_read_sees_one_moment(database: Database) -> None:
    async with database.writing("repeatable_read") as tx:
        assert await tx.fetch_value(COUNT) == 0
        async with database.writing() as other:
            await other.execute(ADD, 1, "a")
        assert await tx.fetch_value(COUNT) == 0
    async with database.writing() as tx:
        assert await tx.fetch_value(COUNT) == 1


async def test_statements_survive_a_change_of_the_schema(database: Database, owner_url: str) -> None:
    sql = "SELECT * FROM conformance_notes"
    async with database.writing() as tx:
        await tx.execute(ADD, 1, "a")
        await tx.fetch(sql)
    await database.fetch(sql)
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("alter table conformance_notes add extra integer default 7")
        try:
            row = await database.fetch_row(sql)
            in_transaction = await database.run(lambda tx: tx.fetch_row(sql))
        finally:
            owner.execute("alter table conformance_notes drop extra")
    assert row is not None
    assert in_transaction is not None
    assert row["extra"] == in_transaction["extra"] == 7
    async with database.reading() as reader:
        assert len((await reader.fetch(sql))[0]) == 4
