"""One database with one of everything goes there, back, there again, and stays."""

from __future__ import annotations

import pytest

from directfanz.migrate import verbs
from directfanz.migrate.catalogue import compare
from directfanz.migrate.errors import GateFailed, Incomplete, WrongUse
from directfanz.migrate.verify.verify import repair, verify
from tests.integration.migrate.shop import SHOP
from tests.support.two_homes import SWITCH, Homes


@pytest.mark.requirement("C11.1")
async def test_there_and_back_and_there_to_stay(homes: Homes) -> None:
    with homes.move(*SHOP) as moving:
        moving.plan(part_bytes=64 * 1024)
        with moving.work() as work:
            with pytest.raises(WrongUse, match="What comes next is `schema`"):
                verbs.copy(work)
            verbs.schema(work)
            verbs.copy(work)
            before = verify(work)
            assert before.equal, before.sentences()
            assert before.left_out == []
            moving.in_source(
                "UPDATE people SET pocket = 1 WHERE name = 'Ada'", "DELETE FROM diary WHERE ctid = '(0,1)'"
            )
            verbs.follow(work)
            assert verify(work).equal

            moving.in_source(
                "SELECT nextval('invoice_number')",
                "SELECT lo_from_bytea(4244, '\\x01')",
                "UPDATE scratch SET v = 'new'",
            )
            fenced = verbs.cutover(work, SWITCH)
            assert fenced is not None
            assert moving.ask(moving.target, "SELECT nextval('invoice_number')") == [(1000 + 7 * 2001,)]
            assert moving.ask(moving.target, "SELECT v, lo_get(4244) FROM scratch") == [("new", b"\x01")]
            with pytest.raises(Exception, match="read-only"):
                moving.in_source("INSERT INTO diary VALUES (now(), 'too late')")

            moving.in_target("INSERT INTO diary VALUES ('epoch', 'on the new side')")
            assert verify(work).equal
            verbs.rollback(work, SWITCH)
            assert moving.ask(moving.source, "SELECT count(*) FROM diary WHERE line = 'on the new side'") == [(1,)]
            assert moving.ask(moving.source, "SELECT nextval('invoice_number')") == [(1000 + 7 * 2002,)]

            moving.in_source("INSERT INTO diary VALUES ('epoch', 'back home')")
            assert verify(work).equal
            verbs.cutover(work, SWITCH)
            with pytest.raises(GateFailed, match="Verify once more"):
                verbs.finish(work)
            assert verify(work).equal
            verbs.finish(work)
        assert moving.ask(moving.target, "SELECT count(*) FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid "
                          "WHERE d.datname = current_database()") == [(0,)]  # fmt: skip
        with moving.source.session("test") as here, moving.target.session("test") as there:
            assert compare.compare(compare.read(here), compare.read(there)) == []


async def test_what_is_found_is_named_and_mended(homes: Homes) -> None:
    with homes.move(*SHOP) as moving:
        moving.plan()
        with moving.work() as work:
            verbs.run_to_stream(work)
            moving.corrupt(
                "UPDATE people SET double = 0 WHERE name = 'Ada'",  # was -0
                "UPDATE people SET exact = 1.0 WHERE name = 'Ada'",  # was 1.00
                "DELETE FROM orders WHERE id = (SELECT min(id) FROM orders)",
                "INSERT INTO diary SELECT * FROM diary LIMIT 1",
                "INSERT INTO parent VALUES (77)",
            )
            found = verify(work)
            assert not found.equal
            moving.corrupt(
                "ALTER TEXT SEARCH CONFIGURATION plain_words DROP MAPPING FOR word",
                "ALTER SERVER away OPTIONS (SET host 'there')",
            )
            assert [line.split(" differs")[0] for line in verify(work).catalogue] == [
                "text search configuration public.plain_words",
                "foreign server away",
            ]
            moving.corrupt(
                "ALTER TEXT SEARCH CONFIGURATION plain_words ADD MAPPING FOR word WITH simple",
                "ALTER SERVER away OPTIONS (SET host 'away')",
            )
            assert {(row.table, row.what) for table in found.tables for row in table.named} == {
                ('"public"."people"', "changed"),
                ('"public"."orders"', "missing"),
                ('"public"."diary"', "extra"),
                ('"public"."parent"', "extra"),
            }
            with pytest.raises(GateFailed, match="found differences"):
                verbs.cutover(work, SWITCH)
            assert repair(work, found) == 5
            assert verify(work).equal
            assert moving.ask(moving.source, "SELECT count(*) FROM diary") == [(5,)]  # the repair did not travel back


async def test_ddl_waits_until_the_move_is_over(homes: Homes) -> None:
    with homes.move("CREATE TABLE a (id int PRIMARY KEY)") as moving:
        moving.plan()
        with moving.work() as work:
            verbs.run_to_stream(work)
            with pytest.raises(Exception, match="The schema is being moved"):
                moving.in_source("ALTER TABLE a ADD COLUMN b int")
            with pytest.raises(Exception, match="The schema is being moved"):
                moving.in_source("DROP TABLE a")
            moving.in_source("CREATE TEMP TABLE t (x int); DROP TABLE t")
            verbs.rollback(work, SWITCH, to="planned")
            moving.in_source("ALTER TABLE a ADD COLUMN b int")
            assert moving.ask(moving.source, "SELECT count(*) FROM pg_namespace WHERE nspname = 'dfz_migration'") == [
                (0,)
            ]
            assert moving.ask(
                moving.source, "SELECT count(*) FROM pg_replication_slots WHERE database = current_database()"
            ) == [(0,)]
            assert moving.ask(moving.target, "SELECT to_regclass('public.a')") == [(None,)]


async def test_an_interrupted_verb_says_how_to_go_on(homes: Homes) -> None:
    with homes.move("CREATE TABLE a (id int PRIMARY KEY)", "INSERT INTO a VALUES (1)") as moving:
        moving.plan()
        with moving.work() as work:
            verbs.schema(work)
            work.store.begin("copy")  # and the machine dies
            with pytest.raises(Incomplete, match="--resume"):
                verbs.copy(work)
            verbs.copy(work, resume=True)
            with pytest.raises(WrongUse, match="`copy` cannot begin"):
                verbs.copy(work)
            verbs.rollback(work, SWITCH)
            verbs.copy(work)
            assert verify(work).equal
