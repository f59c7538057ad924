"""An operator's PgBouncer before a move's two sides, flipped by the very script that docs/migration.md gives."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from directfanz.local.engines.programs import postgres_tree
from directfanz.local.probes import HOST
from directfanz.migrate.side import Side
from tests.support.engines import REPOSITORY
from tests.support.pooler import BUILT, NOBODY, PATIENCE_SECONDS, needed
from tests.support.running import free_port

INI = """%include {folder}/databases.ini
[pgbouncer]
listen_addr = {host}
listen_port = {port}
unix_socket_dir =
auth_type = any
admin_users = postgres
pool_mode = transaction
server_login_retry = 0.2
ignore_startup_parameters = extra_float_digits
"""


class OwnPooler:
    def __init__(self, folder: Path, sides: tuple[Side, Side]) -> None:
        self._folder, self.port = folder, free_port()
        self._running: subprocess.Popen[bytes] | None = None
        folder.chmod(0o755)
        for name, side in zip(("old.ini", "new.ini"), sides, strict=True):
            words = side.words
            place = f"host={words['host']} port={words['port']} dbname={side.database}"
            (folder / name).write_text(
                f"[databases]\napp = {place} user={words['user']} password={words['password']}\n"
            )
        (folder / "databases.ini").symlink_to("old.ini")
        (folder / "pgbouncer.ini").write_text(INI.format(folder=folder, host=HOST, port=self.port))
        self.switch = folder / "switch"
        self.switch.write_text(_documented().replace("port=6432", f"port={self.port}").replace("/etc/pgbouncer", str(folder))
            .replace("psql -qX", f"{postgres_tree() / 'bin' / 'psql'} -qX"))  # fmt: skip
        self.switch.chmod(0o755)

    @property
    def address(self) -> str:
        return f"postgresql://app@{HOST}:{self.port}/app"

    def start(self) -> None:
        """Not as root, which it refuses."""
        other = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        self._running = subprocess.Popen(  # type: ignore[call-overload]
            [str(BUILT / "pgbouncer"), "-q", str(self._folder / "pgbouncer.ini")], cwd="/", **other
        )
        ends = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < ends:
            with (
                contextlib.suppress(psycopg.OperationalError),
                psycopg.connect(f"{self.address[:-3]}pgbouncer", autocommit=True),
            ):
                return
            time.sleep(0.05)
        raise RuntimeError("PgBouncer did not start.")

    def kill(self) -> None:
        assert self._running
        self._running.kill()
        self._running.wait()


def _documented() -> str:
    found = re.search(
        r"```sh\n(#!/bin/sh -e\nadmin\(\).*?)```", (REPOSITORY / "docs/migration.md").read_text(), re.DOTALL
    )
    assert found, "docs/migration.md has no script for PgBouncer"
    return found[1]


@contextlib.contextmanager
def own_pooler(source: Side, target: Side) -> Iterator[OwnPooler]:
    needed()
    with tempfile.TemporaryDirectory(prefix="dfz-flip-") as name:
        pooler = OwnPooler(Path(name), (source, target))
        pooler.start()
        try:
            yield pooler
        finally:
            pooler.kill()
