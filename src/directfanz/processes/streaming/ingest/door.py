"""Listens for encoders, keeps count of them, and looks after each once a second."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections import Counter

from directfanz.backends import Backends
from directfanz.domains.live.models import Protocol
from directfanz.errors import ConfigurationError
from directfanz.processes.streaming.house import House
from directfanz.processes.streaming.ingest.connection import Connection
from directfanz.processes.streaming.ingest.sweep import Sweep

TICK_SECONDS = 1.0
PER_ADDRESS = 64
MORE_THAN_STREAMS = 100
BACKLOG = 512
log = logging.getLogger("directfanz.streaming.ingest")


class Door:
    def __init__(self, backends: Backends, house: House) -> None:
        self.house = house
        self.clock = backends.clock
        self.most_kbps = backends.platform.ingest.bitrate_max_kbps
        self._most = backends.platform.ingest.streams_max + MORE_THAN_STREAMS
        self._connections: set[Connection] = set()
        self._addresses: Counter[str] = Counter()
        self.sweep = Sweep()
        self._servers: list[asyncio.Server] = []
        self._refused = backends.telemetry.counter("live_publishers_refused_total")
        self._cut = backends.telemetry.counter("live_publishers_cut_total")

    def __len__(self) -> int:
        return len(self._connections)

    async def listen(self, host: str, port: int, protocol: Protocol = "rtmp", tls: ssl.SSLContext | None = None) -> int:
        """The port that it got."""
        loop = asyncio.get_running_loop()
        try:
            server = await loop.create_server(
                lambda: Connection(self, protocol), host, port, backlog=BACKLOG, ssl=tls,
                ssl_handshake_timeout=None if tls is None else 5,
            )  # fmt: skip
        except OSError as error:
            raise ConfigurationError(
                f"Port {port} on {host} cannot be used: {error.strerror}. Stop what holds it, or set DIRECTFANZ_{protocol.upper()}_PORT."
            ) from None
        self._servers.append(server)
        found: int = server.sockets[0].getsockname()[1]
        log.info("%s encoders are awaited on port %s", protocol.upper(), found)
        return found

    async def run(self) -> None:
        while True:
            await self.clock.sleep(TICK_SECONDS)
            now = self.clock.monotonic()
            for connection in list(self._connections):
                try:
                    connection.tick(now)
                except Exception:  # one publisher's trouble is no matter of the others
                    log.exception("a publisher could not be looked after")
                    connection.abort()

    def stop_listening(self) -> None:
        for server in self._servers:
            server.close()

    async def close(self) -> None:
        self.stop_listening()
        for connection in list(self._connections):
            connection.cut_off("the server is being restarted")
            connection.abort()
        for server in self._servers:
            await server.wait_closed()

    # --- told by connections ------------------------------------------------------------------------------------------

    def enter(self, connection: Connection) -> bool:
        """False when there is no room, or too many come from one place."""
        if len(self._connections) >= self._most or self._addresses[connection.address] >= self._room(
            connection.address
        ):
            return False
        self._connections.add(connection)
        self._addresses[connection.address] += 1
        return True

    def leave(self, connection: Connection) -> None:
        if connection in self._connections:
            self._connections.discard(connection)
            self._addresses[connection.address] -= 1
            if not self._addresses[connection.address]:
                del self._addresses[connection.address]

    def refused(self) -> None:
        self._refused.add()

    def cut(self, reason: str) -> None:
        log.info("a publisher was cut: %s", reason)
        self._cut.add()

    def _room(self, address: str) -> int:
        """A gateway on this machine, and a load test, may bring many."""
        return self._most if address in ("127.0.0.1", "::1") else PER_ADDRESS


def certificate(path: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(path)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"The certificate {path} cannot be used: {error}.") from None
    return context
