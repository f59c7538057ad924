"""PostgreSQL through asyncpg, on two lean pools: one that only reads, one for transactions.

asyncpg's own pool wraps each connection in a proxy and sends a reset query on each release; that is most of the client's
work for a small query. Here a connection is taken from a list, a prepared statement from a dictionary, and that is all.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar

from directfanz.backends.clock.contract import Clock
from directfanz.backends.database.age import may_be_old
from directfanz.backends.database.connection import FETCH, FETCH_ROW, FETCH_VALUE, Ask, Connection
from directfanz.backends.database.contract import ConnectionLost, Isolation, Reader, Row, TransactionConflict, Writer
from directfanz.backends.database.handles import Meter, Reading, Writing
from directfanz.backends.database.pool import Pool
from directfanz.backends.telemetry.contract import Telemetry
from directfanz.errors import Unavailable

T = TypeVar("T")
TRIES = 6
FIRST_PAUSE_SECONDS = 0.01
PING_SECONDS = 2
LOOK_SECONDS = 5
_BEGIN: dict[Isolation, str] = {
    "read_committed": "BEGIN",
    "repeatable_read": "BEGIN ISOLATION LEVEL REPEATABLE READ",
    "serializable": "BEGIN ISOLATION LEVEL SERIALIZABLE",
}


class Limits(Protocol):
    """`[database]` of platform.toml."""

    @property
    def pool_min(self) -> int: ...
    @property
    def pool_max(self) -> int: ...
    @property
    def acquire_timeout_seconds(self) -> float: ...
    @property
    def statement_timeout_seconds(self) -> float: ...
    @property
    def idle_transaction_timeout_seconds(self) -> float: ...


class Postgres:
    """`pool_max` bounds the connections of the process: half of them read, half write."""

    def __init__(
        self, url: str, limits: Limits, clock: Clock, telemetry: Telemetry, replica_url: str | None = None
    ) -> None:
        self._meter = Meter(clock.monotonic, telemetry.histogram("database_query_seconds").labelled())
        self._retries = telemetry.counter("database_retries_total")
        self._in_use = telemetry.gauge("database_pool_in_use")
        waited = telemetry.histogram("database_acquire_seconds").labelled()
        self._reads = _pool(url, limits, waited, read_only=True)
        self._old_reads = _pool(replica_url, limits, waited, read_only=True) if replica_url else None
        self._writes = _pool(url, limits, waited, read_only=False)
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._writes.start()
        await self._reads.start()
        if self._old_reads is not None:
            await self._old_reads.start()
        self._looking = asyncio.create_task(self._look(), name="database pool gauge")

    async def close(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._looking
        pools = [self._reads, self._writes, *([self._old_reads] if self._old_reads is not None else [])]
        await asyncio.gather(*(pool.close() for pool in pools))

    async def ping(self) -> None:
        try:
            async with asyncio.timeout(PING_SECONDS):
                await self.fetch_value("SELECT 1")
                async with self.writing() as tx:
                    await tx.fetch_value("SELECT 1")
        except TimeoutError:
            raise Unavailable("The database does not answer.", retry_after_seconds=2) from None

    async def fetch(self, sql: str, *values: object) -> Sequence[Row]:
        rows: Sequence[Row] = await self._read(FETCH, sql, values)
        return rows

    async def fetch_row(self, sql: str, *values: object) -> Row | None:
        return await self._read(FETCH_ROW, sql, values)

    async def fetch_value(self, sql: str, *values: object) -> Any:
        return await self._read(FETCH_VALUE, sql, values)

    def reading(self) -> AbstractAsyncContextManager[Reader]:
        return Reading(self._pool_for_reads(), self._meter)

    def _pool_for_reads(self) -> Pool:
        return self._old_reads if self._old_reads is not None and may_be_old.get() else self._reads

    def writing(self, isolation: Isolation = "read_committed") -> AbstractAsyncContextManager[Writer]:
        return Writing(self._writes, self._meter, _BEGIN[isolation])

    async def run(self, work: Callable[[Writer], Awaitable[T]], isolation: Isolation = "read_committed") -> T:
        for attempt in itertools.count(1):
            try:
                async with self.writing(isolation) as tx:
                    return await work(tx)
            except (TransactionConflict, ConnectionLost) as error:
                if attempt == TRIES:
                    raise
                self._retries.add(reason=error.code)
            # Full jitter: two that collided must not meet again.
            await asyncio.sleep(random.uniform(0, FIRST_PAUSE_SECONDS * 2**attempt))  # noqa: S311 - guards nothing
        raise AssertionError("unreachable")

    async def _read(self, how: Ask, sql: str, values: tuple[object, ...]) -> Any:
        """The hottest path of all: no layer more than it needs. What goes wrong is sorted out in `_read_again`."""
        pool, meter = self._reads, self._meter
        if self._old_reads is not None and may_be_old.get():
            return await self._read_old(how, sql, values)
        connection = pool.take() or await pool.acquire()
        started = meter.now()
        try:
            statement = connection.statements.get(sql) or await connection.prepare(sql)
            answer = await how(statement, *values)
        except BaseException as error:
            return await self._read_again(connection, error, how, sql, values)
        pool.give(connection)
        meter.done(sql, started)
        return answer

    async def _read_old(self, how: Ask, sql: str, values: tuple[object, ...]) -> Any:
        """From the replica; from the primary when that is away or cannot say."""
        assert self._old_reads is not None
        try:
            return await self._ask(self._old_reads, how, sql, values)
        except (Unavailable, TransactionConflict):
            return await self._ask(self._reads, how, sql, values)

    async def _ask(self, pool: Pool, how: Ask, sql: str, values: tuple[object, ...]) -> Any:
        handle = Reading(pool, self._meter)
        async with handle:
            return await handle.ask(how, sql, *values)

    async def _read_again(
        self, connection: Connection, error: BaseException, how: Ask, sql: str, values: tuple[object, ...]
    ) -> Any:
        """A read may be repeated: a connection that died while idle, or a statement that the schema outgrew, concerns
        nobody."""
        problem = connection.in_our_words(error)
        again = isinstance(problem, TransactionConflict | ConnectionLost)
        if again:
            connection.statements.clear()
        self._reads.give_after(connection, problem)
        if problem is error:
            raise problem
        if not again:
            raise problem from error
        return await self._ask(self._reads, how, sql, values)

    async def _look(self) -> None:
        while True:
            self._in_use.set(self._reads.peak_since_last_look(), pool="read")
            self._in_use.set(self._writes.peak_since_last_look(), pool="write")
            await asyncio.sleep(LOOK_SECONDS)


def _pool(url: str, limits: Limits, waited: Callable[[float], None], *, read_only: bool) -> Pool:
    settings = {
        "application_name": "directfanz",
        "timezone": "UTC",
        "jit": "off",
        "statement_timeout": _milliseconds(limits.statement_timeout_seconds),
        "idle_in_transaction_session_timeout": _milliseconds(limits.idle_transaction_timeout_seconds),
        "default_transaction_read_only": "on" if read_only else "off",
    }
    return Pool(
        # The server's own limit should speak first: its connection stays usable.
        lambda: Connection.open(url, settings=settings, command_seconds=limits.statement_timeout_seconds + 1),
        minimum=limits.pool_min // 2,
        maximum=(limits.pool_max + read_only) // 2,
        acquire_seconds=limits.acquire_timeout_seconds,
        waited=waited,
    )


def _milliseconds(seconds: float) -> str:
    return str(int(seconds * 1000))
