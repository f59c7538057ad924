"""`creators`, `creator_slugs` and `creator_links`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.creators.models import Creator, Link, State

_ESCAPES = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})
COLUMNS = """c.id, c.slug, c.name, c.tagline, c.about, c.accent, c.avatar, c.banner, c.currency, c.country, c.state,
    c.state_reason, c.published_at, c.fee_bps, c.hold_days, c.account, c.can_be_paid, c.account_missing, c.created_at,
    c.updated_at"""


def creator_of(row: Row) -> Creator:
    return msgspec.convert(dict(row), Creator)


async def insert(tx: Writer, creator: Creator) -> None:
    """A taken slug raises `creators_slug_key`; take it with `take_slug` right after."""
    await tx.execute(
        """INSERT INTO creators (id, slug, name, tagline, about, accent, currency, country, state, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)""",
        creator.id, creator.slug, creator.name, creator.tagline, creator.about, creator.accent, creator.currency,
        creator.country, creator.state, creator.created_at,
    )  # fmt: skip


async def take_slug(tx: Writer, slug: str, creator_id: UUID, now: datetime) -> bool:
    """False when it is, or ever was, another page's. Of two at once the second waits for the first."""
    await tx.execute(
        "INSERT INTO creator_slugs (slug, creator_id, taken_at) VALUES ($1, $2, $3) ON CONFLICT (slug) DO NOTHING",
        slug, creator_id, now,
    )  # fmt: skip
    return bool(await tx.fetch_value("SELECT creator_id = $2 FROM creator_slugs WHERE slug = $1", slug, creator_id))


async def count_slugs(tx: Reader, creator_id: UUID) -> int:
    """Index: creator_slugs_of."""
    return int(await tx.fetch_value("SELECT count(*) FROM creator_slugs WHERE creator_id = $1", creator_id))


async def slug_is_taken(reader: Reader, slug: str) -> bool:
    return bool(await reader.fetch_value("SELECT EXISTS (SELECT 1 FROM creator_slugs WHERE slug = $1)", slug))


async def slugs_of(reader: Reader, creator_id: UUID) -> list[str]:
    sql = "SELECT slug FROM creator_slugs WHERE creator_id = $1 ORDER BY taken_at"
    return [row[0] for row in await reader.fetch(sql, creator_id)]


async def find(reader: Reader, creator_id: UUID) -> Creator | None:
    row = await reader.fetch_row(f"SELECT {COLUMNS} FROM creators c WHERE c.id = $1", creator_id)  # noqa: S608 - our own columns
    return creator_of(row) if row else None


async def these(reader: Reader, creator_ids: Sequence[UUID]) -> list[Creator]:
    rows = await reader.fetch(f"SELECT {COLUMNS} FROM creators c WHERE c.id = ANY($1)", list(creator_ids))  # noqa: S608
    return [creator_of(row) for row in rows]


async def lock(tx: Writer, creator_id: UUID) -> Creator | None:
    """Held while a rule over several rows is checked: how many links, who owns it."""
    row = await tx.fetch_row(f"SELECT {COLUMNS} FROM creators c WHERE c.id = $1 FOR NO KEY UPDATE", creator_id)  # noqa: S608
    return creator_of(row) if row else None


async def find_by_slug(reader: Reader, slug: str) -> Creator | None:
    """By the slug of today or any of before. Keys: creator_slugs_pkey, creators_pkey."""
    row = await reader.fetch_row(
        f"SELECT {COLUMNS} FROM creator_slugs s JOIN creators c ON c.id = s.creator_id WHERE s.slug = $1",  # noqa: S608
        slug,
    )
    return creator_of(row) if row else None


async def find_by_account(tx: Reader, account: str) -> Creator | None:
    row = await tx.fetch_row(f"SELECT {COLUMNS} FROM creators c WHERE c.account = $1", account)  # noqa: S608
    return creator_of(row) if row else None


async def newest_published(reader: Reader, before: UUID | None, limit: int) -> list[Creator]:
    """Newest first, older than `before`. Index: creators_published."""
    rows = await reader.fetch(
        f"SELECT {COLUMNS} FROM creators c WHERE c.state = 'published' AND c.id < $1 ORDER BY c.id DESC LIMIT $2",  # noqa: S608
        before or UUID(int=2**128 - 1), limit,
    )  # fmt: skip
    return [creator_of(row) for row in rows]


async def update(tx: Writer, creator: Creator, now: datetime) -> None:
    """What its team writes. A taken slug raises `creators_slug_key`."""
    await tx.execute(
        """UPDATE creators SET slug = $2, name = $3, tagline = $4, about = $5, accent = $6, currency = $7, country = $8,
                               updated_at = $9
           WHERE id = $1""",
        creator.id, creator.slug, creator.name, creator.tagline, creator.about, creator.accent, creator.currency,
        creator.country, now,
    )  # fmt: skip


