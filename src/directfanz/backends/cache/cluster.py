"""A Valkey cluster: one shared connection per primary, and a map of slots that is mended as it is used.

A primary that dies is replaced within 1 to 3 seconds. Meanwhile its keys fail as `NotDone` or `Lost`, `Commands`
repeats what may be repeated, and each repetition asks the other nodes who leads now. The other shards notice nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Sequence
from typing import Any

from directfanz.backends.cache.commands import Commands
from directfanz.backends.cache.connection import Options, Words, failed, open_connection
from directfanz.backends.cache.contract import Key
from directfanz.backends.cache.faults import Address, Asking, CacheUnavailable, Lost, Moved, NotDone
from directfanz.backends.cache.node import Node
from directfanz.backends.cache.pubsub import Listening
from directfanz.backends.cache.topology import SLOTS, Shard, read_slots, slot_of
from directfanz.backends.telemetry.contract import Counter
from directfanz.errors import ConfigurationError, DirectFanzError

# Not sooner than this after the last time: a thousand failing calls ask once.
REFRESH_AGAIN_SECONDS = 0.1
# How long a durable write waits for its replica before it looks whether there still is one.
REPLICA_WAIT_MILLISECONDS = 300
log = logging.getLogger("directfanz.cache")


class ValkeyCluster(Commands):
    def __init__(self, seeds: Sequence[Address], options: Options, errors: Counter) -> None:
        super().__init__(errors)
        self._seeds = tuple(seeds)
        self._options = options
        self._nodes: dict[Address, Node] = {}
        self._owners: list[Node | None] = [None] * SLOTS
        self._replicated: set[Address] = set()
        self._known: set[Address] = set()
        self._refreshing: asyncio.Task[None] | None = None
        self._refreshed_at = 0.0
        self._closing: set[asyncio.Task[None]] = set()
        self._is_open = False

    async def start(self) -> None:
        self._is_open = True
        await self._refresh()
        await asyncio.gather(*(node.settled() for node in self._nodes.values()))

    async def close(self) -> None:
        self._is_open = False
        if self._refreshing is not None:
            self._refreshing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._refreshing
        nodes, self._nodes = list(self._nodes.values()), {}
        self._owners = [None] * SLOTS
        await asyncio.gather(*(node.close() for node in nodes), *self._closing)

    async def ping(self) -> None:
        """Every primary answers and every slot has one."""
        if None in self._owners:
            await self._refresh()
        if not self._nodes or None in self._owners:
            raise CacheUnavailable("The cache cluster is not whole.")
        await _all([node.send(("PING",)) for node in self._nodes.values()])

    def subscribe(self, *channels: str) -> Listening:
        return Listening(channels, self._owner, self._refresh, self._options)

    # --- what Commands asks ---

    def _send(self, key: Key, words: Words) -> asyncio.Future[Any]:
        owner = self._owners[slot_of(key)]
        return owner.send(words) if owner is not None else failed(_nobody())

    def _resend(self, key: Key, words: Words, fault: CacheUnavailable) -> asyncio.Future[Any]:
        if not isinstance(fault, Asking):
            return self._send(key, words)
        node = self._node_at(fault.to)
        node.send(("ASKING",)).add_done_callback(_forget)
        return node.send(words)

    async def _learn(self, key: Key, fault: CacheUnavailable) -> None:
        if isinstance(fault, Asking):
            await self._node_at(fault.to).settled()
            return
        if isinstance(fault, Moved):
            node = self._node_at(fault.to)
            self._owners[fault.slot] = node
            await node.settled()
        await self._refresh()

    def _away_since(self, key: Key) -> float | None:
        owner = self._owners[slot_of(key)]
        return owner.down_since if owner is not None else None

    async def _set_durably(self, key: Key, words: Words, *, safe: bool) -> Any:
        try:
            return await self._set_and_wait(key, words)
        except CacheUnavailable as fault:
            return await self._repeat(key, lambda _last: self._set_and_wait(key, words), fault, safe=safe)

    async def _set_and_wait(self, key: Key, words: Words) -> Any:
        """Acknowledged once a replica has it, so that the loss of the primary loses nothing."""
        owner = self._node_of(key)
        if owner.address not in self._replicated:
            return await owner.send(words)
        asked = (owner.durable.send(words), owner.durable.send(("WAIT", 1, REPLICA_WAIT_MILLISECONDS)))
        done, copies = await _all(asked)
        if done is not None and not copies:
            raise Lost("The cache has the value, but no second copy of it.")
        return done

    # --- the map ---

    def _node_of(self, key: Key) -> Node:
        owner = self._owners[slot_of(key)]
        if owner is None:
            raise _nobody()
        return owner

    def _node_at(self, address: Address) -> Node:
        if not self._is_open:
            raise CacheUnavailable("The cache is not open.")
        node = self._nodes.get(address)
        if node is None:
            node = self._nodes[address] = Node(address, self._options)
            node.begin()
        return node

    def _owner(self, channel: str) -> Address:
        return self._node_of(channel).address

    async def _refresh(self) -> None:
        """Asks who leads now; many callers, one question."""
        if not self._is_open:
            raise CacheUnavailable("The cache is not open.")
        loop = asyncio.get_running_loop()
        if self._refreshing is None and loop.time() - self._refreshed_at > REFRESH_AGAIN_SECONDS:
            self._refreshing = loop.create_task(self._ask_around(), name="cache topology")
            self._refreshing.add_done_callback(self._refresh_ended)
        if self._refreshing is not None:
            await asyncio.shield(self._refreshing)

    def _refresh_ended(self, task: asyncio.Task[None]) -> None:
        self._refreshing = None
        self._refreshed_at = asyncio.get_running_loop().time()

    async def _ask_around(self) -> None:
        """Whoever answers first of all we know. They are asked at once: a dead one would cost its time limit."""
        everyone = list({*self._known, *self._seeds})
        random.shuffle(everyone)
        asking = [asyncio.ensure_future(self._ask(address)) for address in everyone]
        try:
            for answer in asyncio.as_completed(asking):
                shards = await answer
                if shards:
                    self._use(shards)
                    return
        finally:
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
        log.warning("no node of the cache cluster answers")

    async def _ask(self, address: Address) -> list[Shard]:
        """Empty when it does not answer. On a connection of its own: the shared one may be what is broken."""
        try:
            connection = await open_connection(address, self._options)
        except ConfigurationError:
            raise
        except DirectFanzError:
            return []
        try:
            return read_slots(await connection.send(("CLUSTER", "SLOTS")), address)
        except (DirectFanzError, ValueError) as error:
            log.warning("the cache at %s does not know its cluster: %s", address, error)
            return []
        finally:
            connection.close()
            await connection.lost

    def _use(self, shards: list[Shard]) -> None:
        owners: list[Node | None] = [None] * SLOTS
        for shard in shards:
            owners[shard.first : shard.last + 1] = [self._node_at(shard.primary)] * (shard.last + 1 - shard.first)
        self._owners = owners
        self._replicated = {shard.primary for shard in shards if shard.replicas}
        self._known = {address for shard in shards for address in (shard.primary, *shard.replicas)}
        primaries = {shard.primary for shard in shards}
        for address in self._nodes.keys() - primaries:
            self._let_go(self._nodes.pop(address))

    def _let_go(self, node: Node) -> None:
        task = asyncio.get_running_loop().create_task(node.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


async def _all(asked: Sequence[asyncio.Future[Any]]) -> list[Any]:
    """All answers; the first fault, once none is outstanding."""
    results = await asyncio.gather(*asked, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


def _nobody() -> NotDone:
    return NotDone("No node of the cache cluster holds this key.")


def _forget(answer: asyncio.Future[Any]) -> None:
    """Its fault, if any, is also the fault of the command after it."""
    if not answer.cancelled():
        answer.exception()
