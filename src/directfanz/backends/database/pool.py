"""A bounded set of connections, handed out newest first so that few stay busy and warm.

A connection may be held only with a permit, and there are as many permits as connections at most; a new connection is opened
only by a holder of a permit who finds none idle. So the limit holds by construction, and it does not matter who
is cancelled when. Permits are handed over in the order of asking, so nobody starves.

Time here is the event loop's, not the clock's: it bounds waiting for a machine, not anything that people see.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable

from directfanz.backends.database.connection import Connection
from directfanz.errors import ConfigurationError, DirectFanzError, PoolExhausted, TimedOut, Unavailable

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.02, 0.5
# A cancelled query is given this long to end before its connection is thrown away.
SETTLE_SECONDS = 2
CLOSE_SECONDS = 10


Waiter = asyncio.Future["Connection | None"]


class Pool:
    def __init__(
        self,
        open_connection: Callable[[], Awaitable[Connection]],
        *,
        minimum: int,
        maximum: int,
        acquire_seconds: float,
        waited: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        if not 0 <= minimum <= maximum or maximum < 1:
            raise ConfigurationError("database.pool_max must be at least 2, and not less than database.pool_min.")
        self._open_connection = open_connection
        self._minimum = minimum
        self._maximum = maximum
        self._acquire_seconds = acquire_seconds
        self._waited = waited
        self._free = maximum  # permits nobody holds
        self._fewest_free = maximum
        self._idle: list[Connection] = []
        self._open: set[Connection] = set()
        self._waiting: deque[tuple[float, Waiter]] = deque()  # until when, and who
        self._expiry: asyncio.TimerHandle | None = None
        self._settling: set[asyncio.Task[None]] = set()
        self._down_since: float | None = None
        self._closing = False
        self._all_back = asyncio.Event()

    @property
    def size(self) -> int:
        """Connections open now."""
        return len(self._open)

    @property
    def in_use(self) -> int:
        return self._maximum - self._free

    def peak_since_last_look(self) -> int:
        peak, self._fewest_free = self._maximum - self._fewest_free, self._free
        return peak

    async def start(self) -> None:
        opened: list[Connection] = []
        try:
            for _ in range(max(1, self._minimum)):
                opened.append(await self.acquire())
        finally:
            for connection in opened:
                self.give(connection)

    def take(self) -> Connection | None:
        """A connection at once, or None: then `acquire` waits for one."""
        if self._free and self._idle and not self._waiting and not self._closing:
            connection = self._idle.pop()
            if not connection.closed:
                self._free -= 1
                if self._free < self._fewest_free:
                    self._fewest_free = self._free
                return connection
            self._open.discard(connection)
        return None

    async def acquire(self) -> Connection:
        """Raises PoolExhausted when all stay busy, Unavailable when the server does not answer."""
        if self._closing:
            raise _closed()
        loop = asyncio.get_running_loop()
        started = loop.time()
        if self._free and not self._waiting:
            self._free -= 1
            self._fewest_free = min(self._fewest_free, self._free)
            connection = None
        else:
            connection = await self._wait_for_permit(loop, started + self._acquire_seconds)
        if connection is None or connection.closed:
            connection = await self._with_permit(connection)
        self._waited(loop.time() - started)
        return connection

    def give(self, connection: Connection) -> None:
        """Back after all went well: to whoever waits longest, or to the others that are idle."""
        if (waiter := self._longest_waiting()) is not None:
            waiter.set_result(connection)
        else:
            self._idle.append(connection)
            self._permit_is_free()

    def give_after(self, connection: Connection, error: BaseException | None) -> None:
        """Back after something that may have gone wrong: a query that was cancelled or is still running has to end first."""
        if connection.closed:
            self._drop(connection)
        elif error is None or (isinstance(error, DirectFanzError) and not isinstance(error, TimedOut)):
            self.give(connection)
        else:
            self.settle(connection)

    def settle(self, connection: Connection) -> None:
        """Take back a connection in an unknown state. It counts as in use until it is clean or gone."""
        task = asyncio.get_running_loop().create_task(self._settle(connection))
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)

    async def close(self) -> None:
        self._closing = True
        while (waiter := self._longest_waiting()) is not None:
            waiter.set_exception(_closed())
        if self._expiry is not None:
            self._expiry.cancel()
        if self._free < self._maximum:
            try:
                await asyncio.wait_for(self._all_back.wait(), CLOSE_SECONDS)
            except TimeoutError:
                for connection in self._open.difference(self._idle):
                    connection.cut()
        await asyncio.gather(*self._settling, *(connection.close() for connection in self._idle))

    async def _wait_for_permit(self, loop: asyncio.AbstractEventLoop, until: float) -> Connection | None:
        """A permit, mostly with a connection. A busy process comes this way with every query, so there is one timer for
        all who wait, not one each: they expire in the order in which they came."""
        waiter: Waiter = loop.create_future()
        self._waiting.append((until, waiter))
        if self._expiry is None:
            self._expiry = loop.call_at(until, self._expire)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._hand_back(waiter.result())  # it came in the same moment as the cancellation
            raise

    def _expire(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting and (self._waiting[0][0] <= loop.time() or self._waiting[0][1].done()):
            _, waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_exception(self._gave_up())
        self._expiry = loop.call_at(self._waiting[0][0], self._expire) if self._waiting else None

    def _longest_waiting(self) -> Waiter | None:
        """Taken from the line; those who were cancelled meanwhile are passed over."""
        while self._waiting:
            _, waiter = self._waiting.popleft()
            if not waiter.done():
                return waiter
        return None

    async def _with_permit(self, dead: Connection | None) -> Connection:
        """An idle connection or a new one. The permit goes back if there is neither."""
        if dead is not None:
            self._open.discard(dead)
        try:
            if (idle := self._pop_idle()) is not None:
                return idle
            async with asyncio.timeout(self._acquire_seconds):
                return await self._open_one()
        except TimeoutError:
            self._give_permit_back()
            raise self._gave_up() from None
        except BaseException:
            self._give_permit_back()
            raise

    def _hand_back(self, connection: Connection | None) -> None:
        if connection is None:
            self._give_permit_back()
        else:
            self.give(connection)

    def _give_permit_back(self) -> None:
        if (waiter := self._longest_waiting()) is not None:
            waiter.set_result(None)
        else:
            self._permit_is_free()

    def _permit_is_free(self) -> None:
        self._free += 1
        if self._closing and self._free == self._maximum:
            self._all_back.set()

    def _pop_idle(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if not connection.closed:
                return connection
            self._open.discard(connection)
        return None

    async def _open_one(self) -> Connection:
        """While the server has been away for a moment only, wait for it; after that say so at once."""
        loop, pause = asyncio.get_running_loop(), FIRST_PAUSE_SECONDS
        while True:
            try:
                connection = await self._open_connection()
            except Unavailable:
                self._down_since = self._down_since or loop.time()
                if loop.time() - self._down_since >= self._acquire_seconds or self._closing:
                    raise
                await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - spreads load, guards nothing
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            else:
                self._down_since = None
                self._open.add(connection)
                return connection

    def _gave_up(self) -> Unavailable:
        if self._down_since is not None:
            return Unavailable("The database is not reachable.", retry_after_seconds=2)
        return PoolExhausted("Too much is going on right now. Try again in a moment.", retry_after_seconds=1)

    async def _settle(self, connection: Connection) -> None:
        try:
            async with asyncio.timeout(SETTLE_SECONDS):
                await connection.settle()
        except BaseException as problem:
            self._drop(connection)
            if not isinstance(problem, Exception):
                raise
        else:
            self.give(connection)

    def _drop(self, connection: Connection) -> None:
        self._open.discard(connection)
        connection.cut()
        self._give_permit_back()


def _closed() -> Unavailable:
    return Unavailable("The process is stopping.", retry_after_seconds=2)
