"""Values, counters and scripts, as the contract states them."""

from __future__ import annotations

import asyncio

import pytest

from directfanz.backends.cache.contract import Cache
from directfanz.backends.cache.faults import CacheRefused
from directfanz.errors import Rejected, Unavailable
from tests.support.meanwhile import until


async def test_a_value_comes_back_as_bytes(cache: Cache, name: str) -> None:
    assert await cache.set(name, "Ada ✓")
    assert await cache.get(name) == "Ada ✓".encode()
    assert await cache.get(name.encode()) == "Ada ✓".encode()
    await cache.set(name, bytes(range(256)))
    assert await cache.get(name) == bytes(range(256))
    await cache.set(name, 42)
    assert await cache.get(name) == b"42"
    await cache.set(name, b"")
    assert await cache.get(name) == b""


async def test_a_missing_key_is_none(cache: Cache, name: str) -> None:
    assert await cache.get(name) is None
    assert await cache.delete(name) == 0
    assert not await cache.expire(name, 10)


async def test_a_large_value_survives(cache: Cache, name: str) -> None:
    large = b"\r\n$3\r\n" * 1_000_000
    await cache.set(name, large)
    assert await cache.get(name) == large


async def test_many_keys_come_in_the_order_asked(cache: Cache, name: str) -> None:
    keys = [f"{name}:{number}" for number in range(50)]
    for number, key in enumerate(keys):
        if number % 3:
            await cache.set(key, number)
    expected = [str(number).encode() if number % 3 else None for number in range(50)]
    assert await cache.get_many(keys) == expected
    assert await cache.get_many([]) == []
    assert await cache.delete(*keys) == sum(1 for number in range(50) if number % 3)


async def test_a_look_tells_what_is_there(cache: Cache, name: str) -> None:
    keys = [f"{name}:{number}" for number in range(5)]
    await cache.set(keys[1], "one")
    await cache.set(keys[3], "three")
    told: asyncio.Future[list[bytes | None] | None] = asyncio.get_running_loop().create_future()
    cache.look(keys, lambda found: told.set_result(None if found is None else list(found)))
    assert await asyncio.wait_for(told, 10) == [None, b"one", None, b"three", None]


async def test_a_look_at_a_closed_cache_is_told_that_nothing_is_known(cache: Cache, name: str) -> None:
    await cache.close()
    told: asyncio.Future[object] = asyncio.get_running_loop().create_future()
    cache.look([name], told.set_result)
    assert await asyncio.wait_for(told, 10) is None


async def test_only_the_first_gets_an_absent_key(cache: Cache, name: str) -> None:
    taken = await asyncio.gather(*(cache.set(name, number, only_if_absent=True) for number in range(20)))
    assert taken.count(True) == 1
    assert await cache.get(name) == str(taken.index(True)).encode()


async def test_a_durable_value_is_a_value(cache: Cache, name: str) -> None:
    assert await cache.set(name, "kept", ttl_seconds=60, durable=True)
    assert not await cache.set(name, "other", only_if_absent=True, durable=True)
    assert await cache.get(name) == b"kept"


async def test_time_to_live(cache: Cache, name: str) -> None:
    await cache.set(name, "short", ttl_seconds=0.05)
    await cache.set(f"{name}:long", "long", ttl_seconds=1000)
    assert 0 < await cache.command("PTTL", name, key=name) <= 50
    assert await cache.expire(name, 500)
    assert 400_000 < await cache.command("PTTL", name, key=name) <= 500_000
    await cache.set(name, "for good")
    assert await cache.command("PTTL", name, key=name) == -1


async def test_an_expired_value_is_gone(cache: Cache, name: str) -> None:
    await cache.set(name, "short", ttl_seconds=0.001)
    await until(lambda: is_gone(cache, name))


async def is_gone(cache: Cache, name: str) -> bool:
    return await cache.get(name) is None


@pytest.mark.parametrize("seconds", [0, -1])
async def test_a_time_to_live_of_nothing_is_a_mistake(cache: Cache, name: str, seconds: float) -> None:
    with pytest.raises(ValueError, match="time to live"):
        await cache.set(name, "x", ttl_seconds=seconds)
    with pytest.raises(ValueError, match="time to live"):
        await cache.expire(name, seconds)


async def test_counters(cache: Cache, name: str) -> None:
    assert await asyncio.gather(*(cache.increment(name) for _ in range(100))) == list(range(1, 101))
    assert await cache.increment(name, 900) == 1000
    assert await cache.increment(name, -1) == 999


async def test_a_counters_time_to_live_is_set_when_it_is_made_and_not_moved(cache: Cache, name: str) -> None:
    assert await cache.increment(name, 5, ttl_seconds=1000) == 5
    first = await cache.command("PEXPIRETIME", name, key=name)
    assert await cache.increment(name, -5, ttl_seconds=9000) == 0
    assert await cache.increment(name, 5, ttl_seconds=9000) == 5
    assert await cache.command("PEXPIRETIME", name, key=name) == first


async def test_scripts(cache: Cache, name: str) -> None:
    source = "redis.call('SET', KEYS[1], ARGV[1]); return {redis.call('GET', KEYS[1]), KEYS[2], #ARGV}"
    keys = [f"{{{name}}}:a", f"{{{name}}}:b"]
    for _ in range(2):  # the second time the node knows it
        assert await cache.script(source, keys, ["x", 2]) == [b"x", keys[1].encode(), 2]


async def test_a_script_is_sent_again_when_the_node_forgot_it(cache: Cache, name: str) -> None:
    assert await cache.script("return 7", [name], []) == 7
    await cache.command("SCRIPT", "FLUSH", key=name)
    assert await cache.script("return 7", [name], []) == 7


async def test_any_other_command(cache: Cache, name: str) -> None:
    assert await cache.command("HSET", name, "field", 1, "other", "two", key=name) == 2
    assert await cache.command("HGET", name, "field", key=name) == b"1"


async def test_a_wrong_command_is_rejected_and_others_go_on(cache: Cache, name: str) -> None:
    await cache.set(name, "text")
    results = await asyncio.gather(
        cache.increment(name), cache.get(name), cache.command("NOSUCH", name, key=name), return_exceptions=True
    )
    assert isinstance(results[0], CacheRefused)
    assert results[1] == b"text"
    assert isinstance(results[2], Rejected)
    await cache.command("HSET", f"{name}:h", "a", 1, key=f"{name}:h")
    with pytest.raises(CacheRefused):
        await cache.get_many([name, f"{name}:h"])


async def test_ten_thousand_at_once(cache: Cache, name: str) -> None:
    async def write_and_read(number: int) -> bool:
        key = f"{name}:{number}"
        await cache.set(key, number, ttl_seconds=60)
        return await cache.get(key) == str(number).encode()

    assert all(await asyncio.gather(*(write_and_read(number) for number in range(9_000))))


async def test_ping(cache: Cache) -> None:
    await cache.ping()


async def test_a_closed_cache_says_so(cache: Cache, name: str) -> None:
    await cache.close()
    for call in (cache.get(name), cache.ping(), cache.publish(name, b"")):
        with pytest.raises(Unavailable):
            await call
