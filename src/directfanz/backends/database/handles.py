"""The blocks that repositories work in: some reads on one connection, or one transaction."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from types import TracebackType
from typing import Any

from directfanz.backends.database.connection import FETCH, FETCH_ROW, FETCH_VALUE, MANY, Ask, Connection, execute
from directfanz.backends.database.contract import ConnectionLost, QueryFailed, Reader, Row, Writer
from directfanz.backends.database.pool import Pool

log = logging.getLogger("directfanz.database")

SLOW_SECONDS = 1.0
READ_ONLY_TRANSACTION = "25006"


class Meter:
    """How long queries take."""

    __slots__ = ("_record", "now")

    def __init__(self, now: Callable[[], float], record: Callable[[float], None]) -> None:
        self.now = now
        self._record = record

    def done(self, sql: str, started: float) -> None:
        seconds = self.now() - started
        self._record(seconds)
        if seconds > SLOW_SECONDS:
            log.warning("a query took %.1f s: %s", seconds, " ".join(sql.split())[:300])


class Reading:
    def __init__(self, pool: Pool, meter: Meter) -> None:
        self._pool = pool
        self._meter = meter
        self._connection: Connection | None = None

    async def fetch(self, sql: str, *values: object) -> Sequence[Row]:
        rows: Sequence[Row] = await self.ask(FETCH, sql, *values)
        return rows

    async def fetch_row(self, sql: str, *values: object) -> Row | None:
        return await self.ask(FETCH_ROW, sql, *values)

    async def fetch_value(self, sql: str, *values: object) -> Any:
        return await self.ask(FETCH_VALUE, sql, *values)

    async def ask(self, how: Ask, sql: str, *values: object) -> Any:
        started = self._meter.now()
        answer = await self._live().ask(how, sql, *values)
        self._meter.done(sql, started)
        return answer

    def _live(self) -> Connection:
        if self._connection is None:
            raise RuntimeError("this database handle is used outside its block")
        return self._connection

    async def __aenter__(self) -> Reader:
        self._connection = self._pool.take() or await self._pool.acquire()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        connection, self._connection = self._live(), None
        self._pool.give_after(connection, error)


class Writing(Reading):
    def __init__(self, pool: Pool, meter: Meter, begin: str) -> None:
        super().__init__(pool, meter)
        self._begin = begin
        self._depth = 0

    async def execute(self, sql: str, *values: object) -> int:
        touched: int = await self.ask(execute, sql, *values)
        return touched

    async def execute_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        await self.ask(MANY, sql, rows)

    @contextlib.asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        connection = self._live()
        self._depth += 1
        name = f"s{self._depth}"
        await connection.tell(f"SAVEPOINT {name}")
        try:
            yield
        except Exception:
            if not connection.closed:
                await connection.tell(f"ROLLBACK TO SAVEPOINT {name}; RELEASE SAVEPOINT {name}")
            raise
        else:
            await connection.tell(f"RELEASE SAVEPOINT {name}")
        finally:
            self._depth -= 1

    async def __aenter__(self) -> Writer:
        """Nothing has happened before BEGIN is answered, so a connection that died while idle is replaced."""
        try:
            self._connection = await self._begun()
        except ConnectionLost:
            self._connection = await self._begun()
        return self

    async def _begun(self) -> Connection:
        connection = self._pool.take() or await self._pool.acquire()
        try:
            await connection.tell(self._begin)
        except BaseException as error:
            self._pool.give_after(connection, error)
            raise
        return connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Undone before the error goes on, so that whoever catches it finds no lock of ours; but a cancelled task is
        not made to wait: the pool undoes its transaction."""
        connection, self._connection = self._live(), None
        if isinstance(error, QueryFailed) and error.sqlstate == READ_ONLY_TRANSACTION:
            connection.cut()  # the server is no longer the primary: let the next one find who is
        try:
            if error is None:
                await connection.commit()
            elif isinstance(error, Exception) and not connection.closed:
                await connection.tell("ROLLBACK")
        except BaseException as problem:
            self._pool.settle(connection)
            if error is None or not isinstance(problem, Exception):
                raise
        else:
            self._pool.give_after(connection, error)
