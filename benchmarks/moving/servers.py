"""Two PostgreSQL clusters as somebody would run them for this: durable, with room, on one machine."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass

import psycopg

from tests.support.own_engines import OwnEngines, own_engines

ROOM = {
    "shared_buffers": "512MB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "wal_compression": "off",
}
DATABASE = "app"


@dataclass(frozen=True)
class Servers:
    old: OwnEngines
    new: OwnEngines

    @property
    def source(self) -> str:
        return self.old.set.postgres.url(database=DATABASE)

    @property
    def target(self) -> str:
        return self.new.set.postgres.url(database=DATABASE)

    @property
    def pids(self) -> list[int]:
        return [self.old.pid("postgres"), self.new.pid("postgres")]

    def empty_target(self) -> None:
        _again(self.new)
        for one in (self.old, self.new):
            with psycopg.connect(one.set.postgres.url(), autocommit=True) as admin:
                admin.execute("CHECKPOINT")


def _again(engines: OwnEngines) -> None:
    with psycopg.connect(engines.set.postgres.url(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {DATABASE}")


@contextlib.asynccontextmanager
async def servers() -> AsyncIterator[Servers]:
    async with own_engines("postgres") as old, own_engines("postgres") as new:
        for one in (old, new):
            with psycopg.connect(one.set.postgres.url(), autocommit=True) as admin:
                for name, value in ROOM.items():
                    admin.execute(f"ALTER SYSTEM SET {name} = '{value}'")
            await one.kill("postgres", signal.SIGINT)
            _again(one)
        yield Servers(old, new)
