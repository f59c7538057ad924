"""A Valkey cluster of three shards with a replica each, for tests that hurt it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from directfanz.backends.cache.connection import Options, open_connection
from directfanz.backends.cache.faults import Address
from directfanz.backends.cache.topology import SLOTS, Shard, read_slots
from directfanz.errors import DirectFanzError
from directfanz.local.engines.valkey import Valkey
from directfanz.local.ports import Ports
from directfanz.local.process import Process
from directfanz.local.steps.cluster import form
from tests.support.meanwhile import until

SHARDS = 3
HOST = "127.0.0.1"
PASSWORD = "cluster-password"


@dataclass(slots=True)
class ClusterNode:
    engine: Valkey
    process: Process | None = None

    @property
    def address(self) -> Address:
        return Address(HOST, self.engine.port)

    async def start(self) -> None:
        part = self.engine.part()
        assert part.prepare is not None
        await part.prepare()
        self.process = Process.start(part.command, lambda _output: None)
        await until(lambda: self.ask("PING"))

    async def kill(self) -> None:
        assert self.process is not None
        self.process.kill_group()
        await self.process.wait()
        self.process = None

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """It keeps its sockets and answers nothing."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.process.pid, signal.SIGCONT)

    async def ask(self, *words: str | int) -> Any:
        """On a connection of its own. None when it does not answer, so that `until` asks again."""
        try:
            connection = await open_connection(self.address, Options(password=PASSWORD))
            try:
                return await connection.send(words)
            finally:
                connection.abort()
                await connection.lost
        except DirectFanzError:
            return None


@dataclass(slots=True)
class OwnCluster:
    nodes: list[ClusterNode]

    @property
    def seeds(self) -> tuple[str, ...]:
        return tuple(str(node.address) for node in self.nodes)

    def at(self, address: Address) -> ClusterNode:
        return next(node for node in self.nodes if node.address == address)

    async def shards(self) -> list[Shard]:
        for node in self.nodes:
            if node.process is not None and (reply := await node.ask("CLUSTER", "SLOTS")) is not None:
                return read_slots(reply, node.address)
        return []

    async def primary_of(self, slot: int) -> ClusterNode:
        for shard in await self.shards():
            if shard.first <= slot <= shard.last:
                return self.at(shard.primary)
        raise AssertionError(f"nobody holds slot {slot}")

    async def kill(self, node: ClusterNode) -> None:
        """Returns when another one leads its shard."""
        await node.kill()
        await until(lambda: self._led_without(node.address))

    async def whole(self) -> None:
        """Every slot has a primary, and every primary a replica that follows it."""
        await until(self._is_whole)

    async def _led_without(self, address: Address) -> bool:
        shards = await self.shards()
        return covered(shards) and all(shard.primary != address for shard in shards)

    async def _is_whole(self) -> bool:
        maps = [await node.ask("CLUSTER", "SLOTS") for node in self.nodes]
        if any(reply is None for reply in maps):
            return False
        views = [read_slots(reply, self.nodes[0].address) for reply in maps]
        if not all(covered(view) and all(len(shard.replicas) == 1 for shard in view) for view in views):
            return False
        if len({frozenset((shard.first, shard.primary) for shard in view) for view in views}) != 1:
            return False
        replication = [await node.ask("INFO", "replication") or b"" for node in self.nodes]
        following = [info for info in replication if b"role:slave" in info]
        return len(following) == SHARDS and all(b"master_link_status:up" in info for info in following)


def covered(shards: list[Shard]) -> bool:
    return sum(shard.last + 1 - shard.first for shard in shards) == SLOTS


@contextlib.asynccontextmanager
async def own_cluster() -> AsyncIterator[OwnCluster]:
    with tempfile.TemporaryDirectory(prefix="dfz-cluster-") as folder:
        ports = Ports(Path(folder) / "ports.json")
        names = [f"{kind}{index}" for index in range(2 * SHARDS) for kind in ("node", "bus")]
        ports.choose(dict.fromkeys(names, 0))
        cluster = OwnCluster([ClusterNode(_engine(Path(folder), ports, index)) for index in range(2 * SHARDS)])
        try:
            await asyncio.gather(*(node.start() for node in cluster.nodes))
            await form([(HOST, node.engine.port, node.engine.bus_port) for node in cluster.nodes], PASSWORD)
            await cluster.whole()
            yield cluster
        finally:
            await asyncio.gather(*(node.kill() for node in cluster.nodes if node.process is not None))
            ports.release()


def _engine(folder: Path, ports: Ports, index: int) -> Valkey:
    return Valkey(
        folder=folder / f"node{index}",
        run=folder,
        port=ports[f"node{index}"],
        bus_port=ports[f"bus{index}"],
        password=PASSWORD,
        name=f"node{index}",
    )
