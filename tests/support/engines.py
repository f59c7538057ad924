"""The engines that all tests of a run share, begun by the first worker that needs them."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

REPOSITORY = Path(__file__).parents[2]
RUN_VARIABLE = "TEST_RUN_FOLDER"
END_SECONDS = 20


class Engines(msgspec.Struct, frozen=True):
    """Where they are. Shared: a test that stops an engine starts its own (`tests.support.own_engines`)."""

    host_pid: int
    folder: str
    postgres_port: int
    postgres_password: str
    owner_password: str
    app_password: str
    valkey_port: int
    valkey_password: str
    storage_endpoint: str
    storage_access_key: str
    storage_secret_key: str

    def postgres_url(self, database: str = "postgres") -> str:
        """The superuser's."""
        return self._url("postgres", self.postgres_password, database)

    def owner_url(self, database: str) -> str:
        return self._url("directfanz_owner", self.owner_password, database)

    def app_url(self, database: str) -> str:
        return self._url("directfanz_app", self.app_password, database)

    def _url(self, role: str, password: str, database: str) -> str:
        return f"postgresql://{role}:{password}@127.0.0.1:{self.postgres_port}/{database}?sslmode=disable"


def begin_run() -> None:
    """In pytest's first process, before it starts workers: they inherit where the run keeps its things."""
    os.environ[RUN_VARIABLE] = tempfile.mkdtemp(prefix="dfz-test-")
    os.environ[f"{RUN_VARIABLE}_OWNER"] = str(os.getpid())


def run_folder() -> Path:
    return Path(os.environ[RUN_VARIABLE])


@contextlib.contextmanager
def only_one_worker(name: str) -> Iterator[None]:
    with (run_folder() / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def shared_engines() -> Engines:
    described = run_folder() / "engines.json"
    with only_one_worker("engines"):
        if not described.exists():
            described.write_text(_begin_host())
    return msgspec.json.decode(described.read_bytes(), type=Engines)


def _begin_host() -> str:
    state = run_folder() / "engines"
    watched = os.environ[f"{RUN_VARIABLE}_OWNER"]
    with (run_folder() / "host.log").open("wb") as errors:
        host = subprocess.Popen(
            [sys.executable, "-m", "tests.support.engine_host", str(state), watched],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
    assert host.stdout
    line = host.stdout.readline().decode()
    host.stdout.close()
    if not line.strip():
        host.wait()
        raise RuntimeError(f"the engines did not start: {_what_happened(state)}")
    host.returncode = 0  # it outlives us on purpose: no warning about a child that still runs
    return line


def _what_happened(state: Path) -> str:
    logs = [run_folder() / "host.log", state / "logs" / "all.log"]
    return "\n".join(log.read_text(errors="replace")[-3000:] for log in logs if log.exists())


def end_run() -> None:
    """In pytest's first process, at the very end. Without it (a crash) the host sees that we are gone."""
    folder = run_folder()
    described = folder / "engines.json"
    if described.exists():
        pid = json.loads(described.read_text())["host_pid"]
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
            _wait_for_end(pid)
    shutil.rmtree(folder, ignore_errors=True)


def _wait_for_end(pid: int) -> None:
    if sys.platform != "linux":
        return
    pidfd = os.pidfd_open(pid)
    select.select([pidfd], [], [], END_SECONDS)
    os.close(pidfd)
