"""`python -m directfanz.local.steps.cluster HOST:PORT:BUS...`: makes one cluster of the nodes, primaries first.

Done once: each node keeps what it knows in nodes.conf. At later starts this only waits until the cluster is whole.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import redis.asyncio as redis
from redis.exceptions import RedisError

from directfanz.errors import Unavailable
from directfanz.local.steps.report import reported

SLOTS = 16_384
PATIENCE_SECONDS = 30
LOOK_SECONDS = 0.05
Node = Any  # redis.Redis, of one node


async def form(addresses: Sequence[tuple[str, int, int]], password: str) -> None:
    nodes: list[Node] = [redis.Redis(host=host, port=port, password=password) for host, port, _ in addresses]
    try:
        if not await _is_formed(nodes):
            await _meet(nodes, addresses)
            await _follow(nodes)
        await _until(lambda: _is_whole(nodes), "the cluster did not get whole")
    finally:
        for node in nodes:
            await node.aclose()


async def _is_formed(nodes: Sequence[Node]) -> bool:
    info = await _cluster_info(nodes[0])
    return int(info["cluster_known_nodes"]) == len(nodes) and int(info["cluster_slots_assigned"]) == SLOTS


async def _meet(nodes: Sequence[Node], addresses: Sequence[tuple[str, int, int]]) -> None:
    primaries = len(nodes) // 2
    for number, node in enumerate(nodes):
        await node.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
    for number, node in enumerate(nodes[:primaries]):
        first, last = number * SLOTS // primaries, (number + 1) * SLOTS // primaries - 1
        await node.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
    for host, port, bus_port in addresses[1:]:
        # Without the bus port they never meet, and nothing says why.
        await nodes[0].execute_command("CLUSTER", "MEET", host, port, bus_port)


async def _follow(nodes: Sequence[Node]) -> None:
    """A replica knows its primary a little after they met."""
    primaries = len(nodes) // 2
    for primary, replica in zip(nodes[:primaries], nodes[primaries:], strict=True):
        name = await primary.execute_command("CLUSTER", "MYID")

        async def follows(replica: Node = replica, name: bytes = name) -> bool:
            try:
                return bool(await replica.execute_command("CLUSTER", "REPLICATE", name))
            except RedisError:
                return False

        await _until(follows, "a replica did not find its primary")


async def _is_whole(nodes: Sequence[Node]) -> bool:
    for node in nodes:
        if (await _cluster_info(node))["cluster_state"] != "ok":
            return False
        replication = await node.info("replication")
        if replication["role"] == "slave" and replication["master_link_status"] != "up":
            return False
    return True


async def _cluster_info(node: Node) -> dict[str, str]:
    answer = await node.execute_command("CLUSTER", "INFO")
    if isinstance(answer, dict):
        return answer
    lines = answer.decode().split("\r\n")
    return dict(line.split(":", 1) for line in lines if ":" in line)


async def _until(true: Callable[[], Awaitable[bool]], otherwise: str) -> None:
    for _ in range(int(PATIENCE_SECONDS / LOOK_SECONDS)):
        if await true():
            return
        await asyncio.sleep(LOOK_SECONDS)
    raise Unavailable(f"After {PATIENCE_SECONDS} seconds {otherwise}.")


def main() -> None:
    parts = (address.split(":") for address in sys.argv[1:])
    addresses = [(host, int(port), int(bus_port)) for host, port, bus_port in parts]
    asyncio.run(form(addresses, os.environ["DIRECTFANZ_CACHE_PASSWORD"]))


if __name__ == "__main__":
    reported(main)
