"""One of the two databases, and sessions on it. Every error it gives says which side gave it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import conninfo, sql

from directfanz.errors import ConfigurationError
from directfanz.migrate.errors import SideName, blame

APPLICATION = "directfanz migrate"
CONNECT_SECONDS = 10
# What could change how a value is written, or get in our way, is the same in all our sessions.
SESSION = {
    "search_path": "",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "extra_float_digits": "3",
    "bytea_output": "hex",
    "xmloption": "content",
    "row_security": "off",  # a table that hides rows from us must raise, never look empty
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "default_transaction_read_only": "off",  # the fence is not for us
    "default_transaction_isolation": "read committed",
    "synchronous_commit": "on",
}
KEEPALIVE = {"keepalives": 1, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
Row = tuple[Any, ...]


class Session(psycopg.Connection[Row]):
    """A connection whose errors name their side."""

    side: SideName = "source"

    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> psycopg.Cursor[Row]:
        try:
            return super().execute(query, params, **kwargs)
        except psycopg.Error as error:
            raise blame(self.side, str(error), error.sqlstate or "") from error

    def rows(self, query: str, params: Any = None) -> list[Row]:
        return self.execute(query, params).fetchall()

    def value(self, query: str, params: Any = None) -> Any:
        row = self.execute(query, params).fetchone()
        return row[0] if row else None


@dataclass(frozen=True, slots=True)
class Side:
    name: SideName
    address: str  # with its password: never printed, never stored

    @property
    def words(self) -> dict[str, str]:
        return {name: str(value) for name, value in conninfo.conninfo_to_dict(self.address).items()}

    @property
    def database(self) -> str:
        return self.words.get("dbname") or self.words.get("user", "postgres")

    def __str__(self) -> str:
        words = self.words
        return f"{words.get('host', 'localhost')}:{words.get('port', '5432')}/{self.database}"

    def with_database(self, name: str) -> Side:
        return Side(self.name, conninfo.make_conninfo(self.address, dbname=name))

    def open(self, purpose: str = "", *, autocommit: bool = True) -> Session:
        options = " ".join(f"-c {name}={_escaped(value)}" for name, value in SESSION.items())
        extra = {"application_name": f"{APPLICATION} {purpose}".strip(), "options": options, "client_encoding": "UTF8"}
        words: dict[str, Any] = {"connect_timeout": CONNECT_SECONDS, **extra, **KEEPALIVE}
        try:
            session = Session.connect(self.address, autocommit=autocommit, **words)
        except psycopg.Error as error:
            raise blame(self.name, str(error), error.sqlstate or "") from error
        session.side = self.name
        session.prepare_threshold = None  # a pooler in between does not mind us
        return session

    @contextlib.contextmanager
    def session(self, purpose: str = "", *, autocommit: bool = True) -> Iterator[Session]:
        """Ends without a commit: who wants one says so."""
        session = self.open(purpose, autocommit=autocommit)
        try:
            yield session
        except psycopg.Error as error:
            raise blame(self.name, str(error), error.sqlstate or "") from error
        finally:
            session.close()


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace(" ", "\\ ") or "''"


def quoted(*names: str) -> str:
    """`"schema"."name"`, whatever is in them."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def literal(value: object) -> str:
    return sql.Literal(value).as_string(None)


def read_address(text: str) -> str:
    """An address, or `file:///run/secrets/target` with one in it. What is wrong is said without repeating a password."""
    if text.startswith("file://"):
        try:
            text = Path(text.removeprefix("file://")).read_text().strip()
        except OSError as error:
            raise ConfigurationError(f"Cannot read the address from {text}: {error.strerror}.") from None
    try:
        conninfo.conninfo_to_dict(text)
    except psycopg.Error:
        raise ConfigurationError("An address must look like postgresql://user@host:5432/database.") from None
    return text


def has_password(text: str) -> bool:
    try:
        return bool(conninfo.conninfo_to_dict(text).get("password"))
    except psycopg.Error:
        return False
