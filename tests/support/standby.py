"""A standby of one of the tests' own PostgreSQLs, by physical replication, that takes over when a test wants it."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg

from directfanz.backends.clock.system import SystemClock
from directfanz.local.engines.postgres import Postgres
from directfanz.local.engines.programs import postgres_tree
from directfanz.local.logbook import LogBook
from directfanz.local.supervisor import Supervisor
from tests.support.meanwhile import until
from tests.support.own_engines import OwnEngines
from tests.support.running import free_port

NAME = "standby"
ON_THE_STANDBY = {"primary_slot_name": NAME, "hot_standby_feedback": "on", "sync_replication_slots": "on"}
# A commit is told when the standby has it, and nobody hears of a change that the standby does not know.
ON_THE_PRIMARY = {"synchronous_standby_names": "*", "synchronized_standby_slots": NAME}


@dataclass(frozen=True, slots=True)
class Standby:
    postgres: Postgres

    async def has_slots(self) -> None:
        """Copies that would outlive a failover of all slots that the primary's subscribers named so."""
        question = "SELECT count(*) > 0 AND bool_and(synced AND NOT temporary) FROM pg_replication_slots WHERE failover"
        await until(lambda: _asked(self.postgres.url(), question))

    def take_over(self) -> None:
        assert _asked(self.postgres.url(), "SELECT pg_promote()")


def _asked(address: str, question: str) -> bool:
    with psycopg.connect(address, autocommit=True) as session:
        row = session.execute(question).fetchone()
        return bool(row and row[0])


def _set(address: str, settings: dict[str, str]) -> None:
    with psycopg.connect(address, autocommit=True) as session:
        for name, value in settings.items():
            session.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        session.execute("SELECT pg_reload_conf()")


@contextlib.asynccontextmanager
async def standby_of(home: OwnEngines, *, slots: bool) -> AsyncIterator[Standby]:
    """`slots`: the primary's logical slots are copied to it."""
    with tempfile.TemporaryDirectory(prefix="dfz-standby-") as name:
        Path(name).chmod(0o755)
        made = replace(home.set.postgres, folder=Path(name) / "postgres", port=free_port())
        backup = [str(postgres_tree() / "bin/pg_basebackup"), "-d", home.set.postgres.url(), "-D", str(made.folder)]
        more = ["-R", "-C", "-S", NAME, "-c", "fast", "-X", "stream"]
        await asyncio.to_thread(subprocess.run, [*backup, *more], check=True, capture_output=True)
        wanted = ON_THE_STANDBY | ({} if slots else {"sync_replication_slots": "off"})
        with (made.folder / "postgresql.auto.conf").open("a") as settings:
            settings.writelines(f"{name} = '{value}'\n" for name, value in wanted.items())
        (Path(name) / "logs").mkdir()
        logs = LogBook(Path(name) / "logs")
        supervisor = Supervisor([made.part()], logs, SystemClock())
        supervisor.start()
        try:
            await supervisor.ready()
            _set(home.set.postgres.url(), ON_THE_PRIMARY if slots else {"synchronous_standby_names": "*"})
            yield Standby(made)
        finally:
            await supervisor.stop()
            logs.close()
