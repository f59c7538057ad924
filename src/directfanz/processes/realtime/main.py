"""`directfanz run realtime`: holds the WebSockets. Any number of these processes run; they meet in the cache."""

from __future__ import annotations

import asyncio

from directfanz.backends.assembly import opened
from directfanz.processes.lifecycle import run_process
from directfanz.processes.realtime.app import Realtime
from directfanz.settings import Settings


def main(settings: Settings) -> None:
    run_process("realtime", settings, serve)


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    async with opened(settings, service="realtime") as backends:
        app = Realtime(backends)
        await app.start()
        try:
            await app.run(stop)
            await app.drain()
        finally:
            await app.close()
