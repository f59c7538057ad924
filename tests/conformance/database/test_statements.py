"""Reading and writing rows."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from directfanz.backends.database.contract import ConstraintBroken, Database, QueryFailed
from directfanz.errors import InvalidInput

ADD = "INSERT INTO conformance_notes (id, text) VALUES ($1, $2)"


async def test_rows_come_back_by_position_by_name_and_typed(database: Database) -> None:
    moment = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    key = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
    row = await database.fetch_row(
        "SELECT $1::uuid AS id, $2::timestamptz AS at, $3::jsonb AS data", key, moment, "[1]"
    )
    assert row is not None
    assert row["id"] == row[0] == key
    assert row["at"] == moment
    assert row["data"] == "[1]"


async def test_fetch_gives_all_rows_one_row_or_one_value(database: Database) -> None:
    sql = "SELECT g FROM generate_series(1, $1::int) g"
    assert [row[0] for row in await database.fetch(sql, 3)] == [1, 2, 3]
    row = await database.fetch_row(sql, 3)
    assert row is not None
    assert row["g"] == 1
    assert await database.fetch_value(sql, 3) == 1
    assert await database.fetch_row(sql, 0) is None
    assert await database.fetch_value(sql, 0) is None
    async with database.reading() as reader:
        assert await reader.fetch_value(sql, 3) == 1
        assert len(await reader.fetch(sql, 3)) == 3
        assert await reader.fetch_row(sql, 0) is None


async def test_execute_counts_the_rows_it_touched(database: Database) -> None:
    async with database.writing() as tx:
        assert await tx.execute(ADD, 1, "a") == 1
        await tx.execute_many(ADD, [(2, "b"), (3, "c")])
        assert await tx.execute("UPDATE conformance_notes SET amount = 5 WHERE id > $1", 1) == 2
        assert await tx.execute("UPDATE conformance_notes SET amount = 5 WHERE id = $1", 9) == 0
        assert await tx.execute("DELETE FROM conformance_notes") == 3


async def test_a_reader_cannot_write(database: Database) -> None:
    async with database.reading() as reader:
        with pytest.raises(QueryFailed) as refused:
            await reader.fetch(ADD, 1, "a")
    assert refused.value.sqlstate == "25006"
    with pytest.raises(QueryFailed):
        await database.fetch_row(ADD + " RETURNING id", 1, "a")
    assert await database.fetch_value("SELECT count(*) FROM conformance_notes") == 0


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ((1, "again", None, None), "conformance_notes_pkey"),
        ((2, "b", -1, None), "conformance_notes_amount"),
        ((2, "b", None, 99), "conformance_notes_friend"),
        ((2, None, None, None), "conformance_notes.text"),
    ],
)
async def test_a_broken_constraint_says_its_name(
    database: Database, values: tuple[object, ...], constraint: str
) -> None:
    async with database.writing() as tx:
        await tx.execute(ADD, 1, "a")
    with pytest.raises(ConstraintBroken) as broken:
        async with database.writing() as tx:
            await tx.execute(
                "INSERT INTO conformance_notes (id, text, amount, friend) VALUES ($1, $2, $3, $4)", *values
            )
    assert broken.value.constraint == constraint
    assert broken.value.status == 409


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        ("SELECT $1::text", "a\0b"),
        ("SELECT $1::text", "\ud800"),
        ("SELECT $1::int", 2**31),
        ("SELECT $1::bigint", 2**70),
        ("SELECT $1::int * 1000000", 2**30),
        ("SELECT $1::jsonb", '{"a": "\\u0000"}'),
        ("SELECT $1::jsonb", "{"),
        ("SELECT $1::text::uuid", "no uuid"),
        ("SELECT $1::text::timestamptz", "31 February"),
        ("SELECT $1::text::inet", "300.1.1.1"),
    ],
)
async def test_a_value_that_cannot_be_stored_is_the_senders_mistake(
    database: Database, sql: str, value: object
) -> None:
    with pytest.raises(InvalidInput):
        await database.fetch_value(sql, value)
    async with database.reading() as reader:
        with pytest.raises(InvalidInput):
            await reader.fetch_value(sql, value)
    with pytest.raises(InvalidInput):
        async with database.writing() as tx:
            await tx.fetch_value(sql, value)
    assert await database.fetch_value("SELECT 1") == 1


@pytest.mark.parametrize(
    ("sql", "values", "sqlstate"),
    [
        ("SELECT * FROM no_such_table", (), "42P01"),
        ("SELECT nonsense FROM", (), "42601"),
        ("SELECT 1 / $1::int", (0,), "22012"),
        ("SELECT $1::text", (5,), "22000"),  # a wrong type is a slip of ours, not of the sender
        ("SELECT * FROM pg_authid", (), "42501"),
    ],
)
async def test_our_own_mistakes_are_told_apart(
    database: Database, sql: str, values: tuple[object, ...], sqlstate: str
) -> None:
    with pytest.raises(QueryFailed) as failed:
        await database.fetch(sql, *values)
    assert failed.value.sqlstate == sqlstate
    assert failed.value.status == 500
