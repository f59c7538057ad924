"""Told to stop, the process finishes what it began, and takes nothing new."""

from __future__ import annotations

import asyncio
import json

import httpx
import msgspec
import pytest

from directfanz.backends import Backends
from directfanz.errors import ConfigurationError
from directfanz.processes.web.app import create_app
from directfanz.processes.web.main import DrainingServer, configured, listening, run
from directfanz.settings import Settings
from tests.support.meanwhile import until
from tests.support.running import HOST, Running, running

HEAD = b"POST /api/v1/auth/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


async def takes_nobody(process: Running) -> bool:
    try:
        answer = await process.ask("/ready")
    except httpx.TransportError:
        return True
    assert answer.status_code in (200, 503)
    return False


async def test_a_request_under_way_is_finished(settings: Settings) -> None:
    body = json.dumps({"email": "nobody@example.com", "password": "x"}).encode()
    async with running("web", settings) as process:
        reader, writer = await asyncio.open_connection(HOST, process.port)
        writer.write(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body[:5])
        await writer.drain()
        await until(lambda: in_flight(process, 2))
        process.tell_to_stop()
        await until(lambda: takes_nobody(process))
        assert process.process.alive
        writer.write(body[5:])
        answer = await asyncio.wait_for(reader.read(), 20)
        writer.close()
        assert answer.startswith(b"HTTP/1.1 401 ")
        assert b"sign_in_refused" in answer
        assert await asyncio.wait_for(process.process.wait(), 20) == 0


async def in_flight(process: Running, count: int) -> bool:
    """The one that asks is one of them."""
    return await process.figure("http_in_flight") == count


async def test_while_it_lingers_it_is_not_ready_and_ends_each_connection(backends: Backends) -> None:
    app = create_app(backends)
    with listening(HOST, 0) as door:
        server = DrainingServer(configured(app, 5, 60), app, linger_seconds=3600)
        serving = asyncio.create_task(server.serve(sockets=[door]))
        async with httpx.AsyncClient(base_url=f"http://{HOST}:{door.getsockname()[1]}") as client:
            assert (await client.get("/ready")).status_code == 200
            server.begin_drain()
            for path, status in (("/ready", 503), ("/health", 200), ("/api/v1/people", 200), ("/pricing", 200)):
                answer = await client.get(path)
                assert (answer.status_code, answer.headers["connection"]) == (status, "close"), path
            server.begin_drain()  # a second signal: no more lingering
            await asyncio.wait_for(serving, 10)
    app.close()


async def test_the_log_of_a_process_names_routes_and_no_addresses(settings: Settings) -> None:
    async with running("web", settings) as process:
        answer = await process.ask("/api/v1/people/somebody?token=s3cr3t", **{"User-Agent": "Firefox/1"})
        wanted = answer.headers["x-request-id"].encode()
        await until(lambda: wanted in process.output)
        line = next(line for line in bytes(process.output).splitlines() if wanted in line)
        told = json.loads(line)
        assert told["message"] == "GET /api/v1/people/{handle} 404"
        assert told["logger"] == "directfanz.access"
        assert told["fields"]["status"] == 404
        for secret in (b"s3cr3t", b"somebody", b"127.0.0.1", b"Firefox"):
            assert secret not in line


async def test_a_port_that_is_taken_is_named(settings: Settings) -> None:
    with listening(HOST, 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"Port {port} on {HOST} cannot be used"):
            await run(msgspec.structs.replace(settings, port=port))
