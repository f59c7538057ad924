"""The machine of the operator dies in the middle, or the moment of the copy is lost."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys

import pytest

from directfanz.migrate import verbs
from directfanz.migrate.errors import Held
from directfanz.migrate.move import holder, parts
from directfanz.migrate.move.generations import all_generations
from directfanz.migrate.verify.verify import verify
from tests.support.two_homes import SWITCH, Homes, Moving

ROWS = (
    "CREATE TABLE big (id int PRIMARY KEY, v text)",
    "INSERT INTO big SELECT n, repeat(md5(n::text), 30) FROM generate_series(1, 6000) n",
    "CREATE TABLE small (id int PRIMARY KEY, v text)",
    "INSERT INTO small SELECT n, 'x' FROM generate_series(1, 100) n",
    "VACUUM ANALYZE",
)
SLOWLY = 2 << 20


def _begun(moving: Moving) -> subprocess.Popen[bytes]:
    """Another process copies, and has told of its first part."""
    process = subprocess.Popen(
        [sys.executable, "-m", "directfanz", "migrate", "--json", "copy"],
        env={"MIGRATE_SOURCE": moving.source.address, "MIGRATE_TARGET": moving.target.address, "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    for line in process.stdout:
        if json.loads(line)["event"] == "progress":
            break
    return process


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


@pytest.mark.requirement("C11.4")
async def test_a_killed_copy_goes_on_with_what_it_had(homes: Homes) -> None:
    def killed() -> None:
        with homes.move(*ROWS) as moving:
            moving.plan(part_bytes=256 * 1024, bytes_per_second=SLOWLY, jobs=1)
            with moving.work() as work:
                verbs.schema(work)
            process = _begun(moving)
            with pytest.raises(Held, match="is at work here with `copy`"), moving.work():
                pass
            moving.in_source("UPDATE big SET v = 'changed' WHERE id % 10 = 0", "DELETE FROM small WHERE id > 50")
            _kill(process)
            with moving.target.session("test") as session:
                done = session.rows(
                    "SELECT relation, number, done_at FROM dfz_migration.part WHERE done_at IS NOT NULL ORDER BY 1, 2"
                )
                assert 0 < len(done) < session.value("SELECT count(*) FROM dfz_migration.part")
            with _taken_over(moving) as work:
                verbs.copy(work, resume=True)
                assert [one.number for one in all_generations(work)] == [1]
                after = work.store.session.rows(
                    "SELECT relation, number, done_at FROM dfz_migration.part ORDER BY 1, 2"
                )
                assert set(done) <= set(after)  # what had arrived was not copied again
                assert parts.account(work.store.session, work.store.run).rows == 6100
                assert verify(work).equal
                verbs.follow(work)
                assert verify(work).equal
                assert moving.ask(moving.target, "SELECT count(*) FROM big WHERE v = 'changed'") == [(600,)]

    await asyncio.to_thread(killed)


async def test_a_lost_moment_begins_anew_only_for_tables_that_are_not_whole(homes: Homes) -> None:
    def lost() -> None:
        with homes.move(*ROWS) as moving:
            moving.plan(part_bytes=256 * 1024, bytes_per_second=SLOWLY, jobs=1)
            with moving.work() as work:
                verbs.schema(work)
            _kill(_begun(moving))
            with _taken_over(moving) as work:
                # `small` is whole, `big` is not
                work.store.session.execute(
                    "UPDATE dfz_migration.part SET done_at = now(), rows = 100 WHERE relation LIKE '%small%'"
                )
                _fill_small(moving)
                holder.let_go(moving.source)
                moving.in_source("UPDATE big SET v = 'changed' WHERE id % 10 = 0", "DELETE FROM small WHERE id > 50")
                verbs.copy(work, resume=True)
                assert [one.tables for one in all_generations(work)] == [('"public"."small"',), ('"public"."big"',)]
                moving.in_source(
                    "UPDATE big SET v = 'again' WHERE id = 7",
                    "INSERT INTO big VALUES (7000, 'new')",
                    "INSERT INTO small VALUES (101, 'y')",
                )
                verbs.follow(work)
                verdict = verify(work)
                assert verdict.equal, verdict.sentences()
                verbs.cutover(work, SWITCH)
                assert verify(work).equal

    await asyncio.to_thread(lost)


def _fill_small(moving: Moving) -> None:
    """As its part would have: the rows of the first moment."""
    moving.corrupt("DELETE FROM small", "INSERT INTO small SELECT n, 'x' FROM generate_series(1, 100) n")


def _taken_over(moving: Moving):  # type: ignore[no-untyped-def]
    """The dead operator's session ends when its server sees that nobody is there: at once on one machine."""
    with moving.target.session("test") as session:
        session.execute("SELECT pg_advisory_lock(%s); SELECT pg_advisory_unlock(%s)".replace("%s", str(0x64667A_01)))
    return moving.work()
