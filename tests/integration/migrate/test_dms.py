"""DMS in the place of our own copier and streams: the same verbs, the same verification, the same fence. moto beside it, for the words."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import psycopg
import pytest

from directfanz.migrate import verbs
from directfanz.migrate.dms import engine
from directfanz.migrate.dms.permissions import DRIVING
from directfanz.migrate.dms.tasks import Task
from directfanz.migrate.errors import GateFailed, MigrationError, WrongUse
from directfanz.migrate.verify.verify import verify
from tests.support.aws import aws
from tests.support.dms import ARN, Dms, serving
from tests.support.two_homes import SWITCH, Homes, Moving

TABLES = (
    "CREATE TABLE people (id serial PRIMARY KEY, name text)",
    "INSERT INTO people (name) SELECT 'p' || n FROM generate_series(1, 500) n",
    "CREATE TABLE orders (id int PRIMARY KEY, person int REFERENCES people ON DELETE CASCADE)",
    "INSERT INTO orders SELECT n, n FROM generate_series(1, 300) n",
    "CREATE TABLE trail (what text); INSERT INTO trail VALUES ('same'), ('same')",
    "CREATE INDEX ON people (name)",
)
ENDPOINT = "AWS_ENDPOINT_URL_DATABASE_MIGRATION_SERVICE"  # boto3's own variable
NAMES = ("people", "orders", "trail")


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "LOOK_SECONDS", 0.02)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")


@contextmanager
def _between(homes: Homes, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Moving, Dms]]:
    with homes.move(*TABLES) as moving:
        dms = Dms(moving.source.address, moving.target.address, NAMES)
        with serving(dms) as address:
            monkeypatch.setenv(ENDPOINT, address)
            moving.plan(engine="dms", dms_task=ARN, reverse=False)
            yield moving, dms


async def test_the_same_verbs_move_everything(homes: Homes, monkeypatch: pytest.MonkeyPatch) -> None:
    def moved() -> None:
        with _between(homes, monkeypatch) as (moving, dms), moving.work() as work:
            verbs.schema(work)
            verbs.copy(work)
            assert work.store.standing().phase == "copied"
            with pytest.raises(WrongUse, match="keeps no moment"):
                verify(work)
            moving.in_source(
                "UPDATE people SET name = 'changed' WHERE id % 5 = 0",
                "DELETE FROM people WHERE id = 7",
                "INSERT INTO trail VALUES ('same')",
            )
            verbs.follow(work)
            assert [one for one in dms.asked if "-" in one] == ["start-replication", "resume-processing"]
            verdict = verify(work)
            assert verdict.equal, verdict.sentences()
            moving.corrupt("UPDATE people SET name = 'rot' WHERE id = 3")
            assert [row.what for table in verify(work).tables for row in table.named] == ["changed"]
            moving.corrupt("UPDATE people SET name = 'p3' WHERE id = 3")
            assert verify(work).equal
            moving.in_source("INSERT INTO people (name) SELECT 'late' FROM generate_series(1, 100)")
            verbs.cutover(work, SWITCH)
            assert moving.ask(moving.target, "SELECT count(*), max(id) FROM people") == [(599, 600)]
            assert moving.ask(moving.target, "SELECT nextval('people_id_seq')") == [(601,)]
            with pytest.raises(psycopg.errors.ForeignKeyViolation):
                moving.in_target("INSERT INTO orders VALUES (9000, 9000)")
            with pytest.raises(WrongUse, match="no stream back"):
                verbs.rollback(work, SWITCH)

    await asyncio.to_thread(moved)


async def test_a_load_that_ends_behind_an_answer_is_whole(homes: Homes, monkeypatch: pytest.MonkeyPatch) -> None:
    """How the tables stood before it stopped says nothing about what is missing."""

    def moved() -> None:
        with _between(homes, monkeypatch) as (moving, dms), moving.work() as work:
            dms.answers_late = True
            verbs.schema(work)
            verbs.copy(work)
            assert work.store.standing().phase == "copied"

    await asyncio.to_thread(moved)


async def test_a_task_that_fails_says_which_table(homes: Homes, monkeypatch: pytest.MonkeyPatch) -> None:
    def moved() -> None:
        with _between(homes, monkeypatch) as (moving, dms), moving.work() as work:
            dms.breaks_at = "orders"
            verbs.schema(work)
            with pytest.raises(MigrationError, match=r"could not load public\.orders: Table error"):
                verbs.copy(work)
            verbs.rollback(work, SWITCH)
            assert work.store.standing().phase == "schema"

    await asyncio.to_thread(moved)


async def test_a_task_that_stops_early_is_not_taken_for_whole(homes: Homes, monkeypatch: pytest.MonkeyPatch) -> None:
    def moved() -> None:
        with _between(homes, monkeypatch) as (moving, dms), moving.work() as work:
            dms.stops_early = True
            verbs.schema(work)
            with pytest.raises(GateFailed, match=r'not whole: "public"\."trail"'):
                verbs.copy(work)
            dms.status = "stopped"
            with pytest.raises(GateFailed, match="The task of DMS is stopped"):
                engine.require_running(work)

    await asyncio.to_thread(moved)


async def test_plans_that_dms_cannot_keep_are_refused(homes: Homes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:9")
    with homes.move(*TABLES[:1]) as moving:
        with pytest.raises(WrongUse, match="one way"):
            moving.plan(engine="dms", dms_task=ARN)
        with pytest.raises(WrongUse, match="wants the ARN"):
            moving.plan(engine="dms", dms_task="move", reverse=False)


async def test_the_words_are_those_of_the_simulator_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start, stop, and going on, as moto knows a task; and every word that is used is permitted."""
    monkeypatch.setenv(ENDPOINT, aws().endpoint)
    client = boto3.client("dms", region_name="eu-west-1", endpoint_url=aws().endpoint)
    made = client.create_replication_task(
        ReplicationTaskIdentifier="move-words",
        SourceEndpointArn="arn:aws:dms:eu-west-1:123456789012:endpoint:A",
        TargetEndpointArn="arn:aws:dms:eu-west-1:123456789012:endpoint:B",
        ReplicationInstanceArn="arn:aws:dms:eu-west-1:123456789012:rep:C",
        MigrationType="full-load-and-cdc",
        TableMappings="{}",
    )
    task = Task(made["ReplicationTask"]["ReplicationTaskArn"])
    task.start()
    assert task.standing().status == "running"
    task.start()  # one that runs is left alone
    task.stop()
    assert task.standing().status == "stopped"
    with pytest.raises(WrongUse, match="There is no replication task"):
        Task(f"{task.arn}X").standing()
    permitted = {action for statement in DRIVING for action in statement.actions}
    assert permitted == {
        "dms:DescribeTableStatistics",
        "dms:StartReplicationTask",
        "dms:StopReplicationTask",
        "dms:DescribeReplicationTasks",
    }
