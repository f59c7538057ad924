"""Engines for one test that means to hurt them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from directfanz.backends.clock.system import SystemClock
from directfanz.local.engines.engine_set import BESIDE, EngineSet, engine_set, wanted_ports
from directfanz.local.logbook import LogBook
from directfanz.local.part import Standing
from directfanz.local.ports import Ports
from directfanz.local.state import State
from directfanz.local.supervisor import Supervisor

PATIENCE_SECONDS = 60


@dataclass(slots=True)
class OwnEngines:
    """`set` says where they are. What is killed comes back by itself; what is held does not, until `free`d."""

    set: EngineSet
    supervisor: Supervisor
    _changed: asyncio.Event
    state: State

    def standing(self, name: str) -> Standing:
        return self.supervisor.runners[name].standing

    def pid(self, name: str) -> int:
        pid = self.standing(name).pid
        assert pid is not None, f"{name} does not run"
        return pid

    async def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """Returns when it is back and answers."""
        starts = self.standing(name).starts
        os.kill(self.pid(name), number)
        await self.until(lambda: self.standing(name).starts > starts and self.standing(name).state == "ready")

    @contextlib.contextmanager
    def frozen(self, name: str) -> Iterator[None]:
        """It keeps its connections and answers nothing; PostgreSQL has a process for each of them."""
        first = psutil.Process(self.pid(name))
        processes = [first, *first.children(recursive=True)]
        for process in processes:
            process.suspend()
        try:
            yield
        finally:
            for process in processes:
                process.resume()

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not true():
                self._changed.clear()
                await self._changed.wait()


@contextlib.asynccontextmanager
async def own_engines(
    *names: str, durable: bool = True, cluster: bool = False, twin_of: OwnEngines | None = None
) -> AsyncIterator[OwnEngines]:
    """`twin_of`: with the same passwords, as a new home of the same platform has them."""
    changed = asyncio.Event()
    with tempfile.TemporaryDirectory(prefix="dfz-own-") as folder:
        state = State(Path(folder) / "state")
        state.open()
        if twin_of:
            shutil.copytree(twin_of.state.root / "secrets", state.root / "secrets", dirs_exist_ok=True)
        ports = Ports(state.ports_file)
        ports.choose(wanted_ports(cluster=cluster), BESIDE)
        engines = engine_set(state, ports, durable=durable, cluster=cluster)
        parts = [replace(part, stop_signal=signal.SIGKILL) for part in engines.parts() if part.name in names]
        logs = LogBook(state.logs)
        supervisor = Supervisor(parts, logs, SystemClock(), watcher=changed.set)
        supervisor.start()
        try:
            await asyncio.wait_for(supervisor.ready(), PATIENCE_SECONDS)
            yield OwnEngines(engines, supervisor, changed, state)
        finally:
            await supervisor.stop()
            ports.release()
            logs.close()
