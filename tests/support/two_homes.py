"""An old home and a new one: two PostgreSQL clusters, and databases in them for one test each."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg

from directfanz.backends.clock.system import SystemClock
from directfanz.migrate import planner
from directfanz.migrate.cutover.switches import ByHand
from directfanz.migrate.plan import Options
from directfanz.migrate.side import Side
from directfanz.migrate.work import Work, at_work
from tests.support.own_engines import OwnEngines, own_engines

ACCEPTED = (
    "keyless",
    "large-objects",
    "unlogged",
    "collation",
    "long-transactions",
    "invalid-indexes",
    "extension-versions",
)
CLOCK = SystemClock()
SWITCH = ByHand()
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Homes:
    old: OwnEngines
    new: OwnEngines

    @contextlib.contextmanager
    def move(self, *statements: str) -> Iterator[Moving]:
        """A database with these statements in it, and an empty one to move it to; both are gone afterwards."""
        with self.move_from(self.old.set.postgres.url(), *statements) as moving:
            yield moving

    @contextlib.contextmanager
    def move_from(self, address: str, *statements: str) -> Iterator[Moving]:
        """The same, from a server of somebody else's."""
        name = f"move_{next(_numbers)}"
        moving = Moving(
            Side("source", address).with_database(name),
            Side("target", self.new.set.postgres.url(database=name)),
        )
        for side in (moving.source, moving.target):
            with _admin(side) as admin:
                admin.execute(f'CREATE DATABASE "{name}"')
        try:
            for statement in statements:
                moving.in_source(statement)
            yield moving
        finally:
            moving.forget()


@dataclass(frozen=True, slots=True)
class Moving:
    source: Side
    target: Side
    said: list[str] = field(default_factory=list)

    def plan(self, **options: object) -> None:
        wanted = {"accept": ACCEPTED, "jobs": 2, "lag_ms": 5000, **options}
        planner.make_plan(self.source, self.target, CLOCK, Options(**wanted))  # type: ignore[arg-type] # a test's own words

    @contextlib.contextmanager
    def work(self, verb: str = "test") -> Iterator[Work]:
        with at_work(self.source, self.target, CLOCK, verb, say=self.said.append) as work:
            yield work

    def in_source(self, *statements: str) -> None:
        _do(self.source, statements)

    def in_target(self, *statements: str) -> None:
        """As an application that has a reason to write there."""
        _do(self.target, statements)

    def corrupt(self, *statements: str) -> None:
        """As no application would: past triggers and foreign keys, and seen by no stream."""
        with psycopg.connect(self.target.address, options="-c default_transaction_read_only=off") as session:
            session.execute("SET session_replication_role = replica")
            session.execute(
                """SELECT pg_replication_origin_create('rot') WHERE NOT EXISTS (
                SELECT FROM pg_replication_origin WHERE roname = 'rot')"""
            )
            session.commit()
            session.execute("SELECT pg_replication_origin_session_setup('rot')")
            for statement in statements:
                session.execute(statement)
            session.commit()

    def ask(self, side: Side, question: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(side.address, autocommit=True) as session:
            return session.execute(question).fetchall()

    def forget(self) -> None:
        for side in (self.source, self.target):
            with side.session("end") as session:
                session.execute(
                    "DROP EVENT TRIGGER IF EXISTS dfz_migration_ddl; DROP EVENT TRIGGER IF EXISTS dfz_migration_drop"
                )
                rows = session.rows(
                    "SELECT subname FROM pg_subscription s JOIN pg_database d ON d.oid = subdbid WHERE datname = current_database()"
                )
                for (name,) in rows:
                    session.execute(
                        f"ALTER SUBSCRIPTION {name} DISABLE; ALTER SUBSCRIPTION {name} SET (slot_name = NONE)"
                    )
                    session.execute(f"DROP SUBSCRIPTION {name}")
        for side in (self.source, self.target):
            with _admin(side) as admin:
                mine = "database = %s", (side.database,)
                admin.execute(
                    f"SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots WHERE {mine[0]} AND active",
                    mine[1],
                )
                admin.execute(
                    f"SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE {mine[0]}", mine[1]
                )
                admin.execute(f'DROP DATABASE "{side.database}" WITH (FORCE)')


def _do(side: Side, statements: tuple[str, ...]) -> None:
    with psycopg.connect(side.address, autocommit=True) as session:
        for statement in statements:
            session.execute(statement)


@contextlib.contextmanager
def _admin(side: Side) -> Iterator[psycopg.Connection]:
    with psycopg.connect(side.with_database("postgres").address, autocommit=True) as session:
        yield session


@contextlib.asynccontextmanager
async def two_homes() -> AsyncIterator[Homes]:
    async with own_engines("postgres", durable=False) as old, own_engines("postgres", durable=False) as new:
        yield Homes(old, new)
