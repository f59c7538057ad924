"""A small HTTP/1.1 server for the edge: many short answers, many that wait. What a service framework does beyond that is not needed
here, and each viewer asks twice a second."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import NamedTuple, cast
from urllib.parse import parse_qs

import httptools

from directfanz.errors import ConfigurationError, DirectFanzError

MAX_BODY_BYTES = 64 << 10
MAX_TARGET_BYTES = 4096
IDLE_SECONDS = 75
HIGH_WATER_BYTES = 1 << 20
REASONS = {200: "OK", 201: "Created", 204: "No Content", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
           404: "Not Found", 405: "Method Not Allowed", 413: "Content Too Large", 415: "Unsupported Media Type",
           422: "Unprocessable Content", 500: "Internal Server Error", 501: "Not Implemented", 503: "Service Unavailable"}  # fmt: skip
log = logging.getLogger("directfanz.streaming.http")


class Request(NamedTuple):
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[bytes, bytes]
    body: bytes


class Answer(NamedTuple):
    status: int
    body: bytes | tuple[bytes, ...] = b""
    kind: str = "text/plain; charset=utf-8"
    cache: str = "no-store"
    more: tuple[tuple[str, str], ...] = ()


Handler = Callable[[Request], Answer | Awaitable[Answer]]


def said(status: int, words: str) -> Answer:
    return Answer(status, words.encode() + b"\n")


class HttpServer:
    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._server: asyncio.Server | None = None
        self.connections: set[_Connection] = set()

    @property
    def port(self) -> int:
        assert self._server is not None
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    async def start(self, host: str, port: int) -> None:
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(lambda: _Connection(self, self._handler), host, port, backlog=1024)
        except OSError as error:
            raise ConfigurationError(
                f"Port {port} on {host} cannot be used: {error.strerror}. Stop what holds it, or set DIRECTFANZ_PORT."
            ) from None

    async def close(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for connection in list(self.connections):
            connection.abort()
        await self._server.wait_closed()


class _Connection(asyncio.Protocol):
    """One request at a time: what is sent ahead waits in the kernel."""

    def __init__(self, server: HttpServer, handler: Handler) -> None:
        self._server = server
        self._handler = handler
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._task: asyncio.Task[None] | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._begin()

    def _begin(self) -> None:
        self._target = b""
        self._headers: dict[bytes, bytes] = {}
        self._body = bytearray()

    # --- asyncio ------------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport = cast(asyncio.Transport, transport)  # uvloop's are none by class
        transport.set_write_buffer_limits(high=HIGH_WATER_BYTES)
        self._transport = transport
        self._server.connections.add(self)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.connections.discard(self)
        if self._task is not None:
            self._task.cancel()
        if self._idle is not None:
            self._idle.cancel()
        self._transport = None

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._write(said(400, "this is not HTTP"), closes=True)

    def pause_writing(self) -> None:
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        if self._transport is not None and self._task is None:
            self._transport.resume_reading()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    # --- httptools ----------------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._begin()

    def on_url(self, url: bytes) -> None:
        self._target += url
        if len(self._target) > MAX_TARGET_BYTES:
            raise httptools.HttpParserError("a long address")

    def on_header(self, name: bytes, value: bytes) -> None:
        if len(self._headers) > 100:
            raise httptools.HttpParserError("many headers")
        self._headers[name.lower()] = value

    def on_body(self, body: bytes) -> None:
        if len(self._body) + len(body) > MAX_BODY_BYTES:
            raise httptools.HttpParserError("a large body")
        self._body += body

    def on_message_complete(self) -> None:
        if self._task is not None or self._transport is None:
            self.abort()  # sent ahead within the same packet: the edge never does
            return
        if self._idle is not None:
            self._idle.cancel()
        path, _, query = self._target.partition(b"?")
        request = Request(
            self._parser.get_method().decode("ascii", "replace"),
            path.decode("ascii", "replace"),
            parse_qs(query.decode("ascii", "replace"), max_num_fields=20) if query else {},
            self._headers,
            bytes(self._body),
        )
        self._answer(request)

    # --- inside -------------------------------------------------------------------------------------------------------

    def _answer(self, request: Request) -> None:
        closes = not self._parser.should_keep_alive()
        try:
            answer = self._handler(request)
        except Exception:
            log.exception("an answer failed")
            answer = said(500, "this went wrong")
        if isinstance(answer, Answer):
            self._write(answer, closes=closes, with_body=request.method != "HEAD")
            return
        assert self._transport is not None
        self._transport.pause_reading()
        self._task = asyncio.get_running_loop().create_task(self._later(answer, closes, request.method != "HEAD"))

    async def _later(self, waiting: Awaitable[Answer], closes: bool, with_body: bool) -> None:
        try:
            answer = await waiting
        except DirectFanzError as error:
            answer = said(error.status, error.message)
        except Exception:
            log.exception("an answer failed")
            answer = said(500, "this went wrong")
        self._task = None
        if self._transport is not None:
            self._transport.resume_reading()
            self._write(answer, closes=closes, with_body=with_body)

    def _write(self, answer: Answer, *, closes: bool, with_body: bool = True) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        pieces = answer.body if isinstance(answer.body, tuple) else (answer.body,)
        length = sum(map(len, pieces))
        more = "".join(f"{name}: {value}\r\n" for name, value in answer.more)
        head = (
            f"HTTP/1.1 {answer.status} {REASONS.get(answer.status, 'Other')}\r\nContent-Type: {answer.kind}\r\n"
            f"Content-Length: {length}\r\nCache-Control: {answer.cache}\r\n{more}"
            f"{'Connection: close' if closes else 'Connection: keep-alive'}\r\n\r\n"
        )
        self._transport.writelines([head.encode(), *(pieces if with_body else ())])
        if closes:
            self._transport.close()
        else:
            self._wait()

    def _wait(self) -> None:
        self._idle = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._is_idle)

    def _is_idle(self) -> None:
        if self._transport is not None and self._task is None:
            self._transport.close()
