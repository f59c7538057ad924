"""The application behind the real server, on a port of its own, in the test's loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from directfanz.processes.web.app import WebApp
from directfanz.processes.web.main import DrainingServer, configured, listening

ANSWER_SECONDS = 20


@asynccontextmanager
async def served(app: WebApp, drain_seconds: int = 5) -> AsyncIterator[int]:
    with listening("127.0.0.1", 0) as listener:
        server = DrainingServer(configured(app, drain_seconds, 60), app, linger_seconds=0)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield int(listener.getsockname()[1])
        finally:
            server.should_exit = True
            await serving
            app.close()


async def raw(port: int, request: bytes, *, hang_up: bool = False) -> bytes:
    """Whatever comes back for these bytes, to its end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        await writer.drain()
        if hang_up:
            return b""
        return await asyncio.wait_for(reader.read(), ANSWER_SECONDS)
    except ConnectionError:
        return b""
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])
