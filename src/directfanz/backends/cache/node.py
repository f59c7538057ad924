"""One cache node, kept connected: whoever asks never opens a socket, and a node that comes back is used at once."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from typing import Any

from directfanz.backends.cache.connection import Answer, Connection, Options, Words, failed, open_connection
from directfanz.backends.cache.faults import Address, NotDone
from directfanz.errors import ConfigurationError

FIRST_PAUSE_SECONDS = 0.02
LONGEST_PAUSE_SECONDS = 0.5
log = logging.getLogger("directfanz.cache")


class Node:
    def __init__(self, address: Address, options: Options) -> None:
        self.address = address
        # When it went away, by the loop's time; None while it is there.
        self.down_since: float | None = asyncio.get_running_loop().time()
        self._options = options
        self._connection: Connection | None = None
        self._settled = asyncio.Event()
        self._problem: ConfigurationError | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._durable: Node | None = None

    def send(self, words: Words) -> asyncio.Future[Any]:
        if self._connection is None:
            return failed(NotDone(f"The cache at {self.address} is not connected."))
        return self._connection.send(words)

    def ask(self, words: Words, answer: Answer) -> None:
        if self._connection is None:
            answer.set_exception(NotDone(f"The cache at {self.address} is not connected."))
        else:
            self._connection.ask(words, answer)

    @property
    def durable(self) -> Node:
        """A second connection, for commands that make the server wait and would hold up everyone on the first."""
        if self._durable is None:
            self._durable = Node(self.address, self._options)
            self._durable.begin()
        return self._durable

    def begin(self) -> None:
        self._keeper = asyncio.get_running_loop().create_task(self._keep_connected(), name=f"cache {self.address}")

    async def settled(self) -> None:
        """Waits for the outcome of the first try. A node that cannot be reached yet is no error: it is tried for."""
        await self._settled.wait()
        if self._problem is not None:
            raise self._problem

    def reconnect(self) -> None:
        if self._connection is not None:
            self._connection.abort()

    async def close(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        if self._connection is not None:
            await self._say_goodbye(self._connection)
        if self._durable is not None:
            await self._durable.close()

    async def _say_goodbye(self, connection: Connection) -> None:
        connection.close()
        try:
            async with asyncio.timeout(self._options.timeout_seconds):
                await connection.lost
        except TimeoutError:
            connection.abort()  # the node does not read what was sent before

    async def _keep_connected(self) -> None:
        loop, pause = asyncio.get_running_loop(), FIRST_PAUSE_SECONDS
        while True:
            connection = await self._try()
            self._settled.set()
            if connection is None:
                # Jitter, so that a thousand processes do not knock at the same moment.
                await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - no secret depends on it
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                continue
            pause = FIRST_PAUSE_SECONDS
            self._connection, self.down_since = connection, None
            await asyncio.shield(connection.lost)
            self._connection, self.down_since = None, loop.time()
            log.warning("the cache at %s is gone", self.address)

    async def _try(self) -> Connection | None:
        try:
            connection = await open_connection(self.address, self._options)
        except ConfigurationError as error:
            if self._problem is None:
                log.error("%s", error.message)
            self._problem = error
            return None
        except NotDone as error:
            log.debug("%s", error.message)
            return None
        except Exception:  # whatever it is, the node must not stay away for good
            log.exception("connecting to the cache at %s failed", self.address)
            return None
        self._problem = None
        return connection
