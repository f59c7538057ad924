"""Every committed object on disk, in one transaction per answer, so that a kill -9 loses nothing that was answered."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

Row = tuple[str, str, str, int, bytes]  # id, account, kind, number in order of creation, the object as JSON

_SCHEMA = """
create table if not exists objects (
    id text primary key, account text not null, kind text not null, seq integer not null, body blob not null
)
"""
_WRITE = """
insert into objects (id, account, kind, seq, body) values (?, ?, ?, ?, ?)
on conflict (id) do update set body = excluded.body
"""


class Journal:
    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None)
        self._connection.execute("pragma journal_mode = wal")
        # Survives the end of the process, however it ends; a power cut may lose the last moments.
        self._connection.execute("pragma synchronous = normal")
        self._connection.execute(_SCHEMA)

    def rows(self) -> Iterator[Row]:
        yield from self._connection.execute("select id, account, kind, seq, body from objects order by seq")

    def write(self, rows: Iterable[Row], gone: Iterable[str]) -> None:
        self._connection.execute("begin immediate")
        try:
            self._connection.executemany(_WRITE, rows)
            self._connection.executemany("delete from objects where id = ?", [(name,) for name in gone])
            self._connection.execute("commit")
        except BaseException:
            self._connection.execute("rollback")
            raise

    def close(self) -> None:
        self._connection.close()
