"""Relational data: what a repository may ask for and what it can rely on.

- A `Reader` cannot write: PostgreSQL refuses it, not only the type. It may be a replica, a little old.
- A `Writer` is one transaction. It commits when its block ends and rolls back on any exception. Repositories take a
  handle and never open, commit or roll back one.
- SQL uses `$1` parameters; each text is prepared once per connection. No session state may be left behind
  (no SET, LISTEN, advisory session lock): the pool does not reset connections.
- Waiting for a connection is bounded: `PoolExhausted` (503, Retry-After). A statement is bounded: `TimedOut`.
  A server that is down or restarting: `Unavailable`; the pool heals by itself.
- A broken constraint raises `ConstraintBroken` with the constraint's name, so that a service can say what it means.
- `run` repeats its function when PostgreSQL reports a serialization failure or a deadlock, so the function must
  touch nothing but its transaction.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal, Protocol, TypeVar

from directfanz.errors import Conflict

T = TypeVar("T")
Row = Any  # asyncpg.Record: by position, by name, as a mapping
Isolation = Literal["read_committed", "repeatable_read", "serializable"]


class ConstraintBroken(Conflict):
    """`constraint` is the name given in the schema, such as `users_email_key`."""

    code = "constraint_broken"

    def __init__(self, message: str, constraint: str) -> None:
        super().__init__(message)
        self.constraint = constraint


class Reader(Protocol):
    async def fetch(self, sql: str, *values: object) -> Sequence[Row]: ...

    async def fetch_row(self, sql: str, *values: object) -> Row | None: ...

    async def fetch_value(self, sql: str, *values: object) -> Any: ...


class Writer(Reader, Protocol):
    async def execute(self, sql: str, *values: object) -> int:
        """The number of rows it touched: a conditional update expects 1."""
        ...

    async def execute_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None: ...

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        """What happens inside is undone alone if it raises."""
        ...


class Database(Protocol):
    def reading(self) -> AbstractAsyncContextManager[Reader]: ...

    def writing(self, isolation: Isolation = "read_committed") -> AbstractAsyncContextManager[Writer]: ...

    async def run(self, work: Callable[[Writer], Awaitable[T]], isolation: Isolation = "read_committed") -> T: ...

    async def start(self) -> None: ...

    async def close(self) -> None:
        """Waits for the handles that are out, up to a limit."""
        ...

    async def ping(self) -> None:
        """Raises `Unavailable` when no query would be answered."""
        ...
