"""`directfanz run streaming`: takes no streams yet. It runs so that its place in supervisor, edge and alarms is real."""

from __future__ import annotations

import asyncio
import logging

from directfanz.backends.assembly import opened
from directfanz.processes.health import HealthServer
from directfanz.processes.lifecycle import run_process
from directfanz.settings import Settings

ABOUT = "ingest is not built yet"
log = logging.getLogger("directfanz.streaming")


def main(settings: Settings) -> None:
    run_process("streaming", settings, serve)


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    async with opened(settings, service="streaming") as backends:
        port = settings.port or backends.platform.services["streaming"].port
        probes = {"database": backends.database.ping, "cache": backends.cache.ping}
        health = HealthServer(settings.bind_host, port, probes, backends.telemetry.prometheus, about=ABOUT)
        await health.start()
        log.info("this process reports its health and takes no streams: %s", ABOUT)
        try:
            await stop.wait()
            health.draining = True
        finally:
            await health.close()
