"""One node that dies, hangs, or lets nobody in."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable

import pytest

from directfanz.backends.cache import address
from directfanz.backends.cache.connection import Options
from directfanz.backends.cache.valkey import ValkeyCache
from directfanz.errors import ConfigurationError, Unavailable
from directfanz.platform_toml import Platform
from tests.support.meanwhile import Counting, meanwhile, until
from tests.support.own_engines import OwnEngines, own_engines
from tests.support.telemetry import Figures


@pytest.fixture
async def mine() -> AsyncIterator[OwnEngines]:
    async with own_engines("valkey") as mine:
        yield mine


@pytest.fixture
def figures(platform: Platform) -> Figures:
    return Figures(platform)


@contextlib.asynccontextmanager
async def opened(mine: OwnEngines, figures: Figures, timeout_seconds: float = 1.0) -> AsyncIterator[ValkeyCache]:
    engine = mine.set.valkey
    options = Options(password=engine.password, timeout_seconds=timeout_seconds)
    cache = ValkeyCache(address(f"127.0.0.1:{engine.port}"), options, figures.counter("cache_errors_total"))
    await cache.start()
    try:
        yield cache
    finally:
        await cache.close()


@pytest.fixture
async def cache(mine: OwnEngines, figures: Figures) -> AsyncIterator[ValkeyCache]:
    async with opened(mine, figures) as cache:
        yield cache


async def answered(question: Awaitable[object]) -> bool:
    try:
        await question
    except Unavailable:
        return False
    return True


async def test_a_restart_is_not_noticed_and_forgets_no_session(cache: ValkeyCache, mine: OwnEngines) -> None:
    for number in range(100):
        await cache.set(f"session:{number}", number, ttl_seconds=600, durable=True)
    killing = asyncio.ensure_future(mine.kill("valkey"))
    reads = 0
    while not killing.done():
        assert await cache.get("session:7") == b"7"
        reads += 1
    await killing
    assert reads > 0
    assert await cache.get_many([f"session:{number}" for number in range(100)]) == [b"%d" % n for n in range(100)]


async def test_no_acknowledged_increment_is_lost_and_none_happens_twice(cache: ValkeyCache, mine: OwnEngines) -> None:
    """Those whose answer was lost may have happened; nobody repeats them."""
    counting = Counting(cache)
    async with meanwhile(counting.go_on, 20):
        for _ in range(3):
            await counting.reaches(counting.acknowledged + 100)
            await mine.kill("valkey")
    value = int(await cache.get("counter") or 0)
    assert counting.acknowledged <= value <= counting.acknowledged + counting.unknown


async def test_a_node_that_hangs_costs_a_bounded_time_and_heals(mine: OwnEngines, figures: Figures) -> None:
    async with opened(mine, figures, timeout_seconds=0.2) as cache:
        await cache.set("a", "b")
        loop = asyncio.get_running_loop()
        with mine.frozen("valkey"):
            began = loop.time()
            with pytest.raises(Unavailable) as refusal:
                await cache.ping()
            assert loop.time() - began < 1
            assert refusal.value.retry_after_seconds
            results = await asyncio.gather(
                cache.get("a"), cache.increment("n"), cache.script("return 1", ["a"], []), return_exceptions=True
            )
            assert all(isinstance(result, Unavailable) for result in results)
            assert loop.time() - began < 8
            began = loop.time()
            with pytest.raises(Unavailable):
                await cache.get("a")
            assert loop.time() - began < 1, "once it has been away for so long nobody waits for it"
        assert figures.value("cache_errors_total") == 4
        await until(lambda: answered(cache.ping()))
        assert await cache.get("a") == b"b"


async def test_a_listener_hears_again_after_a_restart_and_knows_of_the_gap(
    cache: ValkeyCache, mine: OwnEngines
) -> None:
    async with cache.subscribe("news", "more") as subscription:
        await mine.kill("valkey")
        await until(lambda: subscription.gaps)
        assert await cache.publish("news", b"again") == 1
        async for message in subscription:
            assert message == ("news", b"again")
            break
        assert subscription.gaps == 1


async def test_a_listener_added_while_the_node_is_away_comes_later(mine: OwnEngines, figures: Figures) -> None:
    async with opened(mine, figures, timeout_seconds=0.2) as cache, cache.subscribe("first") as subscription:
        with mine.frozen("valkey"), pytest.raises(Unavailable, match="later"):
            await subscription.add("second")
        await until(lambda: answered(cache.ping()))
        await until(lambda: cache.publish("second", b"here"))
        async for message in subscription:
            assert message == ("second", b"here")
            break


async def test_a_node_that_is_not_there_yet_is_used_when_it_comes(mine: OwnEngines, figures: Figures) -> None:
    with mine.frozen("valkey"):
        async with asyncio.timeout(5):
            opening = opened(mine, figures, timeout_seconds=0.2)
            cache = await opening.__aenter__()
        with pytest.raises(Unavailable):
            await cache.ping()
    await cache.set("a", "b")
    await opening.__aexit__(None, None, None)


async def test_a_wrong_password_refuses_to_start(mine: OwnEngines, figures: Figures) -> None:
    node = address(f"127.0.0.1:{mine.set.valkey.port}")
    for password in ("wrong", None):
        cache = ValkeyCache(node, Options(password=password), figures.counter("cache_errors_total"))
        with pytest.raises(ConfigurationError, match="does not let us in"):
            await cache.start()
        await cache.close()


async def test_a_full_cache_says_so_and_still_reads(cache: ValkeyCache) -> None:
    await cache.set("a", "b")
    await cache.command("CONFIG", "SET", "maxmemory", "1mb", key="a")
    filling = [cache.set(f"fill:{number}", "x" * 10_000) for number in range(1000)]
    with pytest.raises(Unavailable, match="full"):
        await asyncio.gather(*filling)
    assert await cache.get("a") == b"b"
