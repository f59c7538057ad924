"""PgBouncer as its image runs it: the same program (`make pgbouncer`) and the same script that starts it, before the tests' PostgreSQL."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import pytest

from directfanz.local.probes import HOST
from tests.support.engines import REPOSITORY
from tests.support.running import free_port

BUILT = REPOSITORY / "build/pgbouncer/bin"
NOBODY = 65_534
PATIENCE_SECONDS = 20


def environment(database_url: str, folder: Path, port: int) -> dict[str, str]:
    """What a task is given, for this database."""
    behind = urlsplit(database_url)
    return {
        "PATH": f"{BUILT}:{os.environ['PATH']}",
        "PGBOUNCER_DATABASE_HOST": behind.hostname or "",
        "PGBOUNCER_DATABASE_PORT": str(behind.port),
        "PGBOUNCER_DATABASE_NAME": behind.path.lstrip("/"),
        "PGBOUNCER_USERS": f'"{behind.username}" "{unquote(behind.password or "")}"',
        "PGBOUNCER_POOL_SIZE": "8",
        "PGBOUNCER_LISTEN_ADDRESS": HOST,
        "PGBOUNCER_LISTEN_PORT": str(port),
        "PGBOUNCER_SERVER_TLS_MODE": "disable",  # the tests' PostgreSQL speaks none
        "PGBOUNCER_FOLDER": str(folder),
    }


def start(environ: Mapping[str, str]) -> subprocess.Popen[str]:
    """Not as root, which PgBouncer refuses as its image does."""
    other = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
        [str(BUILT / "start-pgbouncer")],
        env=dict(environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd="/",
        **other,
    )


def needed() -> None:
    if (BUILT / "pgbouncer").exists() and shutil.which("openssl"):
        return
    missing = "PgBouncer is not built here: `make pgbouncer` does it."
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


@contextlib.contextmanager
def pooler(database_url: str, **changed: str) -> Iterator[str]:
    """The same database's address, through the pool."""
    needed()
    with tempfile.TemporaryDirectory(prefix="dfz-pool-") as name:
        folder = Path(name) / "pool"
        Path(name).chmod(0o777)
        port = free_port()
        running = start(environment(database_url, folder, port) | changed)
        try:
            _await(running, port)
            behind = urlsplit(database_url)
            place = f"{behind.username}:{behind.password}@{HOST}:{port}"
            yield urlunsplit(behind._replace(netloc=place, query="sslmode=require"))
        finally:
            running.terminate()  # it would wait for its clients
            running.terminate()
            try:
                running.communicate(timeout=2)
            except subprocess.TimeoutExpired:
                running.kill()
                running.communicate()


def _await(running: subprocess.Popen[str], port: int) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        if running.poll() is not None:
            break
        time.sleep(0.05)
    running.kill()
    raise RuntimeError(f"PgBouncer did not start:\n{running.communicate()[0]}")
