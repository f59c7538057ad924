"""/health, /ready and /metrics for processes that serve no pages. Plain HTTP/1.1, one answer per connection, for probes only."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

import msgspec

from directfanz.errors import ConfigurationError, DirectFanzError

Probe = Callable[[], Awaitable[None]]
Answer = tuple[int, str, bytes]
log = logging.getLogger("directfanz.health")

MAX_HEAD_BYTES = 8192
HEAD_SECONDS = 5
PROBE_SECONDS = 2
JSON = "application/json"
_REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 503: "Service Unavailable"}


class HealthServer:
    """Alive as long as the loop turns. Ready when every probe passes and the process is not about to stop."""

    def __init__(
        self,
        host: str,
        port: int,
        probes: Mapping[str, Probe],
        metrics: Callable[[], tuple[bytes, str]],
        *,
        about: str = "",
    ) -> None:
        """`about` is what somebody reads who looks at `/`."""
        self._host = host
        self._port = port
        self._probes = probes
        self._metrics = metrics
        self._about = about
        self._server: asyncio.Server | None = None
        self.draining = False

    @property
    def port(self) -> int:
        """The one that was found, when asked for any (0)."""
        assert self._server is not None
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    async def start(self) -> None:
        try:
            self._server = await asyncio.start_server(self._serve, self._host, self._port, limit=MAX_HEAD_BYTES)
        except OSError as error:
            raise ConfigurationError(
                f"Port {self._port} on {self._host} cannot be used: {error.strerror}. Stop what holds it, or set DIRECTFANZ_PORT."
            ) from None

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
            writer.write(_reply(await self._answer(head), with_body=not head.startswith(b"HEAD ")))
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # a probe that hung up, or no HTTP at all (a timeout is an OSError)
        finally:
            writer.close()

    async def _answer(self, head: bytes) -> Answer:
        method, _, rest = head.partition(b" ")
        path = rest.partition(b" ")[0].partition(b"?")[0]
        return await self.answer(method, path, for_us=b"\r\nx-forwarded-for:" not in head.lower())

    async def answer(self, method: bytes, path: bytes, *, for_us: bool) -> Answer:
        """Also for processes that have a server of their own. `for_us`: it did not come through the edge."""
        if method not in (b"GET", b"HEAD"):
            return 405, JSON, b'{"status":"only GET"}'
        if path == b"/health":
            return 200, JSON, b'{"status":"alive"}'
        if path == b"/ready":
            return await self._ready()
        if path == b"/metrics" and for_us:  # not for the world behind the edge
            body, kind = self._metrics()
            return 200, kind, body
        if path == b"/" and self._about:
            return 200, JSON, msgspec.json.encode({"status": self._about})
        return 404, JSON, b'{"status":"nothing here"}'

    async def _ready(self) -> Answer:
        if self.draining:
            return 503, JSON, b'{"status":"draining"}'
        states = dict(zip(self._probes, await asyncio.gather(*map(_passes, self._probes.values())), strict=True))
        ready = all(states.values())
        body = {
            "status": "ready" if ready else "unavailable",
            **{name: "up" if up else "down" for name, up in states.items()},
        }
        return (200 if ready else 503), JSON, msgspec.json.encode(body)


async def _passes(probe: Probe) -> bool:
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            await probe()
    except (DirectFanzError, TimeoutError):
        return False
    except Exception:
        log.exception("a readiness probe failed in a way it should not")
        return False
    return True


def _reply(answer: Answer, *, with_body: bool) -> bytes:
    status, kind, body = answer
    head = (
        f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + (body if with_body else b"")
