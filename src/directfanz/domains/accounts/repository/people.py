"""Lists of people: the public directory, and the administrators' list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader
from directfanz.domains.accounts.models import Person, Status, User, avatar_url
from directfanz.domains.accounts.repository.users import USER_COLUMNS, user_of
from directfanz.http.caller import Role

_ESCAPES = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


class UserFilter(msgspec.Struct, frozen=True, kw_only=True):
    search: str | None = None
    status: Status | None = None
    role: Role | None = None


async def newest_people(reader: Reader, before: UUID | None, limit: int) -> list[Person]:
    """Newest first, older than `before`. Index: users_people."""
    rows = await reader.fetch(
        """SELECT id, handle, display_name, bio, avatar, role FROM users
           WHERE status = 'active' AND listed AND id < $1 ORDER BY id DESC LIMIT $2""",
        before or UUID(int=2**128 - 1), limit,
    )  # fmt: skip
    return [
        Person(id=row[0], handle=row[1], display_name=row[2], bio=row[3], avatar=avatar_url(row[4]), role=row[5])
        for row in rows
    ]


async def find_person(reader: Reader, handle: str) -> Person | None:
    """By the handle of today, or by one given up not long ago."""
    row = await reader.fetch_row(
        """SELECT id, handle, display_name, bio, avatar, role FROM users WHERE handle = $1 AND status = 'active'
           UNION ALL
           SELECT u.id, u.handle, u.display_name, u.bio, u.avatar, u.role
           FROM past_handles p JOIN users u ON u.id = p.user_id WHERE p.handle = $1 AND u.status = 'active'
           LIMIT 1""",
        handle,
    )
    return msgspec.convert({**row, "avatar": avatar_url(row["avatar"])}, Person) if row else None


async def persons(reader: Reader, user_ids: Sequence[UUID]) -> list[Person]:
    """Also those who are suspended: their names stand where they did something."""
    rows = await reader.fetch(
        """SELECT id, handle, display_name, bio, avatar, role FROM users
           WHERE id = ANY($1::uuid[]) AND status <> 'erased'""",
        list(user_ids),
    )
    return [
        Person(id=row[0], handle=row[1], display_name=row[2], bio=row[3], avatar=avatar_url(row[4]), role=row[5])
        for row in rows
    ]


async def list_users(reader: Reader, wanted: UserFilter, before: UUID | None, limit: int) -> list[User]:
    """Newest first. A search looks into handle, name and address (index: users_search)."""
    conditions, values = ["u.id < $1"], [before or UUID(int=2**128 - 1), limit]
    if wanted.search:
        place = _next(values, f"%{wanted.search.translate(_ESCAPES)}%")
        conditions.append(
            f"(u.handle::text ILIKE {place} OR u.display_name ILIKE {place} OR u.email::text ILIKE {place})"
        )
    if wanted.status:
        conditions.append(f"u.status = {_next(values, wanted.status)}")
    if wanted.role:
        conditions.append(f"u.role = {_next(values, wanted.role)}")
    sql = f"SELECT {USER_COLUMNS} FROM users u WHERE {' AND '.join(conditions)} ORDER BY u.id DESC LIMIT $2"  # noqa: S608
    return [user_of(row) for row in await reader.fetch(sql, *values)]


async def count_by_status(reader: Reader) -> dict[str, int]:
    """Index: users_by_status."""
    return {row[0]: row[1] for row in await reader.fetch("SELECT status, count(*) FROM users GROUP BY status")}


def _next(values: list[Any], value: object) -> str:
    values.append(value)
    return f"${len(values)}"
