"""No room for a server's log of writes: PostgreSQL stops itself and comes back. Nothing that was told is lost, and the move goes on."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from directfanz.migrate import verbs
from directfanz.migrate.errors import TargetProblem
from tests.support.full_disks import no_room_for_its_log
from tests.support.moves import SMALL, require_equal
from tests.support.two_homes import SWITCH, Homes, Moving

TABLES = 6
FILLED = tuple(
    statement
    for number in range(TABLES)
    for statement in (
        f"CREATE TABLE t{number} (id int PRIMARY KEY, v text STORAGE PLAIN)",
        f"INSERT INTO t{number} SELECT n, repeat(md5(n::text), 60) FROM generate_series(1, 4000) n",
    )
)


async def test_the_log_of_the_target_under_the_copy(homes: Homes) -> None:
    def moved() -> None:
        with homes.move(*FILLED, "VACUUM ANALYZE") as moving:
            moving.plan(part_bytes=1 << 20, jobs=1)
            with moving.work() as work:
                verbs.schema(work)
            with (
                no_room_for_its_log(homes.new),
                pytest.raises(TargetProblem, match=r"pg_wal|connection|terminat"),
                moving.work() as work,
            ):
                verbs.copy(work)
            moving.in_source("UPDATE t0 SET v = 'changed' WHERE id < 50")
            with moving.work() as work:
                verbs.run_to_stream(work)
                require_equal(work)
            for number in range(TABLES):
                question = f"SELECT count(*), count(DISTINCT id) FROM t{number}"
                assert moving.ask(moving.target, question) == [(4000, 4000)]

    await asyncio.to_thread(moved)


@pytest.mark.parametrize("name", ["old", "new"])
async def test_the_log_of_either_side_under_the_streams(homes: Homes, name: str) -> None:
    """Writers of the old side lose their server for a while; what they were told is there, on both sides, once."""

    def moved() -> None:
        with homes.move(*SMALL) as moving:
            moving.plan()
            with moving.work() as work:
                verbs.run_to_stream(work)
                require_equal(work)
            with no_room_for_its_log(getattr(homes, name)):
                told = _write(moving)
                assert (told < 40) == (name == "old")
            told += _write(moving, 1)
            with moving.work() as work:
                require_equal(work)
                verbs.cutover(work, SWITCH)
                require_equal(work)
            for side in (moving.source, moving.target):
                assert moving.ask(side, "SELECT count(*), count(DISTINCT id) FROM a") == [(50 + told, 50 + told)]

    await asyncio.to_thread(moved)


def _write(moving: Moving, most: int = 40) -> int:
    """How many rows were told to be written, each with a megabyte of the log; until the server goes, if it does."""
    told = 0
    try:
        with psycopg.connect(moving.source.address, autocommit=True) as session:
            session.execute("SET synchronous_commit = on")
            for _ in range(most):
                session.execute(
                    "WITH told AS (INSERT INTO a (v) VALUES ('told') RETURNING id) "
                    "SELECT pg_logical_emit_message(true, 'test', repeat('x', 1 << 20)) FROM told"
                )
                told += 1
    except psycopg.Error:
        assert most > 1
    return told
