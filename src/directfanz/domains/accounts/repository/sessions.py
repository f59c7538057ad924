"""`sessions`: the durable truth behind the cache."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.accounts.models import SESSION_LIVES, SESSION_LIVES_AT_MOST, Method, Session
from directfanz.http.caller import Role


class NewSession(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    user_id: UUID
    token_hash: bytes
    method: Method
    device: str
    address_prefix: str


class LiveSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session and whose it is, as a request needs it."""

    id: UUID
    user_id: UUID
    role: Role
    handle: str
    display_name: str
    avatar: str | None
    theme: str
    timezone: str
    authenticated_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class Ended(msgspec.Struct, frozen=True):
    """A session that was revoked or got another token: what the cache has to forget."""

    id: UUID
    user_id: UUID
    token_hash: bytes


_LIVE = """s.id, s.user_id, u.role, u.handle::text AS handle, u.display_name, u.avatar, u.theme, u.timezone,
    s.authenticated_at, s.last_seen_at, s.expires_at"""
_ENDED = "RETURNING id, user_id, token_hash"


async def insert_session(tx: Writer, session: NewSession, now: datetime) -> None:
    await tx.execute(
        """INSERT INTO sessions (id, user_id, token_hash, method, device, address_prefix, created_at, authenticated_at,
                                 last_seen_at, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $7, $8)""",
        session.id, session.user_id, session.token_hash, session.method, session.device, session.address_prefix, now,
        now + SESSION_LIVES,
    )  # fmt: skip


async def find_live(tx: Reader, token_hash: bytes, now: datetime) -> LiveSession | None:
    row = await tx.fetch_row(
        f"""SELECT {_LIVE} FROM sessions s JOIN users u ON u.id = s.user_id
            WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > $2
              AND u.status IN ('active', 'closing')""",  # noqa: S608
        token_hash, now,
    )  # fmt: skip
    return msgspec.convert(dict(row), LiveSession) if row else None


async def see(tx: Writer, token_hash: bytes, now: datetime, seen_before: datetime) -> LiveSession | None:
    """Moves the expiry on, if nobody did since `seen_before`; None also when it is no longer live."""
    row = await tx.fetch_row(
        f"""UPDATE sessions s SET last_seen_at = $2, expires_at = least($2 + $4::interval, s.created_at + $5::interval)
            FROM users u
            WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 AND s.last_seen_at <= $3
              AND u.id = s.user_id AND u.status IN ('active', 'closing')
            RETURNING {_LIVE}""",  # noqa: S608
        token_hash, now, seen_before, SESSION_LIVES, SESSION_LIVES_AT_MOST,
    )  # fmt: skip
    return msgspec.convert(dict(row), LiveSession) if row else None


async def list_live(tx: Reader, user_id: UUID, now: datetime) -> list[Session]:
    rows = await tx.fetch(
        """SELECT id, method, device, address_prefix, created_at, last_seen_at, expires_at FROM sessions
           WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2 ORDER BY last_seen_at DESC, id DESC""",
        user_id, now,
    )  # fmt: skip
    return msgspec.convert([dict(row) for row in rows], list[Session])


async def still_live(tx: Reader, ids: Collection[UUID], now: datetime) -> set[UUID]:
    rows = await tx.fetch(
        """SELECT s.id FROM sessions s JOIN users u ON u.id = s.user_id
           WHERE s.id = ANY($1) AND s.revoked_at IS NULL AND s.expires_at > $2 AND u.status IN ('active', 'closing')""",
        list(ids), now,
    )  # fmt: skip
    return {row["id"] for row in rows}


async def rotate(
    tx: Writer, user_id: UUID, session_id: UUID, token_hash: bytes, now: datetime, *, confirmed: bool
) -> Ended | None:
    """Another token for the same session; `confirmed` when the person just showed that it is them. Gives the old one."""
    row = await tx.fetch_row(
        """WITH old AS (SELECT id, user_id, token_hash FROM sessions
                        WHERE id = $2 AND user_id = $1 AND revoked_at IS NULL AND expires_at > $4 FOR UPDATE)
           UPDATE sessions s SET token_hash = $3, authenticated_at = CASE WHEN $5 THEN $4 ELSE s.authenticated_at END
           FROM old WHERE s.id = old.id
           RETURNING old.id, old.user_id, old.token_hash""",
        user_id, session_id, token_hash, now, confirmed,
    )  # fmt: skip
    return Ended(*row) if row else None


async def revoke_one(tx: Writer, user_id: UUID, session_id: UUID, now: datetime) -> list[Ended]:
    rows = await tx.fetch(
        f"UPDATE sessions SET revoked_at = $3 WHERE id = $2 AND user_id = $1 AND revoked_at IS NULL {_ENDED}",  # noqa: S608
        user_id, session_id, now,
    )  # fmt: skip
    return _ended(rows)


async def revoke_by_token(tx: Writer, token_hash: bytes, now: datetime) -> list[Ended]:
    rows = await tx.fetch(
        f"UPDATE sessions SET revoked_at = $2 WHERE token_hash = $1 AND revoked_at IS NULL {_ENDED}",  # noqa: S608
        token_hash, now,
    )  # fmt: skip
    return _ended(rows)


async def revoke_all(tx: Writer, user_id: UUID, now: datetime, besides: UUID | None = None) -> list[Ended]:
    rows = await tx.fetch(
        f"""UPDATE sessions SET revoked_at = $2
            WHERE user_id = $1 AND revoked_at IS NULL AND id IS DISTINCT FROM $3 {_ENDED}""",  # noqa: S608
        user_id, now, besides,
    )  # fmt: skip
    return _ended(rows)


async def revoke_beyond(tx: Writer, user_id: UUID, most: int, now: datetime) -> list[Ended]:
    """The ones unused for longest, above so many."""
    rows = await tx.fetch(
        f"""UPDATE sessions SET revoked_at = $3 WHERE revoked_at IS NULL AND id IN (
                SELECT id FROM sessions WHERE user_id = $1 AND revoked_at IS NULL
                ORDER BY last_seen_at DESC, id DESC OFFSET $2) {_ENDED}""",  # noqa: S608
        user_id, most, now,
    )  # fmt: skip
    return _ended(rows)


async def live_hashes(tx: Reader, user_id: UUID) -> list[bytes]:
    rows = await tx.fetch("SELECT token_hash FROM sessions WHERE user_id = $1 AND revoked_at IS NULL", user_id)
    return [row["token_hash"] for row in rows]


async def all_of(tx: Reader, user_id: UUID) -> list[Session]:
    rows = await tx.fetch(
        """SELECT id, method, device, address_prefix, created_at, last_seen_at, expires_at FROM sessions
           WHERE user_id = $1 ORDER BY created_at DESC""",
        user_id,
    )
    return msgspec.convert([dict(row) for row in rows], list[Session])


async def remove_all(tx: Writer, user_id: UUID) -> None:
    await tx.execute("DELETE FROM sessions WHERE user_id = $1", user_id)


async def remove_ended(tx: Writer, before: datetime, most: int) -> int:
    return await tx.execute(
        """DELETE FROM sessions WHERE id IN (
               SELECT id FROM sessions WHERE expires_at < $1 OR revoked_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)""",
        before, most,
    )  # fmt: skip


def _ended(rows: Sequence[Row]) -> list[Ended]:
    return [Ended(row["id"], row["user_id"], row["token_hash"]) for row in rows]
