"""The supervisor's process: takes the lock, chooses ports, starts everything and waits to be told to stop."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Mapping
from pathlib import Path

from directfanz.backends.clock.contract import Clock
from directfanz.errors import ConfigurationError, DirectFanzError
from directfanz.local import status
from directfanz.local.checkout import Checkout
from directfanz.local.deployment.deployments import Deployments
from directfanz.local.engines.engine_set import BESIDE
from directfanz.local.environment import write_environment
from directfanz.local.files import write_private
from directfanz.local.leftovers import end_leftovers
from directfanz.local.logbook import LogBook
from directfanz.local.ports import Ports
from directfanz.local.stack import compose, wanted
from directfanz.local.status import Mood, Status
from directfanz.local.supervisor import Supervisor
from directfanz.platform_toml import load_platform

LOOKS_FOR_HOME_SECONDS = 2
WRITE_AFTER_SECONDS = 0.05  # changes come in bursts


async def supervise(checkout: Checkout, environ: Mapping[str, str], clock: Clock) -> None:
    """Until SIGTERM or SIGINT. Raises when it cannot begin; the reason is in the status too."""
    state = checkout.state
    state.open()
    lock = state.lock()
    if lock is None:
        raise ConfigurationError(f"A supervisor runs already in {state.root}. `directfanz status` shows it.")
    try:
        end_leftovers(state, status.read(state.status_file))
        await _Run(checkout, environ, clock).until_told()
    except DirectFanzError as error:
        now = clock.now().isoformat(timespec="seconds")
        status.write(state.status_file, Status(pid=os.getpid(), mood="failed", started=now, message=error.message))
        raise
    finally:
        lock.close()


class _Run:
    def __init__(self, checkout: Checkout, environ: Mapping[str, str], clock: Clock) -> None:
        self._state = checkout.state
        self._ports = Ports(self._state.ports_file)
        platform = load_platform(checkout.platform_file)
        self._ports.choose(wanted(platform, environ), BESIDE)
        self._stack = compose(checkout, platform, self._ports, environ)
        write_environment(self._state, self._stack.settings)
        self._logs = LogBook(self._state.logs)
        self._stamps = _read_stamps(self._state.stamps_file)
        self._supervisor = Supervisor(self._stack.parts, self._logs, clock, watcher=self._changed, stamps=self._stamps)
        self._clock = clock
        self._started = clock.now().isoformat(timespec="seconds")
        self._mood: Mood = "starting"
        self._pending: asyncio.TimerHandle | None = None
        self._deployments = Deployments(
            checkout.state, platform, self._stack, self._supervisor, clock, changed=self._changed
        )

    async def until_told(self) -> None:
        told = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, told.set)
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self._deployments.begin)
        for name, (was, got) in self._ports.moved.items():
            self._supervisor.tell(f"port {was} of {name} is in use, so it is {got} this time")
        self._supervisor.start()
        self._write()
        watch = asyncio.create_task(self._homeless(told))
        try:
            await told.wait()
        finally:
            watch.cancel()
            self._mood = "stopping"
            self._write()
            await self._deployments.close()
            await self._supervisor.stop()
            self._mood = "stopped"
            self._write()
            self._logs.close()
            self._ports.release()

    async def _homeless(self, told: asyncio.Event) -> None:
        """Who deletes the folder means the end of it all; without the folder, nobody could tell us to stop."""
        while self._state.lock_file.exists():
            await self._clock.sleep(LOOKS_FOR_HOME_SECONDS)
        told.set()

    def _changed(self) -> None:
        if self._pending is None:
            self._pending = asyncio.get_running_loop().call_later(WRITE_AFTER_SECONDS, self._write)

    def _write(self) -> None:
        if self._pending:
            self._pending.cancel()
            self._pending = None
        told = Status(
            pid=os.getpid(),
            mood=self._mood,
            started=self._started,
            site_url=self._stack.site_url,
            moved=self._ports.moved,
            parts=[runner.standing for runner in self._supervisor.runners.values()],
            deployment=self._deployments.told,
        )
        if self._mood in ("starting", "ready", "mending"):
            unready: Mood = "starting" if self._mood == "starting" else "mending"
            told.mood = self._mood = "ready" if told.all_ready else unready
        try:
            status.write(self._state.status_file, told)
            write_private(self._state.stamps_file, json.dumps(self._stamps))
        except OSError as error:  # a full disk: the parts run on, and the log may still take a line
            self._supervisor.tell(f"cannot write the status: {error}")


def _read_stamps(path: Path) -> dict[str, str]:
    """Lost or broken, the steps are simply run once more."""
    try:
        found = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
