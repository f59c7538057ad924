"""One Valkey node."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from directfanz.backends.cache.commands import Commands
from directfanz.backends.cache.connection import Options, Words, failed
from directfanz.backends.cache.contract import Key
from directfanz.backends.cache.faults import Address, CacheUnavailable, NotPrimary
from directfanz.backends.cache.look import Look, Then
from directfanz.backends.cache.node import Node
from directfanz.backends.cache.pubsub import Listening
from directfanz.backends.telemetry.contract import Counter


class ValkeyCache(Commands):
    def __init__(self, address: Address, options: Options, errors: Counter) -> None:
        super().__init__(errors)
        self._address = address
        self._options = options
        self._node: Node | None = None

    async def start(self) -> None:
        self._node = Node(self._address, self._options)
        self._node.begin()
        await self._node.settled()

    async def close(self) -> None:
        node, self._node = self._node, None
        if node is not None:
            await node.close()

    async def ping(self) -> None:
        """Not repeated: who asks wants to know how it is now."""
        await self._open().send(("PING",))

    def look(self, keys: Sequence[Key], then: Then) -> None:
        """One question: all keys live on the one node."""
        if self._node is None:
            then(None)
        else:
            self._node.ask(("MGET", *keys), Look(then))

    def subscribe(self, *channels: str) -> Listening:
        return Listening(channels, self._owner, self._relearn, self._options)

    def _send(self, key: Key, words: Words) -> asyncio.Future[object]:
        node = self._node
        return node.send(words) if node is not None else failed(CacheUnavailable("The cache is not open."))

    async def _learn(self, key: Key, fault: CacheUnavailable) -> None:
        if isinstance(fault, NotPrimary):
            self._open().reconnect()  # behind a name that follows the primary

    def _away_since(self, key: Key) -> float | None:
        return self._open().down_since

    def _open(self) -> Node:
        if self._node is None:
            raise CacheUnavailable("The cache is not open.")
        return self._node

    def _owner(self, channel: str) -> Address:
        return self._address

    async def _relearn(self) -> None:
        """One node: there is nothing to learn."""
