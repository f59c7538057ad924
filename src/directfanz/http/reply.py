"""An answer on its way out: the headers that all carry are added, and what was sent is remembered for the log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from directfanz.backends import Backends
from directfanz.http.arrival import Arrival
from directfanz.http.headers import PRIVATE, REVALIDATE, VARY, Header, SecurityHeaders
from directfanz.http.notices import notice_cookie

# Pages below it may stand in a frame of another site; they know nobody.
CARDS = "/embed/"
_PRIVATE = b"%b: %b\r\n" % PRIVATE


def lines_of(headers: list[Header]) -> bytes:
    """The headers as they go over the wire."""
    head = b"".join([b"%b: %b\r\n" % header for header in headers])
    if head.count(b"\n") != len(headers) or head.count(b"\r") != len(headers):
        raise ValueError("a header holds a line break")
    return head if b"cache-control: " in head else head + _PRIVATE


def lines_in(head: bytes) -> Iterator[Header]:
    for line in head.splitlines():
        name, _, value = line.partition(b": ")
        yield name, value


class Reply:
    """Stands where ASGI's `send` stood."""

    __slots__ = ("_arrival", "_backends", "_security", "_send", "closing", "size", "status")

    def __init__(
        self, arrival: Arrival, send: Any, security: SecurityHeaders, backends: Backends, *, closing: bool
    ) -> None:
        self._arrival = arrival
        self._send = send
        self._security = security
        self._backends = backends
        self.closing = closing
        self.status = 0
        self.size = 0

    async def whole(self, status: int, headers: list[Header] | bytes, body: bytes) -> None:
        """Headers that come as bytes are lines, ready to leave."""
        listed = list(lines_in(headers)) if isinstance(headers, bytes) else [*headers]
        if status != 304:
            listed.append((b"content-length", b"%d" % len(body)))
        await self({"type": "http.response.start", "status": status, "headers": listed})
        await self({"type": "http.response.body", "body": body})

    async def __call__(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = self._dressed(list(message["headers"]))
        else:
            self.size += len(message.get("body", b""))
        await self._send(message)

    def _dressed(self, headers: list[Header]) -> list[Header]:
        arrival = self._arrival
        named = dict(headers)
        page = named.get(b"content-type", b"").startswith(b"text/html")
        if page and arrival.path.startswith(CARDS):
            headers += [
                header for header in self._security.card if header[0] not in named
            ]  # a player says more of itself
        else:
            headers += self._security.page if page else self._security.api
        headers.append((b"x-request-id", arrival.request_id.encode()))
        headers += arrival.extra
        if b"cache-control" not in named:
            headers += (REVALIDATE, VARY) if b"etag" in named else (PRIVATE,)
        if arrival.notices or arrival.notices_read:
            self._carry_notices(headers)
        if self.closing:
            headers.append((b"connection", b"close"))
        return headers

    def _carry_notices(self, headers: list[Header]) -> None:
        backends = self._backends
        cookie = notice_cookie(self._arrival, backends.tokens, backends.clock.now(), self._security.secure)
        if cookie is not None:
            headers.append((b"set-cookie", cookie))
