"""ClamAV's daemon, over its own protocol: `zINSTREAM`, chunks with their length before them, a length of zero at the end.

The daemon has a limit (StreamMaxLength, 100 MB unless set) and hangs up beyond it: what it had seen until then counts, and
`looked_at` says how much that was.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from directfanz.backends.scanning.contract import Verdict
from directfanz.errors import ConfigurationError, Unavailable

CONNECT_SECONDS = 5
ANSWER_SECONDS = 120
CHUNK_BYTES = 1024 * 1024
MOST_ANSWER_BYTES = 4096


class Clamd:
    """`tcp://host:3310` or `unix:///run/clamd.sock`"""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("tcp", "unix") or (parts.scheme == "tcp" and not parts.hostname):
            raise ConfigurationError("DIRECTFANZ_CLAMD_ADDRESS is tcp://host:port or unix:///path.")
        self._parts = parts

    @asynccontextmanager
    async def scan(self) -> AsyncIterator[StreamScan]:
        reader, writer = await self._connect()
        try:
            yield StreamScan(reader, writer)
        finally:
            writer.close()

    async def ping(self) -> None:
        reader, writer = await self._connect()
        try:
            writer.write(b"zPING\0")
            if await _answer(reader) != "PONG":
                raise Unavailable("The scanner does not answer as one.")
        finally:
            writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                if self._parts.scheme == "unix":
                    return await asyncio.open_unix_connection(self._parts.path)
                return await asyncio.open_connection(self._parts.hostname, self._parts.port or 3310)
        except (OSError, TimeoutError) as error:
            raise Unavailable("The scanner does not answer.") from error


class StreamScan:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._sent = 0
        self._full = False
        writer.write(b"zINSTREAM\0")

    async def feed(self, chunk: bytes) -> None:
        for start in range(0, len(chunk), CHUNK_BYTES):
            await self._send(chunk[start : start + CHUNK_BYTES])

    async def end(self) -> Verdict:
        if not self._full:
            await self._write((0).to_bytes(4, "big"))
        words = await _answer(self._reader)
        if words.endswith(" FOUND"):
            return Verdict(found=words.removeprefix("stream: ").removesuffix(" FOUND"), looked_at=self._sent)
        if words == "stream: OK" or "size limit exceeded" in words:
            return Verdict(found=None, looked_at=self._sent)
        raise Unavailable(f"The scanner answers: {words[:200] or 'nothing'}")

    async def _send(self, piece: bytes) -> None:
        if self._full or not piece:
            return
        await self._write(len(piece).to_bytes(4, "big") + piece)
        if not self._full:
            self._sent += len(piece)

    async def _write(self, data: bytes) -> None:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                self._writer.write(data)
                await self._writer.drain()
        except ConnectionError:
            self._full = True  # it has said all it will say; `end` reads what that is
        except TimeoutError as error:
            raise Unavailable("The scanner does not take what it is sent.") from error


async def _answer(reader: asyncio.StreamReader) -> str:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            words = await reader.readuntil(b"\0")
    except asyncio.IncompleteReadError as error:
        words = error.partial
    except (OSError, TimeoutError, asyncio.LimitOverrunError) as error:
        raise Unavailable("The scanner does not answer.") from error
    return words[:MOST_ANSWER_BYTES].rstrip(b"\0\n").decode("utf-8", "replace")
