"""The migrator against databases of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from directfanz.backends.database.migrations import FOLDER, QUEUE, migrate, pending, queue_steps, read_steps
from directfanz.backends.database.schema_dump import dump, normalised
from directfanz.errors import ConfigurationError
from directfanz.kit.ids import new_id
from directfanz.local.engines.programs import postgres_tree
from directfanz.local.engines.roles import drop_database, ensure_database
from directfanz.platform_toml import Platform
from tests.support.engines import Engines
from tests.support.worlds import World

PG_DUMP = postgres_tree() / "bin" / "pg_dump"


@pytest.fixture
def empty(engines: Engines, platform: Platform, world: World) -> Iterator[str]:
    """A database with its extensions and nothing else. (`world` has seen to the roles.)"""
    name = f"migrations_{new_id().hex}"
    ensure_database(engines.postgres_url(), name, platform.database.extensions)
    yield engines.owner_url(name)
    drop_database(engines.postgres_url(), name)


Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A migration file in a folder of the test's own."""

    def write(name: str, text: str) -> Path:
        (tmp_path / name).write_text(text)
        return tmp_path

    return write


def ask(url: str, question: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(sql.SQL(question)).fetchall()


def tables(url: str) -> set[str]:
    return {str(row[0]) for row in ask(url, "select tablename from pg_tables where schemaname = 'public'")}


async def test_all_files_apply_once_in_order(empty: str) -> None:
    names = [step.name for step in read_steps(FOLDER)]
    assert await pending(empty) == [step.name for step in queue_steps()] + names
    assert await migrate(empty) == names
    assert await migrate(empty) == []
    assert await pending(empty) == []


async def test_two_migrators_do_not_meet(empty: str) -> None:
    applied = await asyncio.gather(migrate(empty), migrate(empty), migrate(empty))
    assert sorted(map(len, applied)) == [0, 0, len(read_steps(FOLDER))]


async def test_expand_comes_before_a_deploy_and_contract_after(empty: str, write: Write) -> None:
    folder = write("0001_one.expand.sql", "create table one (a int)")
    assert await migrate(empty, folder, "expand") == ["0001_one.expand"]
    write("0002_two.expand.sql", "alter table one add b int")
    write("0002_two.contract.sql", "alter table one drop a")
    write("0003_three.expand.sql", "create table three (a int)")
    assert await migrate(empty, folder, "expand") == ["0002_two.expand", "0003_three.expand"]
    assert await pending(empty, folder) == ["0002_two.contract"]
    assert await migrate(empty, folder, "contract") == ["0002_two.contract"]
    assert ask(
        empty, "select attname from pg_attribute where attrelid = 'one'::regclass and attnum > 0 and not attisdropped"
    ) == [("b",)]


async def test_an_empty_database_gets_everything_in_the_order_of_the_numbers(empty: str, write: Write) -> None:
    write("0002_two.contract.sql", "alter table one rename to two")
    write("0001_one.expand.sql", "create table one (a int)")
    folder = write("0003_three.expand.sql", "alter table two rename to three")
    assert await migrate(empty, folder, "expand") == ["0001_one.expand", "0002_two.contract", "0003_three.expand"]
    assert "three" in tables(empty)


async def test_a_file_that_changed_after_it_was_applied_is_refused(empty: str, write: Write) -> None:
    folder = write("0001_one.expand.sql", "create table one (a int)")
    await migrate(empty, folder)
    write("0001_one.expand.sql", "create table one (a bigint)")
    write("0002_two.expand.sql", "create table two (a int)")
    with pytest.raises(ConfigurationError, match=r"0001_one\.expand\.sql has changed"):
        await migrate(empty, folder)
    assert "two" not in tables(empty)


async def test_a_file_with_a_mistake_leaves_nothing_and_names_its_line(empty: str, write: Write) -> None:
    folder = write("0001_one.expand.sql", "create table one (a int);\n\ncreate table two (a nonsense);")
    with pytest.raises(ConfigurationError, match=r"0001_one\.expand\.sql:3: .*nonsense"):
        await migrate(empty, folder)
    assert "one" not in tables(empty)
    write("0001_one.expand.sql", "create table one (a int);")
    assert await migrate(empty, folder) == ["0001_one.expand"]


async def test_an_index_is_built_beside_the_traffic(empty: str, write: Write) -> None:
    write("0001_one.expand.sql", "create table one (a int)")
    statement = "create index concurrently one_a on one (a)"
    folder = write("0002_index.expand.sql", statement)
    with pytest.raises(ConfigurationError, match="CONCURRENTLY"):
        await migrate(empty, folder)
    write("0002_index.expand.sql", f"-- outside a transaction\n{statement}")
    assert await migrate(empty, folder) == ["0002_index.expand"]
    assert await migrate(empty, folder) == []


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (["one.sql"], "is named"),
        (["0001_one.sql"], "is named"),
        (["0001_one.expand.sql", "0001_two.expand.sql"], "same number"),
        ([], "holds no migrations"),
    ],
)
def test_names_that_say_nothing_are_refused(tmp_path: Path, names: list[str], problem: str) -> None:
    for name in names:
        (tmp_path / name).write_text("select 1")
    with pytest.raises(ConfigurationError, match=problem):
        read_steps(tmp_path)


