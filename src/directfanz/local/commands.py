"""What the commands of one machine print."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping

from rich.live import Live

from directfanz.backends.clock.system import SystemClock
from directfanz.errors import ConfigurationError
from directfanz.local import people, status, view
from directfanz.local.checkout import Checkout
from directfanz.local.control import bring_down, bring_up, running
from directfanz.local.logbook import Tail, last_lines
from directfanz.local.status import Status

LOOK_SECONDS = 0.25
console = view.terminal()


async def start(checkout: Checkout, environ: Mapping[str, str]) -> None:
    clock = SystemClock()
    began = clock.monotonic()
    was_running = running(checkout) is not None
    try:
        with view.Progress(console, "Starting DirectFanz") as progress:
            told = await bring_up(checkout, environ, clock, progress.show)
    except asyncio.CancelledError:
        console.print("It goes on starting in the background. `make status` shows it, `make down` stops it.")
        raise
    for line in view.moved(told):
        console.print(line, style="yellow")
    state = "runs already" if was_running else f"is ready after {clock.monotonic() - began:.1f} s"
    console.print(f"[bold green]DirectFanz[/] {state}.\n")
    _introduce(told)


def _introduce(told: Status) -> None:
    addresses = (("open", ""), ("mail", "/inbox"), ("API", "/developers"))
    for name, path in addresses:
        console.print(f"  {name:<5} {told.site_url}{path}")
    console.print(f"\n  Sign in as any of these with the password [bold]{people.PASSWORD}[/]:")
    for person in people.PEOPLE:
        console.print(f"    {person.email:<17} {person.about}")
    console.print("\n  make status, make logs, make down; make reset forgets everything.")


async def restart(checkout: Checkout, names: tuple[str, ...]) -> None:
    """It is told to stop, drains, and the supervisor starts it again with the code as it is now."""
    told = _status(checkout)
    pids = restartable(told) if told else {}
    wanted = names or tuple(pids)
    if unknown := [name for name in wanted if name not in pids]:
        raise ConfigurationError(f"{', '.join(unknown)} cannot be restarted. These run: {', '.join(pids) or 'none'}.")
    for name in wanted:
        os.kill(pids[name], signal.SIGTERM)
        console.print(f"{name} starts again.")


def restartable(told: Status) -> dict[str, int]:
    """Engines keep running: their clients would only have to wait."""
    return {part.name: part.pid for part in told.parts if part.kind == "process" and part.pid}


async def stop(checkout: Checkout) -> None:
    with view.Progress(console, "Stopping DirectFanz", ends=("stopped",)) as progress:
        stopped = await bring_down(checkout, SystemClock(), progress.show)
    console.print("DirectFanz is stopped. Its data stays." if stopped else "DirectFanz does not run here.")


async def remove(checkout: Checkout) -> None:
    if running(checkout):
        await stop(checkout)
    there = checkout.state.exists
    checkout.state.remove()
    console.print(f"{checkout.state.root} is removed." if there else f"There is nothing in {checkout.state.root}.")


async def show_status(checkout: Checkout, *, as_json: bool, once: bool) -> bool:
    """Whether all is ready."""
    told = _status(checkout)
    if as_json:
        sys.stdout.write(
            (checkout.state.status_file.read_text() if told else '{"mood": "stopped", "parts": []}') + "\n"
        )
    elif once or not console.is_terminal:
        console.print(view.whole(told) if told else "DirectFanz does not run here. `make up` starts it.")
    elif told:
        await _keep_showing(checkout, told)
    else:
        console.print("DirectFanz does not run here. `make up` starts it.")
    return told is not None and told.all_ready


async def _keep_showing(checkout: Checkout, told: Status) -> None:
    clock = SystemClock()
    with Live(view.whole(told), console=console, refresh_per_second=4) as live:
        while (now := _status(checkout)) is not None:
            live.update(view.whole(now))
            await clock.sleep(LOOK_SECONDS)


def _status(checkout: Checkout) -> Status | None:
    return status.read(checkout.state.status_file) if running(checkout) else None


async def show_logs(checkout: Checkout, part: str, lines: int, *, follow: bool) -> None:
    file = checkout.state.logs / f"{part}.log"
    if not file.exists():
        known = sorted(path.stem for path in checkout.state.logs.glob("*.log"))
        raise ConfigurationError(f"No log of {part}. There are: {', '.join(known) or 'none yet'}.")
    tail, clock = Tail(file), SystemClock()
    _print_plain(last_lines(file, lines))
    while follow:
        await clock.sleep(LOOK_SECONDS)
        _print_plain(tail.new_lines())


def _print_plain(lines: list[str]) -> None:
    """Log lines hold brackets and colours of their own, which rich would read as markup."""
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()
