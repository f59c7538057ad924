"""`DIRECTFANZ_CACHE_CLUSTER=true make up`: six nodes become one cache, once."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

import redis.asyncio as redis

from directfanz.local.engines.engine_set import CLUSTER_NODES, EngineSet
from directfanz.local.ports import HOST
from directfanz.local.steps.cluster import form
from tests.support.own_engines import own_engines


async def formed(engines: EngineSet) -> None:
    addresses = [(HOST, node.port, node.bus_port) for node in engines.valkeys]
    await asyncio.wait_for(form(addresses, engines.valkey.password), 30)


async def test_six_nodes_become_one_cache_and_stay_it_when_all_are_killed() -> None:
    async with own_engines(*CLUSTER_NODES, cluster=True) as mine:
        await formed(mine.set)
        client = redis.RedisCluster(host=HOST, port=mine.set.valkey.port, password=mine.set.valkey.password)
        for number in range(100):  # over all shards
            await client.set(f"key-{number}", number)
        roles = [line.split()[2].split(b",")[-1] for line in await nodes(mine.set)]
        assert sorted(roles) == [b"master"] * 3 + [b"slave"] * 3
        await client.execute_command("WAITAOF", 1, 0, 5000, target_nodes=redis.RedisCluster.PRIMARIES)
        await client.aclose()

        for name in CLUSTER_NODES:
            os.kill(mine.pid(name), signal.SIGKILL)
        await mine.until(
            lambda: all(mine.standing(n).starts == 2 and mine.standing(n).state == "ready" for n in CLUSTER_NODES)
        )
        await formed(mine.set)  # finds it formed, and waits until it is whole
        client = redis.RedisCluster(host=HOST, port=mine.set.valkey.port, password=mine.set.valkey.password)
        assert [await client.get(f"key-{number}") for number in range(100)] == [b"%d" % n for n in range(100)]
        await client.aclose()


async def nodes(engines: EngineSet) -> list[bytes]:
    one: Any = redis.Redis(port=engines.valkey.port, password=engines.valkey.password)
    answer: bytes = await one.execute_command("CLUSTER", "NODES")
    await one.aclose()
    return answer.splitlines()
