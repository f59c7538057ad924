"""`access_tokens`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.accounts.models import AccessToken
from directfanz.http.caller import Role


class LiveToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token and whose it is, as a request needs it."""

    id: UUID
    user_id: UUID
    role: Role
    handle: str
    display_name: str
    avatar: str | None
    theme: str
    timezone: str
    scopes: list[str]
    expires_at: datetime


_COLUMNS = "id, name, hint, scopes, created_at, expires_at, last_used_at"


async def insert_token(tx: Writer, token: AccessToken, user_id: UUID, token_hash: bytes) -> None:
    await tx.execute(
        """INSERT INTO access_tokens (id, user_id, name, token_hash, hint, scopes, created_at, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)""",
        token.id, user_id, token.name, token_hash, token.hint, token.scopes, token.created_at, token.expires_at,
    )  # fmt: skip


async def find_live(tx: Reader, token_hash: bytes, now: datetime) -> LiveToken | None:
    row = await tx.fetch_row(
        """SELECT t.id, t.user_id, u.role, u.handle::text AS handle, u.display_name, u.avatar, u.theme, u.timezone,
                  t.scopes, t.expires_at
           FROM access_tokens t JOIN users u ON u.id = t.user_id
           WHERE t.token_hash = $1 AND t.revoked_at IS NULL AND t.expires_at > $2 AND u.status = 'active'""",
        token_hash, now,
    )  # fmt: skip
    return msgspec.convert(dict(row), LiveToken) if row else None


async def note_use(tx: Writer, token_id: UUID, now: datetime, used_before: datetime) -> None:
    """If nobody did since `used_before`."""
    await tx.execute(
        "UPDATE access_tokens SET last_used_at = $2 WHERE id = $1 AND coalesce(last_used_at, '-infinity') <= $3",
        token_id, now, used_before,
    )  # fmt: skip


async def list_tokens(tx: Reader, user_id: UUID, now: datetime) -> list[AccessToken]:
    rows = await tx.fetch(
        f"""SELECT {_COLUMNS} FROM access_tokens WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2
            ORDER BY created_at DESC, id DESC""",  # noqa: S608
        user_id, now,
    )  # fmt: skip
    return msgspec.convert([dict(row) for row in rows], list[AccessToken])


async def all_of(tx: Reader, user_id: UUID) -> list[AccessToken]:
    """Also those that ended."""
    rows = await tx.fetch(f"SELECT {_COLUMNS} FROM access_tokens WHERE user_id = $1 ORDER BY created_at", user_id)  # noqa: S608
    return msgspec.convert([dict(row) for row in rows], list[AccessToken])


async def revoke_token(tx: Writer, user_id: UUID, token_id: UUID, now: datetime) -> bytes | None:
    """The hash, so that the cache can forget it."""
    revoked: bytes | None = await tx.fetch_value(
        """UPDATE access_tokens SET revoked_at = $3 WHERE id = $2 AND user_id = $1 AND revoked_at IS NULL
           RETURNING token_hash""",
        user_id, token_id, now,
    )  # fmt: skip
    return revoked


async def live_hashes(tx: Reader, user_id: UUID) -> list[bytes]:
    rows = await tx.fetch("SELECT token_hash FROM access_tokens WHERE user_id = $1 AND revoked_at IS NULL", user_id)
    return [row["token_hash"] for row in rows]


async def remove_all(tx: Writer, user_id: UUID) -> None:
    await tx.execute("DELETE FROM access_tokens WHERE user_id = $1", user_id)


async def remove_ended(tx: Writer, before: datetime, most: int) -> int:
    return await tx.execute(
        """DELETE FROM access_tokens WHERE id IN (
               SELECT id FROM access_tokens WHERE expires_at < $1 OR revoked_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)""",
        before, most,
    )  # fmt: skip


async def revoke_all(tx: Writer, user_id: UUID, now: datetime) -> list[bytes]:
    rows = await tx.fetch(
        "UPDATE access_tokens SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL RETURNING token_hash",
        user_id, now,
    )  # fmt: skip
    return [row["token_hash"] for row in rows]


async def revoke_admin_tokens(tx: Writer, user_id: UUID, now: datetime) -> list[bytes]:
    """Who is no administrator any more keeps no token with their powers."""
    rows = await tx.fetch(
        """UPDATE access_tokens SET revoked_at = $2
           WHERE user_id = $1 AND revoked_at IS NULL AND EXISTS (
               SELECT 1 FROM unnest(scopes) scope WHERE scope LIKE 'admin:%')
           RETURNING token_hash""",
        user_id, now,
    )  # fmt: skip
    return [row["token_hash"] for row in rows]
