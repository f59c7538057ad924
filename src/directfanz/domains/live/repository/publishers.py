"""`stream_keys` and `stream_sessions`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.live.models import Key, Session

_SESSION = "id, stream_id, key_id, node, protocol, began_at, seen_at, ended_at, end_reason"


async def insert_key(tx: Writer, key: Key, hashed: bytes) -> None:
    await tx.execute(
        "INSERT INTO stream_keys (id, stream_id, hash, hint, created_at) VALUES ($1, $2, $3, $4, $5)",
        key.id, key.stream_id, hashed, key.hint, key.created_at,
    )  # fmt: skip


async def revoke_keys(tx: Writer, stream_id: UUID, now: datetime) -> None:
    """Index: stream_keys_good."""
    await tx.execute(
        "UPDATE stream_keys SET revoked_at = $2 WHERE stream_id = $1 AND revoked_at IS NULL", stream_id, now
    )


async def find_key(reader: Reader, hashed: bytes) -> tuple[Key, bool] | None:
    """And whether it is still good. Index: stream_keys_hash."""
    row = await reader.fetch_row(
        "SELECT id, stream_id, hint, created_at, used_at, revoked_at FROM stream_keys WHERE hash = $1", hashed
    )
    if row is None:
        return None
    key = msgspec.convert({name: row[name] for name in Key.__struct_fields__}, Key)
    return key, row["revoked_at"] is None


async def good_key(reader: Reader, stream_id: UUID) -> Key | None:
    row = await reader.fetch_row(
        "SELECT id, stream_id, hint, created_at, used_at FROM stream_keys WHERE stream_id = $1 AND revoked_at IS NULL",
        stream_id,
    )
    return msgspec.convert(dict(row), Key) if row else None


async def use_key(tx: Writer, key_id: UUID, now: datetime) -> None:
    await tx.execute("UPDATE stream_keys SET used_at = $2 WHERE id = $1", key_id, now)


async def insert_session(tx: Writer, session: Session) -> None:
    await tx.execute(
        """INSERT INTO stream_sessions (id, stream_id, key_id, node, protocol, began_at, seen_at)
           VALUES ($1, $2, $3, $4, $5, $6, $6)""",
        session.id, session.stream_id, session.key_id, session.node, session.protocol, session.began_at,
    )  # fmt: skip


async def open_session(reader: Reader, stream_id: UUID) -> Session | None:
    """Index: stream_sessions_open."""
    row = await reader.fetch_row(
        f"SELECT {_SESSION} FROM stream_sessions WHERE stream_id = $1 AND ended_at IS NULL",  # noqa: S608 - our own columns
        stream_id,
    )
    return _session(row) if row else None


async def open_sessions_of(reader: Reader, node: str) -> list[Session]:
    rows = await reader.fetch(
        f"SELECT {_SESSION} FROM stream_sessions WHERE node = $1 AND ended_at IS NULL",  # noqa: S608
        node,
    )
    return [_session(row) for row in rows]


async def end_session(tx: Writer, session_id: UUID, reason: str, now: datetime) -> bool:
    ended = await tx.execute(
        "UPDATE stream_sessions SET ended_at = $2, end_reason = $3 WHERE id = $1 AND ended_at IS NULL",
        session_id, now, reason[:500],
    )  # fmt: skip
    return ended == 1


async def seen(tx: Writer, session_ids: list[UUID], now: datetime) -> None:
    await tx.execute(
        "UPDATE stream_sessions SET seen_at = $2 WHERE id = ANY($1) AND ended_at IS NULL", session_ids, now
    )


async def to_let_go(reader: Reader, session_ids: list[UUID]) -> dict[UUID, bool]:
    """Streams of these sessions that are over (True), or whose key was replaced, or that another process has now."""
    rows = await reader.fetch(
        """SELECT s.stream_id, t.state = 'ended' FROM stream_sessions s JOIN streams t ON t.id = s.stream_id
             LEFT JOIN stream_keys k ON k.id = s.key_id
           WHERE s.id = ANY($1) AND (t.state = 'ended' OR s.ended_at IS NOT NULL OR k.revoked_at IS NOT NULL)""",
        session_ids,
    )
    return {row[0]: row[1] for row in rows}


def _session(row: Row) -> Session:
    return msgspec.convert(dict(row), Session)
