"""Is it there? Each probe asks in the part's own protocol and raises `NotReady` until it gets the right answer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from directfanz.local.part import NotReady, Probe

PATIENCE_SECONDS = 2.0
HOST = "127.0.0.1"


@contextlib.asynccontextmanager
async def _connection(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            reader, writer = await asyncio.open_connection(HOST, port)
            try:
                yield reader, writer
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
    except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
        raise NotReady(f"port {port}: {str(error) or type(error).__name__}") from None


def http_answers(port: int, path: str, *, holding: bytes = b"") -> Probe:
    """200, with these bytes somewhere in the body."""

    async def probe() -> None:
        async with _connection(port) as (reader, writer):
            writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode())
            words = (await reader.readline()).split()
            if words[1:2] != [b"200"]:
                raise NotReady(f"{path} answered {b' '.join(words).decode(errors='replace') or 'nothing'}")
            if holding not in await reader.read():
                raise NotReady(f"{path} does not say {holding.decode()} yet")

    return probe


def all_of(*probes: Probe) -> Probe:
    async def probe() -> None:
        for one in probes:
            await one()

    return probe


def valkey_answers(port: int, password: str) -> Probe:
    async def probe() -> None:
        async with _connection(port) as (reader, writer):
            writer.write(_resp("AUTH", password) + _resp("PING"))
            greeting, pong = await reader.readline(), await reader.readline()
            if greeting != b"+OK\r\n" or pong != b"+PONG\r\n":
                raise NotReady((pong or greeting).decode(errors="replace").strip() or "no answer")

    return probe


def _resp(*words: str) -> bytes:
    return f"*{len(words)}\r\n".encode() + b"".join(f"${len(w.encode())}\r\n{w}\r\n".encode() for w in words)


def smtp_greets(port: int) -> Probe:
    async def probe() -> None:
        async with _connection(port) as (reader, writer):
            greeting = await reader.readline()
            if not greeting.startswith(b"220"):
                raise NotReady(greeting.decode(errors="replace").strip() or "no greeting")
            writer.write(b"QUIT\r\n")
            await reader.read()

    return probe


def postgres_answers(url: str) -> Probe:
    """A real login and a query: the port opens long before the server lets anyone in."""

    async def probe() -> None:
        import asyncpg  # dear to import; by now the server is starting anyway

        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                connection = await asyncpg.connect(url)
                try:
                    await connection.execute("select 1")
                finally:
                    await connection.close()
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise NotReady(str(error) or type(error).__name__) from None

    return probe
