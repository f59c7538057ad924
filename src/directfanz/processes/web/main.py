"""Runs the web process until it is told to stop, and then lets every request finish."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import cast

import uvicorn
import uvloop

from directfanz.backends.assembly import opened
from directfanz.backends.telemetry import logs
from directfanz.errors import ConfigurationError
from directfanz.processes.lifecycle import leave_alone_what_stands
from directfanz.processes.web.app import WebApp, create_app
from directfanz.processes.web.protocol import WebProtocol
from directfanz.settings import Settings

# Between "not ready" and closing the door: as long as a load balancer takes to send its requests elsewhere.
LINGER_SECONDS = {"aws": 5.0, "local": 0.2}
# The edge closes an idle connection before we do: a request never meets a door that just closed.
LONGER_THAN_THE_EDGE = 15
WAITING_CONNECTIONS = 2_048
# Objects made before the youngest are looked through. Python's 700 costs a tenth of a small request.
COLLECT_EVERY = 20_000


def main(settings: Settings) -> None:
    uvloop.run(run(settings))


async def run(settings: Settings) -> None:
    handler = logs.configure("web", settings)
    try:
        async with opened(settings, service="web") as backends:
            app = create_app(backends)
            service = backends.platform.services["web"]
            calm_collector()
            door = listening(settings.bind_host, settings.port or service.port)
            config = configured(app, service.drain_seconds, backends.platform.edge.keepalive_seconds)
            try:
                await DrainingServer(config, app, LINGER_SECONDS[settings.profile]).serve(sockets=[door])
            finally:
                app.close()
    finally:
        handler.close()


def listening(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=WAITING_CONNECTIONS)
    except OSError as error:
        raise ConfigurationError(
            f"Port {port} on {host} cannot be used: {error.strerror}. Stop what holds it, or set DIRECTFANZ_PORT."
        ) from None


def configured(app: WebApp, drain_seconds: int, edge_keeps_seconds: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=cast("type[asyncio.Protocol]", partial(WebProtocol, app.lane)),
        ws="none",
        lifespan="off",
        interface="asgi3",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,  # the frame reads them, once, and knows whom to trust
        timeout_keep_alive=edge_keeps_seconds + LONGER_THAN_THE_EDGE,
        timeout_graceful_shutdown=drain_seconds,
    )


def calm_collector() -> None:
    """A request leaves few cycles behind."""
    leave_alone_what_stands()
    gc.set_threshold(COLLECT_EVERY, 20, 50)


class DrainingServer(uvicorn.Server):
    """uvicorn ends the process with the signal that stopped it; we still have engines to close in order."""

    def __init__(self, config: uvicorn.Config, app: WebApp, linger_seconds: float) -> None:
        super().__init__(config)
        self._app = app
        self._linger = linger_seconds

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        stops = (signal.SIGTERM, signal.SIGINT)
        for number in stops:
            loop.add_signal_handler(number, self.begin_drain)
        try:
            yield
        finally:
            for number in stops:
                loop.remove_signal_handler(number)

    def begin_drain(self) -> None:
        if self._app.draining:
            self.should_exit = True  # told twice: no more lingering
            return
        self._app.drain()
        asyncio.get_running_loop().call_later(self._linger, self._stop)

    def _stop(self) -> None:
        self.should_exit = True
