"""Relational data: what a repository may ask for and what it can rely on.

- A `Reader` cannot write: PostgreSQL refuses it, not only the type. For a stranger's look it may be a replica, a
  little old; whoever may have written something reads the primary, so a session always sees what it wrote (`age.py`). Each of its
  statements sees the newest commit; only a transaction (`writing("repeatable_read")`) sees one moment throughout.
- The database itself is a `Reader` for one statement: `await database.fetch(sql, ...)` is the cheapest read there is. It is
  repeated once when its connection turns out to be dead.
- A `Writer` is one transaction. It commits when its block ends and rolls back on any exception. Repositories take a
  handle and never open, commit or roll back one. A handle is dead after its block.
- SQL uses `$1` parameters; each text is prepared once per connection, so build no text from values (a list is
  `= ANY($1)`). No session state may be left behind (no SET, LISTEN, advisory session lock): the pool does not reset
  connections. JSON goes in and comes out as text.
- Waiting for a connection is bounded: `PoolExhausted` (503, Retry-After). A statement is bounded: `TimedOut`.
  A server that is down or restarting: the first callers wait for it as long as for a connection, later ones get
  `Unavailable` at once until it is back; the pool heals by itself.
- A broken constraint raises `ConstraintBroken` with the constraint's name, so that a service can say what it means. The
  transaction is lost with it; to go on, put the statement into a `savepoint`.
- A value that no column can hold (NUL in a text, a number too large) raises `InvalidInput`.
- `run` repeats its function when the transaction was surely undone and may be repeated: a serialization failure, a
  deadlock, a connection lost before the commit. So the function must touch nothing but its transaction. In a
  `writing` block these raise `TransactionConflict` or `ConnectionLost`.
- Whatever else PostgreSQL says is a mistake of ours: `QueryFailed` with its SQLSTATE.
- Cancelling a task never leaks a connection nor a half-open transaction.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal, Protocol, TypeVar

from directfanz.errors import Conflict, DirectFanzError, Unavailable

T = TypeVar("T")
Row = Any  # asyncpg.Record: by position, by name, as a mapping
Isolation = Literal["read_committed", "repeatable_read", "serializable"]


class ConstraintBroken(Conflict):
    """`constraint` is the name given in the schema, such as `users_email_key`; for NOT NULL it is `table.column`."""

    code = "constraint_broken"

    def __init__(self, message: str, constraint: str) -> None:
        super().__init__(message)
        self.constraint = constraint


class TransactionConflict(Unavailable):
    """PostgreSQL undid the transaction in favour of another one. Repeating it from its start can succeed."""

    code = "transaction_conflict"


class ConnectionLost(Unavailable):
    """The server went away before the commit: nothing of the transaction has happened."""

    code = "connection_lost"


class QueryFailed(DirectFanzError):
    """A mistake of ours: wrong SQL, a missing right, a write through a `Reader` (25006)."""

    code = "query_failed"

    def __init__(self, message: str, sqlstate: str) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


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


class Database(Reader, Protocol):
    def reading(self) -> AbstractAsyncContextManager[Reader]:
        """Several reads on one connection; for one read ask the database itself."""
        ...

    def writing(self, isolation: Isolation = "read_committed") -> AbstractAsyncContextManager[Writer]: ...

    async def run(self, work: Callable[[Writer], Awaitable[T]], isolation: Isolation = "read_committed") -> T: ...

    async def start(self) -> None: ...

    async def close(self) -> None:
        """Waits for the handles that are out, up to a limit; then cuts them."""
        ...

    async def ping(self) -> None:
        """Raises `Unavailable` when no query would be answered."""
        ...
