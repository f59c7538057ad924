"""Takes no streams yet. It runs so that its place in supervisor, edge and alarms is real, and it says what it is."""

from __future__ import annotations

import asyncio

from directfanz.backends import Backends
from directfanz.processes.health import Health, HealthServer
from directfanz.processes.lifecycle import run_process
from directfanz.settings import Settings

ABOUT = "The streaming process reports its health and takes no streams yet: ingest is not built."


def main(settings: Settings) -> None:
    run_process("streaming", settings, serve)


async def serve(backends: Backends, told_to_stop: asyncio.Event) -> None:
    settings, service = backends.settings, backends.platform.services["streaming"]
    health = Health(backends, ABOUT)
    async with HealthServer(health, settings.bind_host, settings.port or service.port):
        await told_to_stop.wait()
        health.draining = True
