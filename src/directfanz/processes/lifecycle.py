"""What every process that is not a web server does alike: open what it stands on, run, drain when told, close."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable

import uvloop

from directfanz.backends import Backends
from directfanz.backends.assembly import opened
from directfanz.backends.telemetry import logs
from directfanz.settings import Settings

Body = Callable[[Backends, asyncio.Event], Awaitable[None]]


def run_process(name: str, settings: Settings, body: Body) -> None:
    """`body` runs until the event is set by SIGTERM or SIGINT, drains and returns."""
    uvloop.run(_run(name, settings, body))


async def _run(name: str, settings: Settings, body: Body) -> None:
    handler = logs.configure(name, settings)
    told_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told_to_stop.set)
    try:
        async with opened(settings, service=name) as backends:
            await body(backends, told_to_stop)
    finally:
        handler.close()
