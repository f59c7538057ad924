"""`users`, `passwords` and `past_handles`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.accounts.models import Status, User
from directfanz.http.caller import Role


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """What a sign-in with a password needs, in one row."""

    id: UUID
    status: Status
    role: Role
    hash: str | None
    changed_at: datetime | None
    has_totp: bool


USER_COLUMNS = """u.id, u.email, u.handle, u.display_name, u.bio, u.avatar, u.role, u.status, u.status_reason, u.locale,
    u.timezone, u.theme, u.listed, u.created_at, u.updated_at"""
_CREDENTIALS = """SELECT u.id, u.status, u.role, p.hash, p.changed_at, t.user_id IS NOT NULL AS has_totp
    FROM users u
    LEFT JOIN passwords p ON p.user_id = u.id
    LEFT JOIN totp t ON t.user_id = u.id AND t.confirmed_at IS NOT NULL"""


def user_of(row: Row) -> User:
    return msgspec.convert(dict(row), User)


async def insert_user(tx: Writer, user: User, now: datetime) -> bool:
    """False when somebody else keeps the handle from before; a taken one raises `users_handle_key`."""
    made = await tx.execute(
        """INSERT INTO users (id, email, handle, display_name, role, status, status_changed_at, locale, timezone,
                              created_at, updated_at)
           SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $7, $7
           WHERE NOT EXISTS (SELECT 1 FROM past_handles WHERE handle = $3 AND until > $7)""",
        user.id, user.email, user.handle, user.display_name, user.role, user.status, now, user.locale, user.timezone,
    )  # fmt: skip
    return made == 1


async def find_user(tx: Reader, user_id: UUID) -> User | None:
    row = await tx.fetch_row(f"SELECT {USER_COLUMNS} FROM users u WHERE u.id = $1", user_id)  # noqa: S608 - our own columns
    return user_of(row) if row else None


async def zones_of(reader: Reader, user_ids: Sequence[UUID]) -> Mapping[UUID, str]:
    rows = await reader.fetch("SELECT id, timezone FROM users WHERE id = ANY($1)", user_ids)
    return {row[0]: row[1] for row in rows}


async def lock_user(tx: Writer, user_id: UUID) -> User | None:
    """Held while a rule over several rows is checked: the last way in, how many tokens."""
    row = await tx.fetch_row(f"SELECT {USER_COLUMNS} FROM users u WHERE u.id = $1 FOR NO KEY UPDATE", user_id)  # noqa: S608
    return user_of(row) if row else None


async def find_by_email(tx: Reader, email: str) -> User | None:
    """Of those who proved it: at most one."""
    row = await tx.fetch_row(
        f"SELECT {USER_COLUMNS} FROM users u WHERE u.email = $1 AND u.status IN ('active', 'suspended', 'closing')",  # noqa: S608
        email,
    )
    return user_of(row) if row else None


async def find_newest_unverified(tx: Reader, email: str, since: datetime) -> User | None:
    row = await tx.fetch_row(
        f"""SELECT {USER_COLUMNS} FROM users u WHERE u.email = $1 AND u.status = 'unverified' AND u.created_at > $2
            ORDER BY u.id DESC LIMIT 1""",  # noqa: S608
        email, since,
    )  # fmt: skip
    return user_of(row) if row else None


async def find_any_unverified(tx: Reader, email: str) -> User | None:
    row = await tx.fetch_row(
        f"""SELECT {USER_COLUMNS} FROM users u WHERE u.email = $1 AND u.status = 'unverified'
            ORDER BY u.id DESC LIMIT 1""",  # noqa: S608
        email,
    )
    return user_of(row) if row else None


async def find_by_handle(tx: Reader, handle: str) -> User | None:
    row = await tx.fetch_row(f"SELECT {USER_COLUMNS} FROM users u WHERE u.handle = $1", handle)  # noqa: S608
    return user_of(row) if row else None


async def find_credentials_by_email(tx: Reader, email: str, unverified_since: datetime) -> Credentials | None:
    """The proven account; else the newest attempt to make one."""
    row = await tx.fetch_row(
        f"""{_CREDENTIALS} WHERE u.email = $1 AND u.status <> 'erased'
            AND (u.status <> 'unverified' OR u.created_at > $2)
            ORDER BY u.status = 'unverified', u.id DESC LIMIT 1""",
        email, unverified_since,
    )  # fmt: skip
    return msgspec.convert(dict(row), Credentials) if row else None


async def find_credentials(tx: Reader, user_id: UUID) -> Credentials | None:
    row = await tx.fetch_row(f"{_CREDENTIALS} WHERE u.id = $1 AND u.status <> 'erased'", user_id)
    return msgspec.convert(dict(row), Credentials) if row else None


async def move_status(
    tx: Writer, user_id: UUID, old: Status, new: Status, now: datetime, reason: str | None = None
) -> bool:
    moved = await tx.execute(
        """UPDATE users SET status = $3, status_reason = $5, status_changed_at = $4, updated_at = $4
           WHERE id = $1 AND status = $2""",
        user_id, old, new, now, reason,
    )  # fmt: skip
    return moved == 1


async def set_email(tx: Writer, user_id: UUID, old: str, new: str, now: datetime) -> bool:
    """A taken address raises `users_email_key`."""
    changed = await tx.execute(
        "UPDATE users SET email = $3, updated_at = $4 WHERE id = $1 AND email = $2", user_id, old, new, now
    )
    return changed == 1


async def set_role(tx: Writer, user_id: UUID, old: Role, new: Role, now: datetime) -> bool:
    changed = await tx.execute(
        "UPDATE users SET role = $3, updated_at = $4 WHERE id = $1 AND role = $2", user_id, old, new, now
    )
    return changed == 1


async def take_turn_on_admins(tx: Writer) -> None:
    """Until the commit nobody else decides who is an administrator: two cannot take each other's role at once."""
    await tx.fetch("SELECT pg_advisory_xact_lock(hashtext('accounts.admins'))")


