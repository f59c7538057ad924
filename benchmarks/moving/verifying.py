"""How many rows a core checks in a second, and what a killed copy costs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import msgspec

from benchmarks.moving.meter import backend_seconds
from benchmarks.moving.servers import Servers
from directfanz.migrate.catalogue.tables import read_tables
from directfanz.migrate.side import Session, Side
from directfanz.migrate.verify import digests

MEASURED = {"views": "narrow rows", "letters": "text", "works": "wide rows"}


class Rate(msgspec.Struct, frozen=True):
    table: str
    rows: int
    megabytes: float
    cpu_seconds: float
    count_seconds: float  # `count(*)` of the same table

    @property
    def rows_per_second(self) -> float:
        return self.rows / self.cpu_seconds


def rates(servers: Servers, rounds: int) -> list[Rate]:
    """Seconds of the server's own process, the best of some rounds."""
    found = []
    with Side("source", servers.source).session("bench") as session:
        session.execute("SET max_parallel_workers_per_gather = 0; SET work_mem = '64MB'")
        pid = int(session.value("SELECT pg_backend_pid()"))
        for table in read_tables(session):
            if table.name not in MEASURED:
                continue
            best = counting = 1e9
            rows = 0
            for _ in range(rounds):
                before = backend_seconds(pid)
                rows = digests.counted(digests.read_buckets(session, table))
                middle = backend_seconds(pid)
                session.value(f"SELECT count(*) FROM {table.quoted}")
                best, counting = min(best, middle - before), min(counting, backend_seconds(pid) - middle)
            found.append(Rate(table.name, rows, table.bytes / 1e6, best, max(counting, 0.01)))
    return found


class Resumed(msgspec.Struct, frozen=True):
    killed_at: float  # share of the copy
    first_seconds: float  # from the command to the first new part in the ledger
    parts_again: int


def resumes(servers: Servers, times: int) -> list[Resumed]:
    """kill -9 in the middle of a copy, then `copy --resume`, each with the start of Python."""
    env = {"MIGRATE_SOURCE": servers.source, "MIGRATE_TARGET": servers.target, "PATH": os.environ["PATH"]}
    found = []
    for number in range(times):
        servers.empty_target()
        for words in (
            [
                "plan",
                "--no-owners",
                "--part-mb",
                "8",
                "--jobs",
                "2",
                "--accept",
                "keyless",
                "--accept",
                "collation",
                "--accept",
                "extension-versions",
            ],
            ["schema"],
        ):
            subprocess.run([*_verb(), *words], env=env, check=True, capture_output=True)
        found.append(_killed(servers, env, 0.01 + 0.6 * number / max(1, times - 1)))
        subprocess.run([*_verb(), "rollback", "--to", "planned"], env=env, check=True, capture_output=True)
    return found


def _verb() -> list[str]:
    return [sys.executable, "-m", "directfanz", "migrate"]


def _killed(servers: Servers, env: dict[str, str], share: float) -> Resumed:
    target = Side("target", servers.target)
    process = subprocess.Popen([*_verb(), "copy"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with target.session("bench") as session:
        while (at := _share(session)) < share:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        at = _share(session)
    began = time.monotonic()
    with target.session("bench") as session:
        done = session.rows("SELECT relation, number, done_at FROM dfz_migration.part WHERE done_at IS NOT NULL")
        again = subprocess.Popen(
            [*_verb(), "copy", "--resume"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        while (
            session.value("SELECT count(*) FROM dfz_migration.part WHERE done_at IS NOT NULL") <= len(done)
            and again.poll() is None
        ):
            time.sleep(0.01)
        first = time.monotonic() - began
        said = again.communicate()[1]
        if again.returncode:
            raise RuntimeError(said.decode()[-2000:])
        after = set(session.rows("SELECT relation, number, done_at FROM dfz_migration.part"))
    return Resumed(round(at, 2), round(first, 2), len(set(done) - after))


def _share(session: Session) -> float:
    """Of the rows, by the ledger."""
    return float(
        session.value(
            "SELECT coalesce(sum(weight) FILTER (WHERE done_at IS NOT NULL) / sum(weight), 0) FROM dfz_migration.part"
        )
    )