async def test_a_missing_server_says_so(empty: str) -> None:
    with pytest.raises(ConfigurationError, match="does not let us in"):
        await migrate(empty.replace("directfanz_owner:", "nobody:"))


async def test_the_queue_of_an_older_package_catches_up(empty: str, world: World) -> None:
    """As if the queue had been installed by procrastinate 2 and the package was upgraded since."""
    files = resources.files("procrastinate.sql") / "migrations"
    old = [step for step in queue_steps() if step.name < f"{QUEUE}/03"]
    with psycopg.connect(empty, autocommit=True) as owner:
        owner.execute(
            "create table schema_migrations (name text primary key, checksum text, applied_at timestamptz not null default now())"
        )
        owner.execute("insert into schema_migrations values (%s)", [QUEUE])
        for step in old:
            name = step.name.removeprefix(f"{QUEUE}/")
            owner.execute((files / f"{name}.sql").read_bytes())
            owner.execute("insert into schema_migrations values (%s)", [step.name])
    applied = await migrate(empty)
    assert [name for name in applied if name.startswith(QUEUE)] == [s.name for s in queue_steps() if s not in old]
    assert queue_functions(empty) == queue_functions(world.owner_url)


def queue_functions(url: str) -> list[tuple[object, ...]]:
    """Those that the installed package calls; older ones may linger."""
    return ask(
        url,
        "select proname, pg_get_function_arguments(oid) from pg_proc where proname in ("
        " 'procrastinate_defer_jobs_v1', 'procrastinate_defer_periodic_job_v2', 'procrastinate_fetch_job_v2',"
        " 'procrastinate_finish_job_v1', 'procrastinate_retry_job_v2', 'procrastinate_cancel_job_v1',"
        " 'procrastinate_register_worker_v1', 'procrastinate_update_heartbeat_v1',"
        " 'procrastinate_prune_stalled_workers_v1') order by 1",
    )


async def test_the_application_changes_rows_but_not_the_schema(world: World) -> None:
    refused = [
        "create table mine (a int)",
        "delete from schema_migrations",
        "truncate job_failures",
        "drop table users",
    ]
    with psycopg.connect(world.settings.database_url, autocommit=True) as app:
        for statement in refused:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(statement.encode())
        app.execute("delete from job_failures where false")


async def test_the_schema_file_is_what_the_migrations_make(empty: str) -> None:
    await migrate(empty)
    made = await dump(PG_DUMP, empty)
    committed = (FOLDER.parent / "schema.sql").read_text()
    assert made == committed, "the schema has changed: run `directfanz schema --write` and commit database/schema.sql"


def test_a_dump_of_another_day_is_the_same_file() -> None:
    one = "\\restrict abc\n-- Dumped by pg_dump 18.6\nSET lock_timeout = 0;\n\n\n\nCREATE TABLE a (\n    b int\n);\n"
    other = "\\restrict xyz\n-- Dumped by pg_dump 18.7\n\nCREATE TABLE a (\n    b int\n);\n"
    assert normalised(one) == normalised(other)
    assert "CREATE TABLE a (\n    b int\n);" in normalised(one)
