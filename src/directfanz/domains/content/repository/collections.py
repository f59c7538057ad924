"""`collections` and `collection_items`: series of posts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.content.models import Collection

_COLUMNS = ", ".join(Collection.__struct_fields__)


async def insert(tx: Writer, made: Collection) -> None:
    await tx.execute(
        """INSERT INTO collections (id, creator_id, title, about, access, min_rank, published, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)""",
        made.id, made.creator_id, made.title, made.about, made.access, made.min_rank, made.published, made.created_at,
    )  # fmt: skip


async def change(tx: Writer, made: Collection, now: datetime) -> None:
    await tx.execute(
        """UPDATE collections SET title = $2, about = $3, access = $4, min_rank = $5, published = $6, updated_at = $7 WHERE id = $1""",
        made.id, made.title, made.about, made.access, made.min_rank, made.published, now,
    )  # fmt: skip


async def remove(tx: Writer, collection_id: UUID) -> None:
    await tx.execute("DELETE FROM collections WHERE id = $1", collection_id)


async def find(reader: Reader, collection_id: UUID) -> Collection | None:
    row = await reader.fetch_row(f"SELECT {_COLUMNS} FROM collections WHERE id = $1", collection_id)  # noqa: S608
    return _collection(row) if row else None


async def lock(tx: Writer, collection_id: UUID) -> Collection | None:
    """So that of two who put posts in order one does so after the other."""
    row = await tx.fetch_row(f"SELECT {_COLUMNS} FROM collections WHERE id = $1 FOR NO KEY UPDATE", collection_id)  # noqa: S608
    return _collection(row) if row else None


async def of_creator(reader: Reader, creator_id: UUID, *, published_only: bool) -> list[Collection]:
    """The last changed first. Index: collections_of."""
    rows = await reader.fetch(
        f"""SELECT {_COLUMNS} FROM collections WHERE creator_id = $1 AND (published OR NOT $2)
            ORDER BY updated_at DESC, id DESC LIMIT 200""",  # noqa: S608
        creator_id, published_only,
    )  # fmt: skip
    return [_collection(row) for row in rows]


async def posts_in(reader: Reader, collection_id: UUID) -> list[UUID]:
    """In their order."""
    sql = "SELECT post_id FROM collection_items WHERE collection_id = $1 ORDER BY position"
    return [row[0] for row in await reader.fetch(sql, collection_id)]


async def holding(reader: Reader, post_id: UUID) -> Collection | None:
    """The published one that a post is in; of several the last changed. Index: collection_items_of."""
    row = await reader.fetch_row(
        f"""SELECT {_COLUMNS} FROM collections WHERE published AND id IN (SELECT collection_id FROM collection_items WHERE post_id = $1)
            ORDER BY updated_at DESC LIMIT 1""",  # noqa: S608
        post_id,
    )
    return _collection(row) if row else None


async def set_posts(tx: Writer, collection_id: UUID, post_ids: Sequence[UUID], now: datetime) -> None:
    """In this order, and no others."""
    await tx.execute(
        "DELETE FROM collection_items WHERE collection_id = $1 AND NOT post_id = ANY($2)", collection_id, list(post_ids)
    )
    await tx.execute(
        """INSERT INTO collection_items (collection_id, post_id, position)
           SELECT $1, post_id, place - 1 FROM unnest($2::uuid[]) WITH ORDINALITY AS wanted (post_id, place)
           ON CONFLICT (collection_id, post_id) DO UPDATE SET position = excluded.position""",
        collection_id,
        list(post_ids),
    )
    await tx.execute("UPDATE collections SET updated_at = $2 WHERE id = $1", collection_id, now)


def _collection(row: Row) -> Collection:
    return Collection(**dict(row))
