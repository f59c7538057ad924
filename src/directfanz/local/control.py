"""Starting, stopping and looking at a stack from another process: through its files and signals."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping

from directfanz.backends.clock.contract import Clock
from directfanz.errors import ConfigurationError
from directfanz.local import status
from directfanz.local.checkout import STATE_DIR, Checkout
from directfanz.local.logbook import last_lines
from directfanz.local.part import Standing
from directfanz.local.status import Status

LOOK_SECONDS = 0.05
STOP_SECONDS = 90
SILENCE_SECONDS = 120  # nothing got ready for so long
HOPELESS_FAILURES = 3
Show = Callable[[Status], None]


class StartFailed(ConfigurationError):
    """Says which part, and the end of its log."""


def running(checkout: Checkout) -> int | None:
    """The supervisor's process id. It holds the lock; who can take it has found nobody."""
    if not checkout.state.exists:
        return None
    lock = checkout.state.lock()
    if lock is not None:
        lock.close()
        return None
    text = (checkout.state.root / "supervisor.lock").read_text()
    return int(text) if text.isdigit() else None


def spawn(checkout: Checkout, environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """A supervisor that outlives us. What it says before it can log goes to `supervisor.err`."""
    checkout.state.open()
    named = {STATE_DIR: str(checkout.state.root), "DIRECTFANZ_PLATFORM_FILE": str(checkout.platform_file)}
    with (checkout.state.logs / "supervisor.err").open("wb") as errors:
        return subprocess.Popen(
            [sys.executable, "-m", "directfanz", "supervise"],
            cwd=checkout.state.root,
            env={**environ, **named},
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            start_new_session=True,
        )


async def bring_up(checkout: Checkout, environ: Mapping[str, str], clock: Clock, show: Show) -> Status:
    """Returns when every part is ready; raises `StartFailed` when one will not be."""
    supervisor = None if running(checkout) else spawn(checkout, environ)
    try:
        return await _all_ready(checkout, supervisor, clock, show)
    finally:
        if supervisor and supervisor.returncode is None:
            supervisor.returncode = 0  # it lives on without us


async def _all_ready(
    checkout: Checkout, supervisor: subprocess.Popen[bytes] | None, clock: Clock, show: Show
) -> Status:
    ready, deadline = -1, clock.monotonic() + SILENCE_SECONDS
    while True:
        if supervisor and supervisor.poll() is not None:
            raise StartFailed(_last_words(checkout))
        told = status.read(checkout.state.status_file)
        if told and (supervisor is None or told.pid == supervisor.pid):
            show(told)
            if told.all_ready:
                return told
            if stuck := next((part for part in told.parts if _is_hopeless(part)), None):
                raise StartFailed(_why(checkout, stuck))
            if (count := sum(part.state in ("ready", "done") for part in told.parts)) != ready:
                ready, deadline = count, clock.monotonic() + SILENCE_SECONDS
        if clock.monotonic() > deadline:
            raise StartFailed(_silence(told))
        if supervisor is None and running(checkout) is None:
            raise StartFailed("The supervisor stopped while we waited for it. Run `directfanz up` again.")
        await clock.sleep(LOOK_SECONDS)


def _is_hopeless(part: Standing) -> bool:
    return part.failures >= HOPELESS_FAILURES and part.kind != "errand"


def _last_words(checkout: Checkout) -> str:
    told = status.read(checkout.state.status_file)
    if told and told.mood == "failed":
        return told.message
    return "The supervisor ended:\n" + "\n".join(last_lines(checkout.state.logs / "supervisor.err", 20))


def _why(checkout: Checkout, part: Standing) -> str:
    tail = "\n".join(f"    {line}" for line in last_lines(checkout.state.logs / f"{part.name}.log", 15))
    return (
        f"{part.name} does not start: {part.note}.\n{tail}\n"
        f"It is tried again and again, so it may come up when you mend it. `make logs` follows it, `make down` stops all."
    )


def _silence(told: Status | None) -> str:
    waiting = [part for part in told.parts if part.state not in ("ready", "done")] if told else []
    names = "; ".join(f"{part.name} is {part.state} {part.note}".strip() for part in waiting)
    return f"Nothing has moved for {SILENCE_SECONDS} seconds: {names or 'no supervisor answers'}. See `make logs`."


async def bring_down(checkout: Checkout, clock: Clock, show: Show) -> bool:
    """Whether there was anything to stop. Returns when it has ended."""
    pid = running(checkout)
    if pid is None:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = clock.monotonic() + STOP_SECONDS
    while running(checkout) is not None:
        if told := status.read(checkout.state.status_file):
            show(told)
        if clock.monotonic() > deadline:
            raise ConfigurationError(
                f"The supervisor (process {pid}) does not end. `kill -9 {pid}` ends it and all it runs."
            )
        await clock.sleep(LOOK_SECONDS)
    if told := status.read(checkout.state.status_file):
        show(told)
    return True
