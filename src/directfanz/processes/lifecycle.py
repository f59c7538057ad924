"""How a process without a web server lives: it starts, works until a signal says stop, drains, and closes.

    def main(settings: Settings) -> None:
        run_process("worker", settings, work)

`work` gets an event that is set by SIGTERM or SIGINT. A second signal is nobody's to catch: it ends the process at once.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import resource
import signal
from collections.abc import Awaitable, Callable

import uvloop

from directfanz.backends.telemetry import logs
from directfanz.settings import Settings

Work = Callable[[Settings, asyncio.Event], Awaitable[None]]
STOPS = (signal.SIGTERM, signal.SIGINT)
WANTED_OPEN_FILES = 65_536
log = logging.getLogger("directfanz.process")


def run_process(name: str, settings: Settings, work: Work) -> None:
    allow_open_files()
    uvloop.run(_run(name, settings, work))


def allow_open_files() -> int:
    """Every socket is an open file, and shells allow a thousand of them. How many there may be now."""
    allowed, at_most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED_OPEN_FILES if at_most == resource.RLIM_INFINITY else min(WANTED_OPEN_FILES, at_most)
    if allowed == resource.RLIM_INFINITY or allowed >= wanted:
        return max(allowed, wanted)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, at_most))
    return wanted


def leave_alone_what_stands() -> None:
    """Modules, routes and tables are there to the end: the collector need not look through them again and again."""
    gc.collect()
    gc.freeze()


async def _run(name: str, settings: Settings, work: Work) -> None:
    handler = logs.configure(name, settings)
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def told() -> None:
        for number in STOPS:
            loop.remove_signal_handler(number)
        log.info("told to stop: finishing what runs")
        stop.set()

    for number in STOPS:
        loop.add_signal_handler(number, told)
    try:
        await work(settings, stop)
    finally:
        handler.close()


async def until_stopped(stop: asyncio.Event, *tasks: asyncio.Task[None]) -> None:
    """Returns when told to stop, or raises what made one of the tasks end on its own."""
    waiting = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait({waiting, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
    for task in done - {waiting}:
        task.result()
