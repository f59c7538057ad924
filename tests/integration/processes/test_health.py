"""The endpoints that say how a process without pages is."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import httpx
import pytest

from directfanz.errors import ConfigurationError, Unavailable
from directfanz.processes.health import MAX_HEAD_BYTES, HealthServer


class Engine:
    """Something the process stands on."""

    problem: Exception | None = None

    async def ping(self) -> None:
        if self.problem:
            raise self.problem


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
async def health(engine: Engine) -> AsyncIterator[HealthServer]:
    server = HealthServer("127.0.0.1", 0, {"engine": engine.ping}, lambda: (b"up 1\n", "text/plain"))
    await server.start()
    yield server
    await server.close()


@pytest.fixture
async def client(health: HealthServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{health.port}") as client:
        yield client


async def test_alive_and_ready(client: httpx.AsyncClient) -> None:
    alive, ready = await client.get("/health"), await client.get("/ready?verbose")
    assert (alive.status_code, alive.json()) == (200, {"status": "alive"})
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "engine": "up"})
    assert ready.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("problem", [Unavailable("It is down."), ValueError("a mistake in the probe")])
async def test_an_engine_that_is_down_makes_it_unready_but_not_dead(
    engine: Engine, client: httpx.AsyncClient, problem: Exception
) -> None:
    engine.problem = problem
    ready = await client.get("/ready")
    assert (ready.status_code, ready.json()) == (503, {"status": "unavailable", "engine": "down"})
    assert (await client.get("/health")).status_code == 200
    engine.problem = None
    assert (await client.get("/ready")).status_code == 200


async def test_an_engine_that_hangs_counts_as_down(health: HealthServer, client: httpx.AsyncClient) -> None:
    async def hangs() -> None:
        await asyncio.Event().wait()

    health._probes = {"engine": hangs}
    assert (await client.get("/ready")).json()["engine"] == "down"


async def test_a_process_about_to_stop_is_not_ready(health: HealthServer, client: httpx.AsyncClient) -> None:
    health.draining = True
    ready = await client.get("/ready")
    assert (ready.status_code, ready.json()) == (503, {"status": "draining"})
    assert (await client.get("/health")).status_code == 200


async def test_metrics_are_for_the_collector_beside_us(client: httpx.AsyncClient) -> None:
    assert (await client.get("/metrics")).text == "up 1\n"
    through_the_edge = await client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
    assert through_the_edge.status_code == 404


async def test_head_has_no_body_and_other_methods_and_paths_are_refused(client: httpx.AsyncClient) -> None:
    head = await client.head("/health")
    assert (head.status_code, head.content) == (200, b"")
    assert (await client.post("/health", content=b"x")).status_code == 405
    assert (await client.get("/elsewhere")).status_code == 404


@pytest.mark.parametrize("words", [b"", b"\r\n\r\n", b"nonsense\r\n\r\n", b"GET\r\n\r\n", b"x" * (MAX_HEAD_BYTES * 2)])
async def test_what_is_no_http_harms_nobody(health: HealthServer, client: httpx.AsyncClient, words: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", health.port)
    writer.write(words)
    writer.write_eof()
    await reader.read()
    writer.close()
    await writer.wait_closed()
    assert (await client.get("/health")).status_code == 200


async def test_a_port_in_use_says_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        server = HealthServer("127.0.0.1", port, {}, lambda: (b"", ""))
        with pytest.raises(ConfigurationError, match=f"Port {port} .*DIRECTFANZ_PORT"):
            await server.start()
