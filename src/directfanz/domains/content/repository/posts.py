"""`posts`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.content.models import Kind, Post, Stage, State

COLUMNS = ", ".join(Post.__struct_fields__)
# As `Post.stage` says it; `$2` is now. The same words as the partial indexes, so that plans can use them.
_STAGES: dict[Stage | None, str] = {
    None: "state <> 'removed'",
    "draft": "state = 'draft'",
    "scheduled": "state = 'published' AND publish_at > $2",
    "visible": "state = 'published' AND publish_at <= $2",
    "removed": "state = 'removed'",
}


async def insert(tx: Writer, post: Post) -> None:
    await tx.execute(
        """INSERT INTO posts (id, creator_id, author_id, kind, title, teaser, body, access, min_rank, price, currency, drip_days,
                              warnings, comments, state, created_at, updated_at, ticket_id)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'draft', $15, $15, $16)""",
        post.id, post.creator_id, post.author_id, post.kind, post.title, post.teaser, post.body, post.access, post.min_rank,
        post.price, post.currency, post.drip_days, post.warnings, post.comments, post.created_at,
        post.ticket_id,
    )  # fmt: skip


async def update(tx: Writer, post: Post, now: datetime, edited_at: datetime | None) -> bool:
    """False when it was changed since `post.revision` was read."""
    changed = await tx.execute(
        """UPDATE posts SET kind = $4, title = $5, teaser = $6, body = $7, access = $8, min_rank = $9, price = $10, drip_days = $11,
                            warnings = $12, comments = $13, edited_at = $14, revision = revision + 1, updated_at = $3
           WHERE id = $1 AND revision = $2 AND state = $15""",
        post.id, post.revision, now, post.kind, post.title, post.teaser, post.body, post.access, post.min_rank, post.price,
        post.drip_days, post.warnings, post.comments, edited_at, post.state,
    )  # fmt: skip
    return changed == 1


async def move(tx: Writer, post: Post, new: State, publish_at: datetime | None, now: datetime) -> bool:
    """False when it is not in the state and at the moment that were read. Only what is published is pinned."""
    moved = await tx.execute(
        """UPDATE posts SET state = $4::text, publish_at = $5, updated_at = $6::timestamptz,
                            removed_at = CASE WHEN $4 = 'removed' THEN $6::timestamptz END,
                            pinned_at = CASE WHEN $4 = 'published' THEN pinned_at END
           WHERE id = $1 AND state = $2 AND publish_at IS NOT DISTINCT FROM $3""",
        post.id, post.state, post.publish_at, new, publish_at, now,
    )  # fmt: skip
    return moved == 1


async def find(reader: Reader, post_id: UUID) -> Post | None:
    row = await reader.fetch_row(f"SELECT {COLUMNS} FROM posts WHERE id = $1", post_id)  # noqa: S608 - our own columns
    return post_of(row) if row else None


async def lock(tx: Writer, post_id: UUID) -> Post | None:
    """So that what is read with it (its files, its pins) is written with it."""
    row = await tx.fetch_row(f"SELECT {COLUMNS} FROM posts WHERE id = $1 FOR NO KEY UPDATE", post_id)  # noqa: S608
    return post_of(row) if row else None


async def these(reader: Reader, post_ids: Sequence[UUID]) -> dict[UUID, Post]:
    rows = await reader.fetch(f"SELECT {COLUMNS} FROM posts WHERE id = ANY($1)", list(post_ids))  # noqa: S608
    return {row["id"]: post_of(row) for row in rows}


async def newest_visible(
    reader: Reader, creator_id: UUID, now: datetime, before: tuple[datetime, UUID] | None, limit: int, kind: Kind | None = None
) -> list[Post]:  # fmt: skip
    """Index: posts_shown."""
    at, post_id = before or (None, None)
    rows = await reader.fetch(
        f"""SELECT {COLUMNS} FROM posts WHERE creator_id = $1 AND state = 'published' AND publish_at <= $2
              AND ($3::timestamptz IS NULL OR (publish_at, id) < ($3, $4::uuid)) AND ($6::text IS NULL OR kind = $6)
            ORDER BY publish_at DESC, id DESC LIMIT $5""",  # noqa: S608
        creator_id, now, at, post_id, limit, kind,
    )  # fmt: skip
    return [post_of(row) for row in rows]


async def pinned(reader: Reader, creator_id: UUID, now: datetime) -> list[Post]:
    """The last pinned first. Index: posts_pinned."""
    rows = await reader.fetch(
        f"""SELECT {COLUMNS} FROM posts WHERE creator_id = $1 AND pinned_at IS NOT NULL AND state = 'published' AND publish_at <= $2
            ORDER BY pinned_at DESC, id DESC""",  # noqa: S608
        creator_id, now,
    )  # fmt: skip
    return [post_of(row) for row in rows]


async def of_studio(
    reader: Reader,
    creator_id: UUID,
    stage: Stage | None,
    now: datetime,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Post]:
    """The last changed first; without a stage all but the removed. Index: posts_of_studio."""
    at, post_id = before or (None, None)
    rows = await reader.fetch(
        f"""SELECT {COLUMNS} FROM posts WHERE creator_id = $1 AND $2::timestamptz IS NOT NULL AND {_STAGES[stage]}
              AND ($3::timestamptz IS NULL OR (updated_at, id) < ($3, $4::uuid))
            ORDER BY updated_at DESC, id DESC LIMIT $5""",  # noqa: S608
        creator_id, now, at, post_id, limit,
    )  # fmt: skip
    return [post_of(row) for row in rows]


async def published_between(reader: Reader, creator_id: UUID, start: datetime, end: datetime, most: int) -> list[Post]:
    """For a calendar, the earliest first, planned or seen. Index: posts_shown."""
    rows = await reader.fetch(
        f"""SELECT {COLUMNS} FROM posts WHERE creator_id = $1 AND state = 'published' AND publish_at >= $2 AND publish_at < $3
            ORDER BY publish_at, id LIMIT $4""",  # noqa: S608
        creator_id, start, end, most,
    )  # fmt: skip
    return [post_of(row) for row in rows]


async def count_visible(reader: Reader, creator_id: UUID, now: datetime) -> int:
    """Index: posts_shown."""
    sql = "SELECT count(*) FROM posts WHERE creator_id = $1 AND state = 'published' AND publish_at <= $2"
    return int(await reader.fetch_value(sql, creator_id, now))


async def count_by_stage(reader: Reader, creator_id: UUID, now: datetime) -> dict[Stage, int]:
    rows = await reader.fetch(
        """SELECT CASE WHEN state <> 'published' THEN state WHEN publish_at > $2 THEN 'scheduled' ELSE 'visible' END, count(*)
           FROM posts WHERE creator_id = $1 GROUP BY 1""",
        creator_id, now,
    )  # fmt: skip
    return {row[0]: row[1] for row in rows}


async def set_pinned(tx: Writer, post_id: UUID, at: datetime | None) -> None:
    await tx.execute("UPDATE posts SET pinned_at = $2 WHERE id = $1", post_id, at)


async def to_announce(tx: Writer, now: datetime, most: int) -> list[Post]:
    """Whose moment has come and of which nobody was told; of two sweepers each takes others. Index: posts_to_announce."""
    rows = await tx.fetch(
        f"""SELECT {COLUMNS} FROM posts WHERE state = 'published' AND announced_at IS NULL AND publish_at <= $1
            ORDER BY publish_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED""",  # noqa: S608
        now, most,
    )  # fmt: skip
    return [post_of(row) for row in rows]


async def set_announced(tx: Writer, post_id: UUID, now: datetime) -> bool:
    sql = "UPDATE posts SET announced_at = $2 WHERE id = $1 AND announced_at IS NULL"
    return await tx.execute(sql, post_id, now) == 1


async def dripping_pages(reader: Reader, after: UUID | None, most: int) -> list[UUID]:
    """Pages with posts that open with the age of a membership, in the order of their ids. Index: posts_dripping."""
    rows = await reader.fetch(
        """SELECT DISTINCT creator_id FROM posts WHERE state = 'published' AND drip_days > 0
             AND ($1::uuid IS NULL OR creator_id > $1) ORDER BY creator_id LIMIT $2""",
        after, most,
    )  # fmt: skip
    return [row[0] for row in rows]


async def dripping(reader: Reader, creator_id: UUID, now: datetime) -> list[Post]:
    """Index: posts_dripping."""
    rows = await reader.fetch(
        f"""SELECT {COLUMNS} FROM posts WHERE creator_id = $1 AND state = 'published' AND drip_days > 0 AND publish_at <= $2
            ORDER BY id""",  # noqa: S608
        creator_id, now,
    )  # fmt: skip
    return [post_of(row) for row in rows]


async def written_by(reader: Reader, user_id: UUID) -> list[Post]:
    rows = await reader.fetch(f"SELECT {COLUMNS} FROM posts WHERE author_id = $1 ORDER BY id", user_id)  # noqa: S608
    return [post_of(row) for row in rows]


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


def post_of(row: Row) -> Post:
    return Post(**{name: row[name] for name in Post.__struct_fields__})
