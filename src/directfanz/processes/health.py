"""`/health`, `/ready` and `/metrics` for the processes that serve no pages.

A collector and a load balancer ask a line and read an answer: that is all of HTTP that is spoken here.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from types import TracebackType

import msgspec

from directfanz.backends import Backends
from directfanz.errors import DirectFanzError

MAX_REQUEST_BYTES = 8192
ASK_SECONDS = 5.0
PROBE_SECONDS = 2.0
JSON = "application/json"
Probe = Callable[[], Awaitable[None]]


class Health:
    """`probes` are asked for `/ready`; `about` is what `/` says."""

    def __init__(self, backends: Backends, about: str, probes: Mapping[str, Probe] | None = None) -> None:
        self._backends = backends
        self._about = about
        self._probes = probes if probes is not None else standing_on(backends)
        self.draining = False

    async def answer(self, path: str, *, from_outside: bool = False) -> tuple[int, str, bytes]:
        """Status, content type and body. What came through the edge sees no figures."""
        if path == "/health":
            return 200, JSON, b'{"status":"alive"}'
        if path == "/ready":
            return await self._ready()
        if path == "/metrics" and not from_outside:
            body, kind = self._backends.telemetry.prometheus()
            return 200, kind, body
        if path == "/":
            return 200, JSON, msgspec.json.encode({"about": self._about})
        return 404, JSON, b'{"error":{"code":"not_found","message":"There is nothing at this address."}}'

    async def _ready(self) -> tuple[int, str, bytes]:
        if self.draining:
            return 503, JSON, b'{"status":"draining"}'
        ups = await asyncio.gather(*(_answers(probe) for probe in self._probes.values()))
        states = {name: "up" if up else "down" for name, up in zip(self._probes, ups, strict=True)}
        ready = all(ups)
        return (
            200 if ready else 503,
            JSON,
            msgspec.json.encode({"status": "ready" if ready else "unavailable", **states}),
        )


def standing_on(backends: Backends) -> dict[str, Probe]:
    return {"database": backends.database.ping, "cache": backends.cache.ping}


async def _answers(probe: Probe) -> bool:
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            await probe()
    except (DirectFanzError, TimeoutError):
        return False
    return True


class HealthServer:
    """Listens from `async with` to its end."""

    def __init__(self, health: Health, host: str, port: int) -> None:
        self._health, self._host, self._port = health, host, port
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> HealthServer:
        self._server = await asyncio.start_server(self._serve, self._host, self._port, limit=MAX_REQUEST_BYTES)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(ASK_SECONDS):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                status, kind, body = await self._answer(head)
                writer.write(_written(status, kind, body))
                await writer.drain()
        writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(ASK_SECONDS):
                await writer.wait_closed()

    async def _answer(self, head: str) -> tuple[int, str, bytes]:
        method, _, rest = head.partition(" ")
        if method not in ("get", "head"):
            return 405, JSON, b'{"error":{"code":"method_not_allowed","message":"Ask with GET."}}'
        path = rest.partition(" ")[0].partition("?")[0]
        return await self._health.answer(path, from_outside="\r\nx-forwarded-for:" in head)


def _written(status: int, kind: str, body: bytes) -> bytes:
    reason = HTTPStatus(status).phrase
    head = f"HTTP/1.1 {status} {reason}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    return head.encode() + body
