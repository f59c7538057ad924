"""`posts`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.content.models import Post, State

_COLUMNS = """id, creator_id, author_id, title, teaser, body, access, min_rank, price, currency, state, revision,
    published_at, removed_at, created_at, updated_at"""


async def insert(tx: Writer, post: Post) -> None:
    await tx.execute(
        """INSERT INTO posts (id, creator_id, author_id, title, teaser, body, access, min_rank, price, currency, state,
                              created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'draft', $11, $11)""",
        post.id, post.creator_id, post.author_id, post.title, post.teaser, post.body, post.access, post.min_rank,
        post.price, post.currency, post.created_at,
    )  # fmt: skip


async def update(tx: Writer, post: Post, now: datetime) -> bool:
    """False when it was changed since `post.revision` was read."""
    changed = await tx.execute(
        """UPDATE posts SET title = $3, teaser = $4, body = $5, access = $6, min_rank = $7, price = $8,
                            revision = revision + 1, updated_at = $9
           WHERE id = $1 AND revision = $2 AND state <> 'removed'""",
        post.id, post.revision, post.title, post.teaser, post.body, post.access, post.min_rank, post.price, now,
    )  # fmt: skip
    return changed == 1


async def move(tx: Writer, post_id: UUID, old: State, new: State, now: datetime) -> bool:
    """The first publishing keeps its moment, so a post that is mended does not jump to the top."""
    moved = await tx.execute(
        """UPDATE posts SET state = $3, updated_at = $4,
                            published_at = CASE WHEN $3 = 'published' THEN coalesce(published_at, $4) ELSE published_at END,
                            removed_at = CASE WHEN $3 = 'removed' THEN $4 END
           WHERE id = $1 AND state = $2""",
        post_id, old, new, now,
    )  # fmt: skip
    return moved == 1


async def find(reader: Reader, post_id: UUID) -> Post | None:
    row = await reader.fetch_row(f"SELECT {_COLUMNS} FROM posts WHERE id = $1", post_id)  # noqa: S608 - our own columns
    return _post(row) if row else None


async def newest_published(
    reader: Reader, creator_id: UUID, before: tuple[datetime, UUID] | None, limit: int
) -> list[Post]:
    """Index: posts_shown."""
    at, post_id = before or (None, None)
    rows = await reader.fetch(
        f"""SELECT {_COLUMNS} FROM posts WHERE creator_id = $1 AND state = 'published'
              AND ($2::timestamptz IS NULL OR (published_at, id) < ($2, $3::uuid))
            ORDER BY published_at DESC, id DESC LIMIT $4""",  # noqa: S608
        creator_id, at, post_id, limit,
    )  # fmt: skip
    return [_post(row) for row in rows]


async def of_studio(
    reader: Reader, creator_id: UUID, state: State | None, before: tuple[datetime, UUID] | None, limit: int
) -> list[Post]:
    """The last changed first; without a state all but the removed. Index: posts_of_studio."""
    at, post_id = before or (None, None)
    rows = await reader.fetch(
        f"""SELECT {_COLUMNS} FROM posts
            WHERE creator_id = $1 AND CASE WHEN $2::text IS NULL THEN state <> 'removed' ELSE state = $2 END
              AND ($3::timestamptz IS NULL OR (updated_at, id) < ($3, $4::uuid))
            ORDER BY updated_at DESC, id DESC LIMIT $5""",  # noqa: S608
        creator_id, state, at, post_id, limit,
    )  # fmt: skip
    return [_post(row) for row in rows]


async def count_published(reader: Reader, creator_id: UUID) -> int:
    sql = "SELECT count(*) FROM posts WHERE creator_id = $1 AND state = 'published'"
    return int(await reader.fetch_value(sql, creator_id))


async def count_by_state(reader: Reader, creator_id: UUID) -> dict[str, int]:
    rows = await reader.fetch("SELECT state, count(*) FROM posts WHERE creator_id = $1 GROUP BY state", creator_id)
    return {row[0]: row[1] for row in rows}


async def written_by(reader: Reader, user_id: UUID) -> list[Post]:
    rows = await reader.fetch(f"SELECT {_COLUMNS} FROM posts WHERE author_id = $1 ORDER BY id", user_id)  # noqa: S608
    return [_post(row) for row in rows]


async def forget_author(tx: Writer, user_id: UUID) -> None:
    await tx.execute("UPDATE posts SET author_id = NULL WHERE author_id = $1", user_id)


async def remove_all_of(tx: Writer, creator_id: UUID) -> None:
    await tx.execute("DELETE FROM posts WHERE creator_id = $1", creator_id)


async def sweep(tx: Writer, before: datetime, most: int) -> int:
    """What was removed long ago; what somebody may have bought stays. Index: posts_removed_since."""
    return await tx.execute(
        """DELETE FROM posts WHERE id IN (
               SELECT id FROM posts WHERE state = 'removed' AND removed_at < $1 AND access <> 'paid' LIMIT $2)""",
        before, most,
    )  # fmt: skip


def _post(row: Row) -> Post:
    return msgspec.convert(dict(row), Post)
