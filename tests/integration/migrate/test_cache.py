"""Sessions move with their time to live; the rest is made anew."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis

from directfanz.kit.ids import new_id
from directfanz.migrate.cache.carrying import Shelf, carry, forever, verify_cache
from directfanz.migrate.cache.warming import point_at, warm
from directfanz.migrate.progress import Progress
from directfanz.migrate.side import Side
from tests.support.engines import Engines
from tests.support.two_homes import CLOCK

Caches = tuple[redis.Redis, redis.Redis, Shelf, Shelf]


@pytest.fixture
def caches(engines: Engines) -> Iterator[Caches]:
    """Two numbers of one engine that no worker's world has, and keys that no other test asks for."""
    prefix = new_id().hex
    addresses = [f"redis://:{engines.valkey_password}@127.0.0.1:{engines.valkey_port}/{number}" for number in (0, 1)]
    here, there = (redis.Redis.from_url(address) for address in addresses)
    shelves = Shelf("source", addresses[0], f"{prefix}:*"), Shelf("target", addresses[1], f"{prefix}:*")
    here.set(f"{prefix}:session:1", b"\x00\xff", px=60_000)
    here.hset(f"{prefix}:hash", mapping={"a": 1, "b": "ñ"})
    here.zadd(f"{prefix}:set", {"x": 1.5})
    yield here, there, *shelves
    for client in (here, there):
        client.delete(*client.keys(f"{prefix}*"), "nothing")
        client.close()
    for shelf in shelves:
        shelf.close()


@pytest.mark.requirement("C11.3")
async def test_what_lives_in_the_cache_alone_is_carried(caches: Caches) -> None:
    here, there, source, target = caches
    assert not verify_cache(source, target).equal
    assert (carry(source, target).carried, carry(source, target).carried) == (3, 0)
    assert verify_cache(source, target).equal
    prefix = source.pattern.removesuffix(":*")
    assert 0 < there.pttl(f"{prefix}:session:1") <= 60_000
    assert sorted(name.rpartition(":")[2] for name in forever(source)) == ["hash", "set"]
    here.hset(f"{prefix}:hash", "a", 2)
    here.delete(f"{prefix}:set")
    assert verify_cache(source, target).differing == [f"{prefix}:hash"]
    assert carry(source, target).deleted == 1
    assert verify_cache(source, target).equal


async def test_a_generation_is_read_when_it_is_whole(caches: Caches, engines: Engines) -> None:
    _, there, _, target = caches
    generation = target.pattern.removesuffix(":*")
    database = Side("target", engines.postgres_url())
    count = warm(
        database,
        target,
        "SELECT n::text, md5(n::text) FROM generate_series(1, 2500) n",
        generation,
        60,
        Progress("cache", CLOCK),
    )
    assert count == 2500
    assert there.get(f"{generation}:2500") is not None
    point_at(target, f"{generation}:now", generation, 60)
    assert there.get(f"{generation}:now") == generation.encode()
