"""Holds the engines of one test run: `python -m tests.support.engine_host FOLDER WATCHED`.

Says one line of JSON when they are ready. Ends when the watched process (pytest's) ends, however it ends, or on
SIGTERM; the engines die with it by their parent-death signal, so nothing outlives a run that is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
from dataclasses import replace
from pathlib import Path

import psutil

from directfanz.backends.clock.system import SystemClock
from directfanz.local.engines.engine_set import BESIDE, engine_set, wanted_ports
from directfanz.local.logbook import LogBook
from directfanz.local.ports import Ports
from directfanz.local.state import State
from directfanz.local.supervisor import Supervisor

START_SECONDS = 60


def description(state: State, ports: Ports) -> dict[str, object]:
    engines = engine_set(state, ports, durable=False)
    storage = engines.seaweedfs.identities["app"]
    return {
        "host_pid": os.getpid(),
        "folder": str(state.root),
        "postgres_port": engines.postgres.port,
        "postgres_password": engines.postgres.password,
        "owner_password": state.secret("database-owner-password"),
        "app_password": state.secret("database-app-password"),
        "valkey_port": engines.valkey.port,
        "valkey_password": engines.valkey.password,
        "storage_endpoint": engines.seaweedfs.endpoint,
        "storage_access_key": storage.access_key,
        "storage_secret_key": storage.secret_key,
    }


def told_to_end(watched: int) -> asyncio.Event:
    loop, event = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, event.set)
    if sys.platform == "linux":
        loop.add_reader(os.pidfd_open(watched), event.set)
    else:
        loop.run_in_executor(None, lambda: (psutil.Process(watched).wait(), loop.call_soon_threadsafe(event.set)))
    return event


async def main(folder: Path, watched: int) -> None:
    state = State(folder)
    state.open()
    ports = Ports(state.ports_file)
    ports.choose(wanted_ports(), BESIDE)
    parts = engine_set(state, ports, durable=False).parts()
    logs = LogBook(state.logs)
    # What a run wrote is thrown away, so nothing needs to be stopped gently.
    supervisor = Supervisor([replace(part, stop_signal=signal.SIGKILL) for part in parts], logs, SystemClock())
    end = told_to_end(watched)
    supervisor.start()
    try:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(supervisor.ready(), START_SECONDS)
            print(json.dumps(description(state, ports)), flush=True)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            await end.wait()
    finally:
        await supervisor.stop()
        logs.close()
    shutil.rmtree(folder.parent, ignore_errors=True)  # all that the run kept


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
