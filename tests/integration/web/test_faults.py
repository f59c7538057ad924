"""An engine is away, slow or full: the answer is 503 and says when to come back, and it passes by itself."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import msgspec
import pytest

from directfanz.backends.assembly import opened
from directfanz.processes.web.app import create_app
from directfanz.settings import Secret, Settings
from tests.integration.web.conftest import SITE
from tests.integration.web.workshop import API, Bench, known_caller
from tests.support.engines import REPOSITORY
from tests.support.meanwhile import until
from tests.support.own_engines import OwnEngines, own_engines

POOL = 2


@pytest.fixture(scope="module")
async def mine() -> AsyncIterator[OwnEngines]:
    async with own_engines("postgres", "valkey") as engines:
        yield engines


@pytest.fixture
def own_settings(settings: Settings, mine: OwnEngines, tmp_path: Path) -> Settings:
    """Small limits, so that reaching them takes a second and not ten."""
    text = (REPOSITORY / "platform.toml").read_text()
    for name, value in (
        ("pool_min", 1),
        ("pool_max", 2 * POOL),  # one half reads, the other writes
        ("acquire_timeout_seconds", 1),
        ("statement_timeout_seconds", 2),
        ("timeout_seconds", 0.3),
    ):
        text, found = re.subn(rf"^{name} = .*$", f"{name} = {value}", text, flags=re.MULTILINE)
        assert found
    platform_file = tmp_path / "platform.toml"
    platform_file.write_text(text)
    return msgspec.structs.replace(
        settings,
        platform_file=str(platform_file),
        database_url=Secret(mine.set.postgres.url()),
        cache_nodes=(f"127.0.0.1:{mine.set.valkey.port}",),
        cache_password=Secret(mine.set.valkey.password),
        cache_database=0,
    )


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[tuple[httpx.AsyncClient, Bench]]:
    async with opened(settings, service="test") as backends:
        app = create_app(backends, known_caller, [API])
        bench = app.litestar.state["bench"] = Bench()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"{SITE}/api/v1") as client:
            yield client, bench
        app.close()


async def is_well(client: httpx.AsyncClient) -> bool:
    return (await client.get("/asks")).status_code == 200 and (await client.get(f"{SITE}/ready")).status_code == 200


def is_refused(answer: httpx.Response) -> bool:
    assert answer.status_code == 503, answer.text
    error = answer.json()["error"]
    assert error["message"] == "Something we need does not answer. Try again shortly."
    return int(answer.headers["retry-after"]) >= 1


async def test_a_database_that_hangs_is_not_waited_for(own_settings: Settings, mine: OwnEngines) -> None:
    async with serving(own_settings) as (client, _):
        assert await is_well(client)
        with mine.frozen("postgres"):
            assert is_refused(await client.get("/asks"))
            ready = await client.get(f"{SITE}/ready")
            assert (ready.status_code, ready.json()["database"], ready.json()["cache"]) == (503, "down", "up")
            assert (await client.get(f"{SITE}/health")).status_code == 200
            assert (await client.get("/things/1")).status_code == 200
            keyed = await client.post("/things", json={"name": "x"}, headers={"Idempotency-Key": "k" * 20})
            assert is_refused(keyed)
        await until(lambda: is_well(client))


async def test_a_database_that_dies_is_back_by_itself(own_settings: Settings, mine: OwnEngines) -> None:
    async with serving(own_settings) as (client, _):
        killing = asyncio.create_task(mine.kill("postgres"))
        while not killing.done():
            answer = await client.get("/asks")
            assert answer.status_code == 200 or is_refused(answer)
        await killing
        await until(lambda: is_well(client))


async def test_a_full_pool_is_waited_for_and_then_refused(own_settings: Settings, mine: OwnEngines) -> None:
    async with serving(own_settings) as (client, bench):
        holders = [asyncio.create_task(client.get("/holds")) for _ in range(POOL)]
        await until(lambda: bench.held == POOL)
        refused = await client.get("/holds")
        assert is_refused(refused)
        assert refused.json()["error"]["code"] == "pool_exhausted"
        waiting = asyncio.create_task(client.get("/holds"))
        await asyncio.sleep(0)
        bench.go_on.set()
        assert [(await each).status_code for each in (*holders, waiting)] == [200] * (POOL + 1)
        assert await is_well(client)


async def test_without_the_cache_limits_pass_but_guards_of_secrets_refuse(
    own_settings: Settings, mine: OwnEngines
) -> None:
    async with serving(own_settings) as (client, _):
        assert "ratelimit-remaining" in (await client.post("/guarded")).headers
        with mine.frozen("valkey"):
            assert is_refused(await client.post("/guarded"))
            assert (await client.post("/limited")).status_code == 201
            ready = await client.get(f"{SITE}/ready")
            assert (ready.status_code, ready.json()["cache"]) == (503, "down")
        await until(lambda: is_well(client))
        again = await client.post("/guarded")
        assert (again.status_code, again.headers["ratelimit-limit"]) == (201, "3")
