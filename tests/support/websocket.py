"""A WebSocket client that can also misbehave: raw bytes, fragments, no reading."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import msgspec

HOST = "127.0.0.1"
PATIENCE_SECONDS = 20.0
TEXT, BINARY, CLOSE, PING, PONG, CONTINUATION = 0x1, 0x2, 0x8, 0x9, 0xA, 0x0


class Closed(Exception):
    """With the close code; 1006 when the line just broke."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Refused(Exception):
    """The upgrade was answered with a status instead."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body


class Frame(NamedTuple):
    opcode: int
    payload: bytes


def frame(payload: bytes, opcode: int = TEXT, *, fin: bool = True, masked: bool = True) -> bytes:
    size = len(payload)
    head = bytes([(0x80 if fin else 0) | opcode])
    bit = 0x80 if masked else 0
    if size < 126:
        head += bytes([bit | size])
    elif size < 65_536:
        head += bytes([bit | 126]) + size.to_bytes(2)
    else:
        head += bytes([bit | 127]) + size.to_bytes(8)
    if not masked:
        return head + payload
    mask = os.urandom(4)
    return head + mask + bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))


class Client:
    """Listens all the time, and answers pings as a browser does by itself."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.answers_pings = self.says_goodbye = True
        self.subprotocol = ""
        self._heard: asyncio.Queue[Frame | Closed] = asyncio.Queue()
        self._listening: asyncio.Task[None] | None = None

    def listen(self) -> None:
        self._listening = asyncio.get_running_loop().create_task(self._listen())

    async def leave(self) -> None:
        self.vanish()
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def say(self, type: str, **fields: object) -> None:  # noqa: A002 - the protocol's own word
        await self.send(frame(msgspec.json.encode({"type": type, **fields})))

    async def send(self, raw: bytes) -> None:
        self.writer.write(raw)
        await self.writer.drain()

    async def hear(self) -> dict[str, Any]:
        """The next message."""
        while True:
            opcode, payload = await self.next_frame()
            if opcode == TEXT:
                message: dict[str, Any] = msgspec.json.decode(payload)
                return message

    async def hear_of(self, type: str) -> dict[str, Any]:  # noqa: A002
        """The next message of that type; others are passed over."""
        while True:
            message = await self.hear()
            if message["type"] == type:
                return message

    async def hear_people(self, room: str, people: int) -> None:
        """Waits until that many are said to be in the room."""
        while True:
            message = await self.hear_of("presence")
            if message["room"] == room and message["people"] == people:
                return

    async def ends(self) -> int:
        """The close code; messages before it are passed over."""
        try:
            while True:
                await self.hear()
        except Closed as closed:
            return closed.code

    async def next_frame(self) -> Frame:
        async with asyncio.timeout(PATIENCE_SECONDS):
            heard = await self._heard.get()
        if isinstance(heard, Closed):
            self._heard.put_nowait(heard)  # it stays closed
            raise heard
        return heard

    def vanish(self) -> None:
        """Without a goodbye, as a killed browser does."""
        self.writer.transport.abort()

    async def _listen(self) -> None:
        try:
            while True:
                opcode, payload = await self._read()
                if opcode == CLOSE:
                    raise Closed(int.from_bytes(payload[:2]), payload[2:].decode())
                if opcode != PING:
                    self._heard.put_nowait(Frame(opcode, payload))
                elif self.answers_pings:
                    await self.send(frame(payload, PONG))
        except Closed as closed:
            self._heard.put_nowait(closed)
            if self.says_goodbye:
                self.writer.close()
        except (asyncio.IncompleteReadError, ConnectionError):
            self._heard.put_nowait(Closed(1006))

    async def _read(self) -> Frame:
        first, second = await self.reader.readexactly(2)
        size = second & 0x7F
        if size > 125:
            size = int.from_bytes(await self.reader.readexactly(2 if size == 126 else 8))
        return Frame(first & 0x0F, await self.reader.readexactly(size))


@asynccontextmanager
async def connected(
    port: int,
    ticket: str | None = None,
    *,
    path: str = "/ws",
    subprotocols: Iterable[str] = ("directfanz.v1",),
    headers: Mapping[str, str] | None = None,
    sent_along: bytes = b"",
) -> AsyncIterator[Client]:
    offered = [*subprotocols, *([f"ticket.{ticket}"] if ticket is not None else [])]
    reader, writer = await asyncio.open_connection(HOST, port)
    client = Client(reader, writer)
    try:
        asked = {
            "Host": f"{HOST}:{port}",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            "Sec-WebSocket-Protocol": ", ".join(offered),
            **(headers or {}),
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in asked.items() if value)
        writer.write(f"GET {path} HTTP/1.1\r\n{head}\r\n".encode() + sent_along)
        async with asyncio.timeout(PATIENCE_SECONDS):
            answer = await reader.readuntil(b"\r\n\r\n")
            status = int(answer.split()[1])
            if status != 101:
                raise Refused(status, await reader.read(int(_header(answer, "content-length") or 0)))
        client.subprotocol = _header(answer, "sec-websocket-protocol")
        client.listen()
        yield client
    finally:
        await client.leave()


def _header(head: bytes, name: str) -> str:
    lines = (line.partition(":") for line in head.decode().split("\r\n"))
    return next((value.strip() for each, _, value in lines if each.lower() == name), "")


@asynccontextmanager
async def greeted(port: int, ticket: str | None = None, **options: Any) -> AsyncIterator[Client]:
    """After its hello."""
    async with connected(port, ticket, **options) as client:
        hello = await client.hear()
        assert hello["type"] == "hello"
        yield client