async def move(
    tx: Writer, creator_id: UUID, old: State, new: State, published_at: datetime | None, reason: str | None,
    now: datetime,
) -> bool:  # fmt: skip
    moved = await tx.execute(
        """UPDATE creators SET state = $3, published_at = $4, state_reason = $5, updated_at = $6
           WHERE id = $1 AND state = $2""",
        creator_id, old, new, published_at, reason, now,
    )  # fmt: skip
    return moved == 1


async def set_picture(
    tx: Writer, creator_id: UUID, kind: Literal["avatar", "banner"], name: str | None, now: datetime
) -> None:
    await tx.execute(f"UPDATE creators SET {kind} = $2, updated_at = $3 WHERE id = $1", creator_id, name, now)  # noqa: S608


async def picture_in_use(tx: Reader, kind: Literal["avatar", "banner"], name: str) -> bool:
    """Indexes: creators_avatars, creators_banners."""
    return bool(await tx.fetch_value(f"SELECT EXISTS (SELECT 1 FROM creators WHERE {kind} = $1)", name))  # noqa: S608


async def set_account(tx: Writer, creator_id: UUID, account: str) -> bool:
    """False when one was opened already."""
    sql = "UPDATE creators SET account = $2 WHERE id = $1 AND account IS NULL"
    return await tx.execute(sql, creator_id, account) == 1


async def account_is(tx: Writer, account: str, can_be_paid: bool, missing: Sequence[str], now: datetime) -> bool:
    """False when nothing was new."""
    changed = await tx.execute(
        """UPDATE creators SET can_be_paid = $2, account_missing = $3, updated_at = $4
           WHERE account = $1 AND (can_be_paid, account_missing) IS DISTINCT FROM ($2, $3::text[])""",
        account, can_be_paid, list(missing), now,
    )  # fmt: skip
    return changed == 1


async def forget_account(tx: Writer, creator_id: UUID, now: datetime) -> None:
    await tx.execute(
        """UPDATE creators SET account = NULL, can_be_paid = FALSE, account_missing = '{}', updated_at = $2
           WHERE id = $1""",
        creator_id, now,
    )  # fmt: skip


async def links_of(reader: Reader, creator_id: UUID) -> list[Link]:
    sql = "SELECT label, url FROM creator_links WHERE creator_id = $1 ORDER BY position"
    return [Link(label=row[0], url=row[1]) for row in await reader.fetch(sql, creator_id)]


async def replace_links(tx: Writer, creator_id: UUID, links: Sequence[Link]) -> None:
    await tx.execute("DELETE FROM creator_links WHERE creator_id = $1", creator_id)
    rows = [(creator_id, place, link.label, link.url) for place, link in enumerate(links)]
    await tx.execute_many("INSERT INTO creator_links (creator_id, position, label, url) VALUES ($1, $2, $3, $4)", rows)


async def close(tx: Writer, creator_id: UUID, now: datetime) -> None:
    """Its owner left: what told who it was goes; the row stays, because orders and books refer to it."""
    await tx.execute(
        """UPDATE creators SET state = 'closed', name = 'Closed page', tagline = '', about = '', avatar = NULL,
                               banner = NULL, published_at = NULL, state_reason = NULL, updated_at = $2
           WHERE id = $1""",
        creator_id, now,
    )  # fmt: skip
    await tx.execute("DELETE FROM creator_links WHERE creator_id = $1", creator_id)


async def set_terms(tx: Writer, creator_id: UUID, fee_bps: int | None, hold_days: int, now: datetime) -> None:
    await tx.execute(
        "UPDATE creators SET fee_bps = $2, hold_days = $3, updated_at = $4 WHERE id = $1",
        creator_id, fee_bps, hold_days, now,
    )  # fmt: skip


async def list_all(
    reader: Reader, state: State | None, search: str | None, before: UUID | None, limit: int
) -> list[Creator]:
    """Newest first; for operators. A search looks into name and slug."""
    pattern = f"%{search.translate(_ESCAPES)}%" if search else None
    rows = await reader.fetch(
        f"""SELECT {COLUMNS} FROM creators c
            WHERE c.id < $1 AND ($2::text IS NULL OR c.state = $2)
              AND ($3::text IS NULL OR c.name ILIKE $3 OR c.slug::text ILIKE $3)
            ORDER BY c.id DESC LIMIT $4""",  # noqa: S608
        before or UUID(int=2**128 - 1), state, pattern, limit,
    )  # fmt: skip
    return [creator_of(row) for row in rows]
