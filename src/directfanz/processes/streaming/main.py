"""`directfanz run streaming`: takes streams from encoders, packages them, and serves them to the edge."""

from __future__ import annotations

import asyncio

from directfanz.backends.assembly import opened
from directfanz.processes.lifecycle import leave_alone_what_stands, run_process
from directfanz.processes.streaming.app import Streaming
from directfanz.settings import Settings


def main(settings: Settings) -> None:
    run_process("streaming", settings, serve)


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    async with opened(settings, service="streaming") as backends:
        app = Streaming(backends)
        await app.start()
        leave_alone_what_stands()
        try:
            await app.run(stop)
            await app.drain()
        finally:
            await app.close()
