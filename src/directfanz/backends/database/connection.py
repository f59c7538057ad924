"""One connection to PostgreSQL and the statements prepared on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from secrets import token_hex
from typing import Any

import asyncpg

from directfanz.backends.database.contract import QueryFailed
from directfanz.backends.database.translation import STALE_STATEMENT, VENDOR_ERRORS, translate
from directfanz.errors import Unavailable

# Texts come from code, so there are a few hundred at most; past this the oldest is given up.
MAX_STATEMENTS = 500
CLOSE_SECONDS = 2

# How a prepared statement is asked, called with the statement and the values.
Ask = Callable[..., Awaitable[Any]]
FETCH: Ask = asyncpg.prepared_stmt.PreparedStatement.fetch
FETCH_ROW: Ask = asyncpg.prepared_stmt.PreparedStatement.fetchrow
FETCH_VALUE: Ask = asyncpg.prepared_stmt.PreparedStatement.fetchval
MANY: Ask = asyncpg.prepared_stmt.PreparedStatement.executemany


async def execute(statement: Any, *values: object) -> int:
    """The number at the end of `UPDATE 3`; 0 for commands that count nothing."""
    await statement.fetch(*values)
    last = (statement.get_statusmsg() or "").rpartition(" ")[2]
    return int(last) if last.isdigit() else 0


class Connection:
    __slots__ = ("_again", "_raw", "statements")

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._again = ""
        self.statements: dict[str, Any] = {}

    @classmethod
    async def open(cls, url: str, *, settings: dict[str, str], command_seconds: float) -> Connection:
        try:
            raw = await asyncpg.connect(
                url, server_settings=settings, command_timeout=command_seconds, timeout=command_seconds
            )
        except VENDOR_ERRORS as error:
            raise translate(error, closed=False) from error
        return cls(raw)

    @property
    def closed(self) -> bool:
        return bool(self._raw.is_closed())

    async def ask(self, how: Ask, sql: str, *values: object) -> Any:
        try:
            try:
                statement = self.statements.get(sql) or await self.prepare(sql)
                return await how(statement, *values)
            except STALE_STATEMENT:
                self._forget()
                if self._raw.is_in_transaction():
                    raise
                return await how(await self.prepare(sql), *values)
        except VENDOR_ERRORS as error:
            raise self.in_our_words(error) from error

    async def prepare(self, sql: str) -> Any:
        if len(self.statements) >= MAX_STATEMENTS:
            del self.statements[next(iter(self.statements))]
        statement = await self._raw.prepare(sql + self._again)
        self.statements[sql] = statement
        return statement

    def _forget(self) -> None:
        """A pool between us and the server knows statements by their text and would give the old one again, so the text is new."""
        self.statements.clear()
        self._again = f" /* {token_hex(4)} */"

    def in_our_words(self, error: BaseException) -> BaseException:
        """What is not the vendor's (a cancellation) stays as it is."""
        return translate(error, closed=self.closed) if isinstance(error, VENDOR_ERRORS) else error

    async def tell(self, command: str) -> None:
        """A command of the transaction itself."""
        try:
            await self._raw.execute(command)
        except VENDOR_ERRORS as error:
            raise self.in_our_words(error) from error

    async def commit(self) -> None:
        """A transaction that failed before answers COMMIT with ROLLBACK; that must not pass for success."""
        try:
            answer = await self._raw.execute("COMMIT")
        except VENDOR_ERRORS as error:
            if self.closed:
                message = "The database went away while saving. Check whether it was saved, then try again."
                raise Unavailable(message, retry_after_seconds=2) from error
            raise self.in_our_words(error) from error
        if answer != "COMMIT":
            raise QueryFailed("The transaction went on after an error; put what may fail into a savepoint.", "25P02")

    async def settle(self) -> None:
        """Ready for the next borrower, whatever was going on: waits for a cancelled query, undoes a transaction."""
        await self._raw.execute("")
        if self._raw.is_in_transaction():
            await self._raw.execute("ROLLBACK")

    async def close(self) -> None:
        try:
            await self._raw.close(timeout=CLOSE_SECONDS)
        except VENDOR_ERRORS:
            self.cut()

    def cut(self) -> None:
        self._raw.terminate()
