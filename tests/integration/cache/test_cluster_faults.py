"""A cluster that loses nodes."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from directfanz.backends.cache import address
from directfanz.backends.cache.cluster import ValkeyCluster
from directfanz.backends.cache.connection import Options
from directfanz.backends.cache.faults import Address
from directfanz.backends.cache.topology import slot_of
from directfanz.errors import Unavailable
from directfanz.kit.ids import new_token
from directfanz.platform_toml import Platform
from tests.support.meanwhile import Counting, meanwhile, until
from tests.support.telemetry import Figures
from tests.support.valkey_cluster import PASSWORD, ClusterNode, OwnCluster, own_cluster

ROUNDS = 4
PAUSE_SECONDS = 0.01


@pytest.fixture
async def cluster() -> AsyncIterator[OwnCluster]:
    async with own_cluster() as cluster:
        yield cluster


@pytest.fixture
async def cache(cluster: OwnCluster, platform: Platform) -> AsyncIterator[ValkeyCluster]:
    errors = Figures(platform).counter("cache_errors_total")
    cache = ValkeyCluster([address(seed) for seed in cluster.seeds[:2]], Options(password=PASSWORD), errors)
    await cache.start()
    yield cache
    await cache.close()


class SignIns:
    """People who sign in all the time. What was acknowledged is remembered here, and must be remembered there."""

    def __init__(self, cache: ValkeyCluster) -> None:
        self.cache = cache
        self.acknowledged: dict[str, bytes] = {}
        self.refused = 0

    async def go_on(self) -> None:
        while True:
            key, value = f"session:{new_token()}", new_token().encode()
            try:
                await self.cache.set(key, value, ttl_seconds=3600, durable=True)
                self.acknowledged[key] = value
            except Unavailable:
                self.refused += 1
            await asyncio.sleep(PAUSE_SECONDS)

    async def missing(self) -> list[str]:
        expected = dict(self.acknowledged)
        found = await self.cache.get_many(list(expected))
        return [key for (key, value), there in zip(expected.items(), found, strict=True) if there != value]


@pytest.mark.property("P9")
@pytest.mark.requirement("C3.1")
async def test_no_acknowledged_session_is_lost_when_primaries_are_killed(
    cluster: OwnCluster, cache: ValkeyCluster
) -> None:
    sign_ins, chance = SignIns(cache), random.Random(9)
    async with meanwhile(sign_ins.go_on, 12):
        for _ in range(ROUNDS):
            before = len(sign_ins.acknowledged)
            primary = cluster.at(chance.choice(await cluster.shards()).primary)
            await cluster.kill(primary)
            assert await sign_ins.missing() == []
            await primary.start()
            await cluster.whole()
            assert len(sign_ins.acknowledged) > before + 20, "people signed in meanwhile"
    assert await sign_ins.missing() == []
    assert sign_ins.refused == 0, "a failover is waited for, not shown"


@pytest.mark.property("P9")
async def test_a_session_is_not_acknowledged_before_a_second_node_has_it(
    cluster: OwnCluster, cache: ValkeyCluster
) -> None:
    slot = slot_of("session:ada")
    shard = next(shard for shard in await cluster.shards() if shard.first <= slot <= shard.last)
    with cluster.at(shard.replicas[0]).frozen():
        assert await cache.set("session:ada", "plain")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await cache.set("session:ada", "durable", durable=True)
        # Once the cluster has given the replica up, one copy is all there can be, and people may sign in again.
        assert await cache.set("session:ada", "durable", durable=True)
    await cluster.whole()
    await cluster.kill(cluster.at(shard.primary))
    assert await cache.get("session:ada") == b"durable"


@pytest.mark.property("P9")
async def test_all_primaries_at_once(cluster: OwnCluster, cache: ValkeyCluster) -> None:
    """Without a majority nobody can be elected: they have to come back, and bring what they knew."""
    for number in range(60):
        await cache.set(f"session:{number}", number, durable=True)
    primaries = [cluster.at(shard.primary) for shard in await cluster.shards()]
    await asyncio.gather(*(node.kill() for node in primaries))
    with pytest.raises(Unavailable):
        await cache.ping()
    await asyncio.gather(*(node.start() for node in primaries))
    await cluster.whole()
    assert await cache.get_many([f"session:{number}" for number in range(60)]) == [b"%d" % n for n in range(60)]


async def test_other_shards_notice_nothing(cluster: OwnCluster, cache: ValkeyCluster) -> None:
    dead = await cluster.primary_of(slot_of("here"))
    shards = [shard for shard in await cluster.shards() if shard.primary != dead.address]
    elsewhere = next(key for key in map(str, range(100)) if shards[0].first <= slot_of(key) <= shards[0].last)
    await cache.set(elsewhere, "x")
    slowest, loop = 0.0, asyncio.get_running_loop()
    killing = asyncio.ensure_future(cluster.kill(dead))
    while not killing.done():
        began = loop.time()
        assert await cache.get(elsewhere) == b"x"
        slowest = max(slowest, loop.time() - began)
    await killing
    assert slowest < 0.8
    assert await cache.get("here") is None


async def test_a_frozen_primary_is_replaced(cluster: OwnCluster, cache: ValkeyCluster) -> None:
    await cache.set("here", "x", durable=True)
    with (await cluster.primary_of(slot_of("here"))).frozen():
        assert await cache.get("here") == b"x"
        assert await cache.set("here", "y")
    await cluster.whole()
    assert await cache.get("here") == b"y"


async def test_counters_are_not_counted_twice_over_a_failover(cluster: OwnCluster, cache: ValkeyCluster) -> None:
    counting = Counting(cache)
    async with meanwhile(counting.go_on, 10):
        await counting.reaches(100)
        await cluster.kill(await cluster.primary_of(slot_of("counter")))
        await counting.reaches(counting.acknowledged + 100)
    # A plain write is copied after its answer, so the last instant before the death may be missing, but nothing is doubled.
    assert int(await cache.get("counter") or 0) <= counting.acknowledged + counting.unknown


async def test_a_slot_that_moves_takes_its_keys_and_channels_along(cluster: OwnCluster, cache: ValkeyCluster) -> None:
    slot = slot_of("{moving}")
    source = await cluster.primary_of(slot)
    target = cluster.at(next(shard.primary for shard in await cluster.shards() if shard.primary != source.address))
    keys = [f"{{moving}}:{number}" for number in range(50)]
    for key in keys:
        await cache.set(key, key)
    async with cache.subscribe("{moving}") as subscription:
        async with meanwhile(lambda: keep_reading(cache, keys), 1):
            await move_keys(source, target, slot)
            async with asyncio.timeout(1):  # the slot is still the source's, its keys are not
                assert await cache.get_many(keys) == [key.encode() for key in keys]
            await give_slot(source, target, slot)
        assert await cluster.primary_of(slot) is target
        await until(lambda: subscription.gaps)
        assert await cache.publish("{moving}", b"still here") == 1
        async for message in subscription:
            assert message == ("{moving}", b"still here")
            break
    await cache.set(keys[0], "new")
    assert await cache.get(keys[0]) == b"new"


async def keep_reading(cache: ValkeyCluster, keys: list[str]) -> None:
    while True:
        assert await cache.get_many(keys) == [key.encode() for key in keys]


async def move_keys(source: ClusterNode, target: ClusterNode, slot: int) -> None:
    """As an operator does it, key by key, so that readers meet ASK as well as MOVED."""
    host, port = target.address
    await target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", await identity(source))
    await source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", await identity(target))
    while keys := await source.ask("CLUSTER", "GETKEYSINSLOT", slot, 5):
        names = [key.decode() for key in keys]
        assert await source.ask("MIGRATE", host, port, "", 0, 1000, "AUTH", PASSWORD, "KEYS", *names) == b"OK"


async def give_slot(source: ClusterNode, target: ClusterNode, slot: int) -> None:
    for node in (target, source):
        assert await node.ask("CLUSTER", "SETSLOT", slot, "NODE", await identity(target)) == b"OK"


async def identity(node: ClusterNode) -> str:
    return str((await node.ask("CLUSTER", "MYID")).decode())


async def test_a_cluster_that_is_not_there_yet(platform: Platform) -> None:
    nowhere = ValkeyCluster([Address("127.0.0.1", 9)], Options(), Figures(platform).counter("cache_errors_total"))
    await nowhere.start()
    with pytest.raises(Unavailable):
        await nowhere.ping()
    with pytest.raises(Unavailable):
        async with nowhere.subscribe("x"):
            pass
    await nowhere.close()
