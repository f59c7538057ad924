"""What PostgreSQL and asyncpg say, in the words of the contract."""

from __future__ import annotations

import re

import asyncpg

from directfanz.backends.database.contract import (
    ConnectionLost,
    ConstraintBroken,
    QueryFailed,
    TransactionConflict,
)
from directfanz.errors import ConfigurationError, DirectFanzError, InvalidInput, TimedOut, Unavailable

# All that asyncpg raises: the server's words, its own, and the network's (TimeoutError is an OSError).
VENDOR_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
# The statement was prepared for a schema that has changed since: preparing it again mends it.
STALE_STATEMENT = (
    asyncpg.InvalidCachedStatementError,
    asyncpg.InvalidSQLStatementNameError,
    asyncpg.OutdatedSchemaCacheError,
)

# 22021 bad encoding, 22P05 NUL in JSON, 22003 number out of range, 22007/22008 dates, 22001 too long, 22P02 malformed text,
# 22000 what asyncpg itself could not encode.
_BAD_VALUE = {"22000", "22001", "22003", "22007", "22008", "22021", "22P02", "22P05"}
# Statement timeout or cancel, lock timeout, left idle in a transaction.
_TOO_SLOW = {"57014", "55P03", "25P03"}
# Starting up, shutting down, crashed.
_SERVER_GONE = {"57P01", "57P02", "57P03", "57P05"}
# Serialization failure, deadlock.
_CONFLICT = {"40001", "40P01"}
# Wrong password, no such role, no such database.
_NOT_LET_IN = {"28000", "28P01", "3D000"}
_WRONG_TYPE = re.compile(r"\(expected .*, got ")
RETRY_AFTER_SECONDS = 2


def translate(error: BaseException, *, closed: bool) -> DirectFanzError:
    """`closed`: whether the connection is gone, which some errors only say in words."""
    if isinstance(error, TimeoutError):
        return TimedOut("The database took too long to answer.", retry_after_seconds=RETRY_AFTER_SECONDS)
    state = getattr(error, "sqlstate", None) or ""
    if state in _TOO_SLOW:
        return TimedOut("The database took too long to answer.", retry_after_seconds=RETRY_AFTER_SECONDS)
    if state in _CONFLICT or isinstance(error, STALE_STATEMENT):
        return TransactionConflict("Someone changed the same thing at the same time. Try again.", retry_after_seconds=1)
    if closed or isinstance(error, OSError) or state in _SERVER_GONE or state.startswith("08"):
        return ConnectionLost("The database is not reachable.", retry_after_seconds=RETRY_AFTER_SECONDS)
    if state in _NOT_LET_IN or isinstance(error, asyncpg.ClientConfigurationError):
        return ConfigurationError(f"The database does not let us in: {error}. Check the database settings.")
    if state.startswith("53"):  # out of connections, memory or disk
        return Unavailable("The database is overloaded.", retry_after_seconds=RETRY_AFTER_SECONDS)
    return _about_the_statement(error, state)


def _about_the_statement(error: BaseException, state: str) -> DirectFanzError:
    if state.startswith("23"):
        return _broken_constraint(error)
    if state in _BAD_VALUE and not _WRONG_TYPE.search(str(error)):
        return InvalidInput("A value cannot be stored: it is out of range or holds characters that are not allowed.")
    return QueryFailed(f"The database refused a statement: {error}", state)


def _broken_constraint(error: BaseException) -> ConstraintBroken:
    table, column = getattr(error, "table_name", None), getattr(error, "column_name", None)
    name = getattr(error, "constraint_name", None) or f"{table}.{column}"
    return ConstraintBroken("This conflicts with what is stored already.", name)