async def count_other_admins(tx: Reader, besides: UUID) -> int:
    """Those who can sign in."""
    counted: int = await tx.fetch_value(
        "SELECT count(*) FROM users WHERE role = 'admin' AND status = 'active' AND id <> $1", besides
    )
    return counted


async def active_admins(tx: Reader) -> list[UUID]:
    return [row["id"] for row in await tx.fetch("SELECT id FROM users WHERE role = 'admin' AND status = 'active'")]


async def set_avatar(tx: Writer, user_id: UUID, avatar: str | None, now: datetime) -> None:
    await tx.execute("UPDATE users SET avatar = $2, updated_at = $3 WHERE id = $1", user_id, avatar, now)


async def avatar_in_use(tx: Reader, avatar: str) -> bool:
    return bool(await tx.fetch_value("SELECT EXISTS (SELECT 1 FROM users WHERE avatar = $1)", avatar))


async def update_profile(tx: Writer, user: User, now: datetime) -> None:
    """A taken handle raises `users_handle_key`."""
    await tx.execute(
        """UPDATE users SET handle = $2, display_name = $3, bio = $4, locale = $5, timezone = $6, theme = $7,
                            listed = $8, updated_at = $9
           WHERE id = $1""",
        user.id, user.handle, user.display_name, user.bio, user.locale, user.timezone, user.theme, user.listed, now,
    )  # fmt: skip


async def handle_is_kept_by_other(tx: Reader, handle: str, user_id: UUID, now: datetime) -> bool:
    sql = "SELECT EXISTS (SELECT 1 FROM past_handles WHERE handle = $1 AND user_id <> $2 AND until > $3)"
    return bool(await tx.fetch_value(sql, handle, user_id, now))


async def keep_handle(tx: Writer, handle: str, user_id: UUID, until: datetime) -> None:
    await tx.execute(
        """INSERT INTO past_handles (handle, user_id, until) VALUES ($1, $2, $3)
           ON CONFLICT (handle) DO UPDATE SET user_id = $2, until = $3""",
        handle, user_id, until,
    )  # fmt: skip


async def forget_handles(tx: Writer, user_id: UUID) -> None:
    await tx.execute("DELETE FROM past_handles WHERE user_id = $1", user_id)


async def past_handles_of(tx: Reader, user_id: UUID) -> list[str]:
    rows = await tx.fetch("SELECT handle FROM past_handles WHERE user_id = $1 ORDER BY until", user_id)
    return [row["handle"] for row in rows]


async def set_password(tx: Writer, user_id: UUID, hashed: str, now: datetime) -> None:
    await tx.execute(
        """INSERT INTO passwords (user_id, hash, changed_at) VALUES ($1, $2, $3)
           ON CONFLICT (user_id) DO UPDATE SET hash = $2, changed_at = $3""",
        user_id, hashed, now,
    )  # fmt: skip


async def rehash_password(tx: Writer, user_id: UUID, old: str, new: str) -> None:
    """The same password under new parameters; not when it was changed meanwhile."""
    await tx.execute("UPDATE passwords SET hash = $3 WHERE user_id = $1 AND hash = $2", user_id, old, new)


async def remove_password(tx: Writer, user_id: UUID) -> None:
    await tx.execute("DELETE FROM passwords WHERE user_id = $1", user_id)


async def password_changed_at(tx: Reader, user_id: UUID) -> datetime | None:
    changed: datetime | None = await tx.fetch_value("SELECT changed_at FROM passwords WHERE user_id = $1", user_id)
    return changed


async def erase_user(tx: Writer, user_id: UUID, handle: str, now: datetime) -> bool:
    """What others' rows refer to stays as an empty shell; everything that tells who it was goes."""
    erased = await tx.execute(
        """UPDATE users SET email = NULL, handle = $2, display_name = 'Erased account', bio = '', avatar = NULL,
                            status = 'erased', status_reason = NULL, status_changed_at = $3, role = 'fan',
                            locale = 'en', timezone = 'UTC', theme = 'system', listed = FALSE, updated_at = $3
           WHERE id = $1 AND status = 'closing'""",
        user_id, handle, now,
    )  # fmt: skip
    return erased == 1


async def remove_unverified(tx: Writer, before: datetime, most: int) -> int:
    return await tx.execute(
        """DELETE FROM users WHERE id IN (
               SELECT id FROM users WHERE status = 'unverified' AND created_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)""",
        before, most,
    )  # fmt: skip


async def remove_past_handles(tx: Writer, now: datetime, most: int) -> int:
    return await tx.execute(
        """DELETE FROM past_handles WHERE handle IN (SELECT handle FROM past_handles WHERE until < $1 LIMIT $2)""",
        now, most,
    )  # fmt: skip
