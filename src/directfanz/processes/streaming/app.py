"""The parts of the streaming process: begun, run, drained and closed in order."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable

from directfanz.backends import Backends
from directfanz.processes.health import HealthServer
from directfanz.processes.lifecycle import until_stopped
from directfanz.processes.streaming.house import House
from directfanz.processes.streaming.ingest.door import Door, certificate
from directfanz.processes.streaming.origin.app import PREFIX, Origin
from directfanz.processes.streaming.origin.http import Answer, HttpServer, Request
from directfanz.processes.streaming.srt.gateway import Gateway
from directfanz.processes.streaming.whip.door import PREFIX as WHIP
from directfanz.processes.streaming.whip.door import WhipDoor

ABOUT = "takes streams"


class Streaming:
    def __init__(self, backends: Backends) -> None:
        self._backends = backends
        self._service = backends.platform.services["streaming"]
        probes = {"database": backends.database.ping, "cache": backends.cache.ping}
        settings = backends.settings
        self._port = settings.port or self._service.port
        self.health = HealthServer(settings.bind_host, self._port, probes, backends.telemetry.prometheus, about=ABOUT)
        # One process of this name at a time: what it left behind is the next one's.
        self.house = House(backends, node=f"{socket.gethostname()[:60]}-{self._port}")
        self.door = Door(backends, self.house)
        self.origin = Origin(self.house)
        self.whip = WhipDoor(self.house)
        self.srt = Gateway(backends, self.house)
        self.http = HttpServer(self._answer)
        self.tasks: list[asyncio.Task[None]] = []
        self.rtmp_port = self.rtmps_port = self.srt_port = 0

    async def start(self) -> None:
        settings, ingest = self._backends.settings, self._backends.platform.ingest
        await self.house.take_over()
        await self.http.start(settings.bind_host, self._port)
        self.rtmp_port = await self.door.listen(settings.bind_host, settings.rtmp_port or ingest.rtmp_port)
        if settings.rtmps_certificate is not None:
            tls = certificate(settings.rtmps_certificate)
            port = settings.rtmps_port or ingest.rtmps_port
            self.rtmps_port = await self.door.listen(settings.bind_host, port, "rtmps", tls)
        if ingest.srt_publishers:
            self.srt_port = await self.srt.listen(settings.bind_host, settings.srt_port or ingest.srt_port)
        loop = asyncio.get_running_loop()
        self.tasks = [loop.create_task(each()) for each in (self.house.run, self.door.run, self.srt.run)]

    async def run(self, stop: asyncio.Event) -> None:
        await until_stopped(stop, *self.tasks)

    async def drain(self) -> None:
        """Publishers are sent away at once: the sooner they are, the sooner they are at the next process."""
        self.health.draining = True
        self.door.stop_listening()
        await self.whip.close()
        await self.srt.close()
        await self.house.close()

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.srt.close()
        await self.door.close()
        await self.http.close()

    def _answer(self, request: Request) -> Answer | Awaitable[Answer]:
        if request.path.startswith(PREFIX):
            return self.origin.answer(request)
        if request.path == WHIP or request.path.startswith(f"{WHIP}/"):
            return self.whip.answer(request)
        return self._healthy(request)

    async def _healthy(self, request: Request) -> Answer:
        for_us = b"x-forwarded-for" not in request.headers
        status, kind, body = await self.health.answer(request.method.encode(), request.path.encode(), for_us=for_us)
        return Answer(status, body, kind)
