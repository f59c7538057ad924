"""What every object is, kept in the target's database: its hash as it was read, and the parts of those that are on their way."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

import msgspec

from directfanz.migrate.objects.place import Listed
from directfanz.migrate.side import Session
from directfanz.migrate.state.tables import SCHEMA

TABLES = f"""
CREATE SCHEMA IF NOT EXISTS {SCHEMA};
CREATE TABLE IF NOT EXISTS {SCHEMA}.object (
    pair text NOT NULL, key text COLLATE "C" NOT NULL, etag text NOT NULL, size bigint NOT NULL, sha256 text NOT NULL,
    PRIMARY KEY (pair, key));
CREATE TABLE IF NOT EXISTS {SCHEMA}.object_part (
    pair text NOT NULL, key text COLLATE "C" NOT NULL, etag text NOT NULL, upload text NOT NULL, number int NOT NULL,
    part_etag text NOT NULL, sha256 text NOT NULL, PRIMARY KEY (pair, key, number));
CREATE TABLE IF NOT EXISTS {SCHEMA}.object_checked (
    pair text NOT NULL, side text NOT NULL, key text COLLATE "C" NOT NULL, etag text NOT NULL, sha256 text NOT NULL,
    PRIMARY KEY (pair, side, key));
"""
# A crash costs at most so much work again; a line for each object would cost more than the object.
LINES_AT_ONCE = 200
LINE_SECONDS = 0.5


class Entry(msgspec.Struct, frozen=True):
    key: str
    etag: str
    size: int
    sha256: str  # of the whole; of one in parts: of the parts' hashes, with their number behind a dash


class Part(msgspec.Struct, frozen=True):
    number: int
    etag: str
    sha256: str


class Ledger:
    """For many threads: one session, one at a time."""

    def __init__(self, session: Session, pair: str) -> None:
        self.session, self.pair, self._lock = session, pair, threading.Lock()
        self._waiting: list[tuple[str, str, str, int, str]] = []
        self._flushed_at = time.monotonic()
        session.execute(TABLES)

    def entries(self) -> dict[str, Entry]:
        self.flush()
        with self._lock:
            rows = self.session.rows(
                f"SELECT key, etag, size, sha256 FROM {SCHEMA}.object WHERE pair = %s", (self.pair,)
            )
        return {row[0]: Entry(*row) for row in rows}

    def done(self, one: Listed, sha256: str) -> None:
        with self._lock:
            self._waiting.append((self.pair, one.key, one.etag, one.size, sha256))
            if len(self._waiting) >= LINES_AT_ONCE or time.monotonic() - self._flushed_at > LINE_SECONDS:
                self._write()

    def flush(self) -> None:
        with self._lock:
            self._write()

    def _write(self) -> None:
        lines, self._waiting, self._flushed_at = self._waiting, [], time.monotonic()
        if not lines:
            return
        pairs, keys, etags, sizes, hashes = map(list, zip(*lines, strict=True))
        with self.session.transaction():
            self.session.execute(
                f"""INSERT INTO {SCHEMA}.object (pair, key, etag, size, sha256)
                SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[], %s::text[])
                ON CONFLICT (pair, key) DO UPDATE SET etag = excluded.etag, size = excluded.size, sha256 = excluded.sha256""",
                (pairs, keys, etags, sizes, hashes),
            )
            self.session.execute(
                f"DELETE FROM {SCHEMA}.object_part WHERE pair = %s AND key = ANY(%s)", (self.pair, keys)
            )

    def gone(self, keys: Iterable[str]) -> None:
        self.flush()
        with self._lock:
            self.session.execute(
                f"DELETE FROM {SCHEMA}.object WHERE pair = %s AND key = ANY(%s)", (self.pair, list(keys))
            )

    def checked(self, side: str) -> set[tuple[str, str, str]]:
        """(key, tag, hash) of what an interrupted verification has read."""
        with self._lock:
            rows = self.session.rows(
                f"SELECT key, etag, sha256 FROM {SCHEMA}.object_checked WHERE pair = %s AND side = %s",
                (self.pair, side),
            )
        return {(key, etag, sha256) for key, etag, sha256 in rows}

    def keep_checked(self, side: str, many: list[tuple[str, str, str]]) -> None:
        keys, etags, hashes = map(list, zip(*many, strict=True)) if many else ([], [], [])
        with self._lock:
            self.session.execute(
                f"""INSERT INTO {SCHEMA}.object_checked (pair, side, key, etag, sha256)
                SELECT %s, %s, * FROM unnest(%s::text[], %s::text[], %s::text[]) ON CONFLICT (pair, side, key)
                DO UPDATE SET etag = excluded.etag, sha256 = excluded.sha256""",
                (self.pair, side, keys, etags, hashes),
            )

    def forget_checked(self) -> None:
        with self._lock:
            self.session.execute(f"DELETE FROM {SCHEMA}.object_checked WHERE pair = %s", (self.pair,))

    def upload(self, one: Listed) -> tuple[str | None, dict[int, Part]]:
        """The upload that was begun for this version of the object, and what of it has arrived."""
        with self._lock:
            rows = self.session.rows(
                f"SELECT upload, number, part_etag, sha256 FROM {SCHEMA}.object_part WHERE pair = %s AND key = %s AND etag = %s",
                (self.pair, one.key, one.etag),
            )
        return (rows[0][0] if rows else None), {number: Part(number, etag, sha256) for _, number, etag, sha256 in rows}

    def part(self, one: Listed, upload: str, part: Part) -> None:
        with self._lock:
            self.session.execute(
                f"""INSERT INTO {SCHEMA}.object_part (pair, key, etag, upload, number, part_etag, sha256)
                VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (pair, key, number) DO UPDATE SET etag = excluded.etag,
                upload = excluded.upload, part_etag = excluded.part_etag, sha256 = excluded.sha256""",
                (self.pair, one.key, one.etag, upload, part.number, part.etag, part.sha256),
            )
