"""`directfanz deploy`: asks the supervisor, and tells what it does until it is done or taken back."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from directfanz.backends.clock.system import SystemClock
from directfanz.errors import ConfigurationError
from directfanz.kit.ids import new_id
from directfanz.local import status, view
from directfanz.local.checkout import Checkout
from directfanz.local.control import running
from directfanz.local.deployment import request
from directfanz.local.deployment.build import build_in

LOOK_SECONDS = 0.05
HEARD_SECONDS = 10
console = view.terminal()


async def deploy(checkout: Checkout, folder: Path | None, watch_seconds: float) -> bool:
    """Whether the new version runs."""
    pid = running(checkout)
    told = status.read(checkout.state.status_file) if pid else None
    if pid is None or told is None:
        raise ConfigurationError("DirectFanz does not run here. `directfanz up` starts it, with this code.")
    if told.deployment and told.deployment.state == "running":
        raise ConfigurationError(f"A deployment of {told.deployment.build} is under way. Wait until it has ended.")
    if not told.all_ready:
        weak = ", ".join(part.name for part in told.parts if part.state not in ("ready", "done"))
        raise ConfigurationError(f"Not all is ready now ({weak}). Mend that first: there has to be a way back.")
    asked = request.Request(new_id().hex, build_in(folder), watch_seconds)
    request.write(checkout.state.run, asked)
    os.kill(pid, signal.SIGUSR1)
    console.print(f"Deploying {asked.build.name}")
    ended = await _followed(checkout, asked)
    if ended.state == "done":
        console.print("[bold green]The new version runs.[/] No request was turned away.")
        return True
    console.print(f"[bold red]Taken back:[/] {ended.reason}")
    console.print("The old version serves on. `directfanz logs` says more; mend the build and deploy it again.")
    return False


async def _followed(checkout: Checkout, asked: request.Request) -> request.Told:
    clock, said = SystemClock(), 0
    heard_until = clock.monotonic() + HEARD_SECONDS
    while True:
        told = status.read(checkout.state.status_file)
        deployment = told.deployment if told else None
        if deployment and deployment.id == asked.id:
            for step in deployment.steps[said:]:
                console.print(f"  {step}")
            said = len(deployment.steps)
            if deployment.state != "running":
                return deployment
        elif clock.monotonic() > heard_until:
            raise ConfigurationError("Another deployment began first. `directfanz status` shows what runs.")
        if running(checkout) is None:
            raise ConfigurationError("The supervisor stopped meanwhile. `directfanz up` starts the platform again.")
        await clock.sleep(LOOK_SECONDS)
