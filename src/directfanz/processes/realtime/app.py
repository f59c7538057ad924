"""The parts of the realtime process: begun, run, drained and closed in order."""

from __future__ import annotations

import asyncio
import logging
import random

from picows import ws_create_server

from directfanz.backends import Backends
from directfanz.errors import ConfigurationError, DirectFanzError
from directfanz.processes.lifecycle import until_stopped
from directfanz.processes.realtime.close_codes import RESTART
from directfanz.processes.realtime.door import Door
from directfanz.processes.realtime.house import House
from directfanz.processes.realtime.limits import CLOSE_SECONDS, DRAIN_SHARE, MAX_MESSAGE_BYTES, SENT_AWAY_PER_SECOND

BACKLOG = 4096
# picows gives each socket 16 KiB; what clients send is small.
READ_BUFFER_BYTES = 2048
LOOK_AT_ENGINES_SECONDS = 0.5
log = logging.getLogger("directfanz.realtime")


class Realtime:
    def __init__(self, backends: Backends) -> None:
        self._backends = backends
        self._service = backends.platform.services["realtime"]
        self._cache_is_up = True
        self.house = House(backends)
        self.door = Door(backends, self.house, lambda: len(self.house), self._states)
        self._server: asyncio.Server | None = None
        self._loops: list[asyncio.Task[None]] = []

    @property
    def port(self) -> int:
        assert self._server is not None
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    async def start(self) -> None:
        # Strangers can break the protocol as often as they like; the metric counts it, the log need not.
        logging.getLogger("picows").setLevel(logging.CRITICAL)
        loop = asyncio.get_running_loop()
        house = self.house
        chats = (house.chats.feed.listen, house.chats.feed.compare, house.chats.look_at_rights)
        work = (house.presence.run, house.news.run, house.sessions.run, house.watch, *chats, self._look)
        self._loops = [loop.create_task(each(), name=f"realtime {each.__qualname__}") for each in work]
        host, port = self._backends.settings.bind_host, self._backends.settings.port or self._service.port
        try:
            self._server = await ws_create_server(
                self.door,
                host,
                port,
                backlog=BACKLOG,
                max_frame_size=MAX_MESSAGE_BYTES,
                read_buffer_init_size=READ_BUFFER_BYTES,
                logger_name="realtime",
            )
        except OSError as error:
            raise ConfigurationError(
                f"Port {port} on {host} cannot be used: {error.strerror}. Stop what holds it, or set DIRECTFANZ_PORT."
            ) from None
        log.info("listening on port %s", self.port)

    async def run(self, stop: asyncio.Event) -> None:
        await until_stopped(stop, *self._loops)

    async def drain(self) -> None:
        """Sends everybody to another process, not all at once."""
        self.door.is_draining = True
        sockets = self.house.sockets
        random.shuffle(sockets)
        if not sockets:
            return
        within = min(self._service.drain_seconds * DRAIN_SHARE, len(sockets) / SENT_AWAY_PER_SECOND)
        log.info("sending %s sockets away within %.1f s", len(sockets), within)
        for socket in sockets:
            socket.close(RESTART)
            await self._backends.clock.sleep(within / len(sockets))
        await self._until_empty()

    async def close(self) -> None:
        for task in self._loops:
            task.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        for socket in self.house.sockets:
            socket.abort()
        await self._until_empty()
        await self.house.settle()
        try:
            await self.house.presence.leave_all()
        except DirectFanzError as error:
            log.info("the others will find out that we are gone: %s", error.message)
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _until_empty(self) -> None:
        """Those who do not say goodbye are cut after CLOSE_SECONDS, so this ends."""
        loop = asyncio.get_running_loop()
        until = loop.time() + CLOSE_SECONDS + 1
        while len(self.house) and loop.time() < until:
            await self._backends.clock.sleep(0.02)

    async def _look(self) -> None:
        """Readiness is asked where nothing can be waited for, so the answer is kept ready."""
        while True:
            try:
                await self._backends.cache.ping()
                self._cache_is_up = True
            except DirectFanzError:
                self._cache_is_up = False
            await self._backends.clock.sleep(LOOK_AT_ENGINES_SECONDS)

    def _states(self) -> dict[str, bool]:
        return {"cache": self._cache_is_up, "news": self.house.news.is_listening}
