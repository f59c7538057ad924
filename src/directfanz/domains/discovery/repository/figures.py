"""`creator_figures` and `tags`: derived, rebuilt by a job."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.discovery.models import Suggested, TagCount


async def hottest(reader: Reader, most: int) -> list[UUID]:
    """Index: creator_figures_heat."""
    rows = await reader.fetch("SELECT creator_id FROM creator_figures ORDER BY heat DESC, creator_id LIMIT $1", most)
    return [row[0] for row in rows]


async def tags_of(reader: Reader, creator_ids: Sequence[UUID], most: int) -> list[str]:
    """What these pages are about, the most frequent first."""
    rows = await reader.fetch(
        """SELECT tag FROM creator_figures f CROSS JOIN LATERAL unnest(f.tags) AS tag
           WHERE f.creator_id = ANY($1) GROUP BY tag ORDER BY count(*) DESC, tag LIMIT $2""",
        creator_ids, most,
    )  # fmt: skip
    return [row[0] for row in rows]


async def alike(reader: Reader, tags: Sequence[str], most: int) -> list[Suggested]:
    """Pages about the same. Index: creator_figures_tags."""
    rows = await reader.fetch(
        """SELECT creator_id, (SELECT tag FROM unnest(tags) AS tag WHERE tag = ANY($1) LIMIT 1) FROM creator_figures
           WHERE tags && $1 ORDER BY heat DESC, creator_id LIMIT $2""",
        tags, most,
    )  # fmt: skip
    return [Suggested(creator_id=row[0], shared=row[1]) for row in rows]


async def newest_open(reader: Reader, creator_ids: Sequence[UUID], since: datetime, now: datetime) -> dict[UUID, UUID]:
    """Of each page the newest post that is open to all. Index: post_search_of."""
    rows = await reader.fetch(
        """SELECT c.id, p.post_id FROM unnest($1::uuid[]) AS c (id) CROSS JOIN LATERAL (
               SELECT post_id FROM post_search WHERE creator_id = c.id AND access = 'public' AND shown_at BETWEEN $2 AND $3
               ORDER BY shown_at DESC, post_id DESC LIMIT 1) p""",
        creator_ids, since, now,
    )  # fmt: skip
    return {row[0]: row[1] for row in rows}


async def rebuild_creators(tx: Writer, after: UUID, most: int, now: datetime, since: datetime) -> UUID | None:
    """A part of all public pages, in the order of their ids; the last one, or None at the end. Heat is what happened since: a member
    counts for ten followers, a post for three."""
    rows = await tx.fetch(
        """WITH part AS (SELECT id FROM creators WHERE state = 'published' AND id > $1 ORDER BY id LIMIT $2)
           INSERT INTO creator_figures (creator_id, heat, tags, newest_at, as_of)
           SELECT p.id,
                  ln(1 + (SELECT count(*) FROM follows f WHERE f.creator_id = p.id AND f.created_at >= $4)
                       + 10 * (SELECT count(*) FROM memberships m WHERE m.creator_id = p.id AND m.started_at >= $4)
                       + 3 * (SELECT count(*) FROM post_search s WHERE s.creator_id = p.id AND s.shown_at BETWEEN $4 AND $3)),
                  array(SELECT t.tag FROM tag_posts t WHERE t.creator_id = p.id AND t.shown_at <= $3
                        GROUP BY t.tag ORDER BY count(*) DESC, t.tag LIMIT 8),
                  (SELECT max(s.shown_at) FROM post_search s WHERE s.creator_id = p.id AND s.shown_at <= $3), $3
           FROM part p
           ON CONFLICT (creator_id) DO UPDATE
           SET heat = excluded.heat, tags = excluded.tags, newest_at = excluded.newest_at, as_of = excluded.as_of
           RETURNING creator_id""",
        after, most, now, since,
    )  # fmt: skip
    return max(row[0] for row in rows) if rows else None


async def forget_hidden(tx: Writer) -> None:
    await tx.execute(
        """DELETE FROM creator_figures f USING creators c WHERE c.id = f.creator_id AND c.state <> 'published'"""
    )


async def rebuild_tags(tx: Writer, now: datetime) -> None:
    """Only of posts that can be seen: a tag of a post to come is nobody's business yet."""
    await tx.execute(
        """WITH used AS (
               SELECT t.tag, count(*) AS posts FROM tag_posts t JOIN creators c ON c.id = t.creator_id
               WHERE t.shown_at <= $1 AND c.state = 'published' GROUP BY t.tag)
           INSERT INTO tags (tag, posts) SELECT tag, posts FROM used
           ON CONFLICT (tag) DO UPDATE SET posts = excluded.posts WHERE tags.posts <> excluded.posts""",
        now,
    )  # fmt: skip
    await tx.execute(
        """DELETE FROM tags WHERE NOT EXISTS (SELECT FROM tag_posts p JOIN creators c ON c.id = p.creator_id
               WHERE p.tag = tags.tag AND p.shown_at <= $1 AND c.state = 'published')""",
        now,
    )  # fmt: skip


async def tags_beginning(reader: Reader, beginning: str, most: int) -> list[TagCount]:
    """Index: tags_begin."""
    rows = await reader.fetch(
        """SELECT tag, posts FROM tags WHERE posts > 0 AND tag LIKE $1 || '%' ORDER BY posts DESC, tag LIMIT $2""",
        beginning.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_"), most,
    )  # fmt: skip
    return [TagCount(tag=row[0], posts=row[1]) for row in rows]


async def popular_tags(reader: Reader, most: int) -> list[TagCount]:
    """Index: tags_popular."""
    rows = await reader.fetch("SELECT tag, posts FROM tags WHERE posts > 0 ORDER BY posts DESC, tag LIMIT $1", most)
    return [TagCount(tag=row[0], posts=row[1]) for row in rows]


async def tags_of_creator(reader: Reader, creator_id: UUID, now: datetime, most: int) -> list[TagCount]:
    """Index: tag_posts_by_creator."""
    rows = await reader.fetch(
        """SELECT tag, count(*) FROM tag_posts WHERE creator_id = $1 AND shown_at <= $2
           GROUP BY tag ORDER BY count(*) DESC, tag LIMIT $3""",
        creator_id, now, most,
    )  # fmt: skip
    return [TagCount(tag=row[0], posts=row[1]) for row in rows]
