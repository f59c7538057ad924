"""A whole database, from an empty target to indexes, keys and statistics: ours beside pgcopydb and pg_dump with pg_restore."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import psycopg

from benchmarks.moving.meter import Measured, measured
from benchmarks.moving.servers import Servers
from directfanz.local.engines.programs import postgres_tree

JOBS = 2
# Our own tables in the target have indexes too.
OURS = """SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = indrelid WHERE relnamespace::regnamespace::text = 'dfz_migration'
    OR relname IN (SELECT 'pg_toast_' || oid FROM pg_class WHERE relnamespace::regnamespace::text = 'dfz_migration')"""
Contender = Callable[[Servers, Path], list[str]]


def ours(servers: Servers, folder: Path) -> list[str]:
    """The verbs as an operator types them, each with its own start of Python."""
    program = Path(sys.executable).with_name("directfanz")
    verb = f"{program} migrate"
    plan = f"{verb} plan --no-follow --no-owners --jobs {JOBS + 1} --accept collation --accept extension-versions"
    return ["sh", "-ec", f"{plan} && {verb} run --to copied"]


def pgcopydb(servers: Servers, folder: Path) -> list[str]:
    words = [
        "--table-jobs",
        str(JOBS),
        "--index-jobs",
        str(JOBS),
        "--no-owner",
        "--no-acl",
        "--dir",
        str(folder / "work"),
    ]
    return ["pgcopydb", "clone", "--source", servers.source, "--target", servers.target, *words]


def dump_and_restore(servers: Servers, folder: Path) -> list[str]:
    dump = f"pg_dump -Fd -Z0 -j{JOBS} -f {folder}/dump '{servers.source}'"
    restore = f"pg_restore -j{JOBS} --no-owner -d '{servers.target}' {folder}/dump"
    return ["sh", "-ec", f"{dump} && {restore} && vacuumdb -qZ -j{JOBS} -d '{servers.target}'"]


CONTENDERS: dict[str, Contender] = {"DirectFanz": ours, "pgcopydb": pgcopydb, "pg_dump | pg_restore": dump_and_restore}


def contest(servers: Servers, rounds: int, only: list[str] | None = None) -> dict[str, list[Measured]]:
    """They take turns, so that what else the machine does disturbs all alike."""
    found: dict[str, list[Measured]] = {}
    for _ in range(rounds):
        for name, contender in CONTENDERS.items():
            if only and name not in only:
                continue
            if name == "pgcopydb" and shutil.which("pgcopydb") is None:
                continue
            servers.empty_target()
            with tempfile.TemporaryDirectory() as folder:
                found.setdefault(name, []).append(
                    measured(contender(servers, Path(folder)), servers.pids, _env(servers))
                )
            _require_whole(servers)
    return found


def _env(servers: Servers) -> dict[str, str]:
    return {
        "PATH": f"{postgres_tree() / 'bin'}:/usr/local/bin:/usr/bin:/bin",
        "HOME": os.environ.get("HOME", "/tmp"),
        "MIGRATE_SOURCE": servers.source,
        "MIGRATE_TARGET": servers.target,
    }


def _require_whole(servers: Servers) -> None:
    """Nobody wins by leaving something out."""
    question = """SELECT (SELECT count(*) FROM views), (SELECT count(*) FROM works), (SELECT count(*) FROM letters),
        (SELECT count(*) FROM trail), (SELECT count(*) FROM pg_index WHERE indisvalid),
        (SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated)"""
    answers = []
    for address in (servers.source, servers.target):
        with psycopg.connect(address) as session:
            row = session.execute(question).fetchone()
            mine = session.execute(OURS).fetchone()
            assert row
            assert mine
            answers.append((*row[:4], row[4] - mine[0], row[5]))
    if answers[0] != answers[1]:
        raise RuntimeError(f"The copy is not whole: {answers}")
