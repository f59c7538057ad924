"""An answer on its way out: the headers that all carry are added, and what was sent is remembered for the log."""

from __future__ import annotations

from typing import Any

from directfanz.backends import Backends
from directfanz.http.arrival import Arrival
from directfanz.http.headers import PRIVATE, REVALIDATE, VARY, Header, SecurityHeaders
from directfanz.http.notices import notice_cookie

# The ASGI extension by which our server takes an answer in one piece.
WHOLE = "directfanz.whole"
_PRIVATE = b"%b: %b\r\n" % PRIVATE


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

    async def whole(self, status: int, headers: list[Header], body: bytes, way_out: Any = None) -> None:
        """`way_out` is the server's, for answers of the API without notices."""
        if status != 304:
            headers = [*headers, (b"content-length", b"%d" % len(body))]
        if way_out is None:
            await self({"type": "http.response.start", "status": status, "headers": headers})
            await self({"type": "http.response.body", "body": body})
            return
        self.status = status
        self.size = len(body)
        parts = [b"x-request-id: ", self._arrival.request_id.encode(), b"\r\n"]
        for name, value in headers:
            parts += (name, b": ", value, b"\r\n")
        head = b"".join(parts)
        if head.count(b"\n") != len(headers) + 1 or head.count(b"\r") != len(headers) + 1:
            raise ValueError("a header holds a line break")
        if b"cache-control: " not in head:
            head += _PRIVATE
        await way_out(status, head + self._security.api_block, body, close=self.closing)

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
