"""`comments`, their rules and reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.community.models import Comment, Rules, State

COLUMNS = ", ".join(Comment.__struct_fields__)
_C = ", ".join(f"c.{name}" for name in Comment.__struct_fields__)
# What this reader ($1; null for a stranger) may see. $2: of the page's team, which sees all. Who is kept apart from the reader or from
# the page is not there, nor what was answered to them. What was removed stays as a gap where others answered it.
_SEEN = """
    ($2 OR (
        (c.state = 'visible'
         OR (c.state = 'held' AND c.author_id = $1::uuid)
         OR (c.state = 'removed' AND EXISTS (
                SELECT FROM comments r WHERE r.parent_id = c.id AND r.state = 'visible')))
        AND NOT EXISTS (
            SELECT FROM comments a WHERE a.root_id = c.root_id AND a.path = substring(c.path FOR length(a.path)) AND (
                (a.author_id IS DISTINCT FROM $1 AND EXISTS (
                    SELECT FROM page_blocks p WHERE p.creator_id = a.creator_id AND p.user_id = a.author_id))
                OR EXISTS (SELECT FROM blocks b WHERE b.user_id = $1 AND b.other_id = a.author_id)
                OR EXISTS (SELECT FROM blocks b WHERE b.user_id = a.author_id AND b.other_id = $1)))
    ))"""


async def insert(tx: Writer, said: Comment) -> None:
    await tx.execute(
        """INSERT INTO comments (id, post_id, creator_id, author_id, parent_id, root_id, path, body, state, held_for, by_team, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)""",
        said.id, said.post_id, said.creator_id, said.author_id, said.parent_id, said.root_id, said.path, said.body, said.state,
        said.held_for, said.by_team, said.created_at,
    )  # fmt: skip


async def find(reader: Reader, comment_id: UUID) -> Comment | None:
    row = await reader.fetch_row(f"SELECT {COLUMNS} FROM comments WHERE id = $1", comment_id)  # noqa: S608 - our own columns
    return _comment(row) if row else None


async def lock(tx: Writer, comment_id: UUID) -> Comment | None:
    """So that two who decide about it at once do so one after the other, and it is counted once."""
    row = await tx.fetch_row(f"SELECT {COLUMNS} FROM comments WHERE id = $1 FOR NO KEY UPDATE", comment_id)  # noqa: S608
    return _comment(row) if row else None


async def update(tx: Writer, old: Comment, new: Comment) -> bool:
    """False when it is not in the state that was read."""
    changed = await tx.execute(
        """UPDATE comments SET body = $3, state = $4, held_for = $5, removed_by = $6, hearted_at = $7, pinned = $8, edited_at = $9
           WHERE id = $1 AND state = $2""",
        old.id, old.state, new.body, new.state, new.held_for, new.removed_by, new.hearted_at, new.pinned, new.edited_at,
    )  # fmt: skip
    return changed == 1


async def unpin_others(tx: Writer, post_id: UUID) -> None:
    """Index: comments_one_pinned."""
    await tx.execute("UPDATE comments SET pinned = false WHERE post_id = $1 AND pinned", post_id)


async def first_ones(
    reader: Reader, reader_id: UUID | None, team: bool, post_id: UUID, before: UUID | None, limit: int
) -> list[Comment]:
    """The newest first, without the pinned one and those that wait (the team has a queue). Index: comments_first."""
    rows = await reader.fetch(
        f"""SELECT {_C} FROM comments c WHERE c.post_id = $3 AND c.parent_id IS NULL AND NOT c.pinned
              AND ($4::uuid IS NULL OR c.id < $4) AND {_SEEN} ORDER BY c.id DESC LIMIT $5""",  # noqa: S608
        reader_id, team, post_id, before, limit,
    )  # fmt: skip
    return [_comment(row) for row in rows]


async def pinned(reader: Reader, reader_id: UUID | None, team: bool, post_id: UUID) -> list[Comment]:
    """One at most. Index: comments_one_pinned."""
    rows = await reader.fetch(
        f"SELECT {_C} FROM comments c WHERE c.post_id = $3 AND c.pinned AND {_SEEN}",  # noqa: S608
        reader_id, team, post_id,
    )  # fmt: skip
    return [_comment(row) for row in rows]


async def replies(
    reader: Reader, reader_id: UUID | None, team: bool, roots: Sequence[UUID], most_each: int, after: bytes = b""
) -> list[Comment]:
    """Of each thread so many, as the conversation went. Index: comments_thread."""
    rows = await reader.fetch(
        f"""SELECT found.* FROM unnest($3::uuid[]) AS root (id) CROSS JOIN LATERAL (
                SELECT {_C} FROM comments c WHERE c.root_id = root.id AND c.parent_id IS NOT NULL AND c.path > $4 AND {_SEEN}
                ORDER BY c.path LIMIT $5) found""",  # noqa: S608
        reader_id, team, list(roots), after, most_each,
    )  # fmt: skip
    return [_comment(row) for row in rows]


async def count_replies(reader: Reader, reader_id: UUID | None, team: bool, roots: Sequence[UUID]) -> dict[UUID, int]:
    """Index: comments_thread."""
    rows = await reader.fetch(
        f"""SELECT c.root_id, count(*) FROM comments c WHERE c.root_id = ANY($3) AND c.parent_id IS NOT NULL AND {_SEEN}
            GROUP BY c.root_id""",  # noqa: S608
        reader_id, team, list(roots),
    )  # fmt: skip
    return {row[0]: row[1] for row in rows}


async def is_seen(reader: Reader, reader_id: UUID | None, team: bool, comment_id: UUID) -> bool:
    sql = f"SELECT true FROM comments c WHERE c.id = $3 AND {_SEEN}"  # noqa: S608
    return bool(await reader.fetch_value(sql, reader_id, team, comment_id))


async def of_team(reader: Reader, creator_id: UUID, state: State, before: UUID | None, limit: int) -> list[Comment]:
    """Across all posts, the newest first. Index: comments_of_team."""
    rows = await reader.fetch(
        f"""SELECT {COLUMNS} FROM comments WHERE creator_id = $1 AND state = $2 AND ($3::uuid IS NULL OR id < $3)
              AND removed_by IS DISTINCT FROM 'author' ORDER BY id DESC LIMIT $4""",  # noqa: S608
        creator_id, state, before, limit,
    )  # fmt: skip
    return [_comment(row) for row in rows]


async def count_held(reader: Reader, creator_id: UUID) -> int:
    sql = "SELECT count(*) FROM comments WHERE creator_id = $1 AND state = 'held'"
    return int(await reader.fetch_value(sql, creator_id))


async def rules(reader: Reader, creator_id: UUID) -> Rules:
    row = await reader.fetch_row("SELECT words, hold_links FROM comment_rules WHERE creator_id = $1", creator_id)
    return Rules(words=row[0], hold_links=row[1]) if row else Rules()


async def set_rules(tx: Writer, creator_id: UUID, wanted: Rules) -> None:
    await tx.execute(
        """INSERT INTO comment_rules (creator_id, words, hold_links) VALUES ($1, $2, $3)
           ON CONFLICT (creator_id) DO UPDATE SET words = excluded.words, hold_links = excluded.hold_links""",
        creator_id, list(wanted.words), wanted.hold_links,
    )  # fmt: skip


async def report(tx: Writer, comment_id: UUID, user_id: UUID, reason: str, now: datetime) -> int:
    """How many people have reported it now."""
    await tx.execute(
        """INSERT INTO comment_reports (comment_id, user_id, reason, created_at) VALUES ($1, $2, $3, $4)
           ON CONFLICT (comment_id, user_id) DO NOTHING""",
        comment_id, user_id, reason, now,
    )  # fmt: skip
    return int(await tx.fetch_value("SELECT count(*) FROM comment_reports WHERE comment_id = $1", comment_id))


async def forget_reports(tx: Writer, comment_id: UUID) -> None:
    """The team has looked: those who reported it may do so again."""
    await tx.execute("DELETE FROM comment_reports WHERE comment_id = $1", comment_id)


async def written_by(reader: Reader, user_id: UUID) -> list[Comment]:
    sql = f"SELECT {COLUMNS} FROM comments WHERE author_id = $1 ORDER BY id DESC"  # noqa: S608
    return [_comment(row) for row in await reader.fetch(sql, user_id)]


async def reported_by(reader: Reader, user_id: UUID) -> list[tuple[UUID, str, datetime]]:
    sql = "SELECT comment_id, reason, created_at FROM comment_reports WHERE user_id = $1"
    return [(row[0], row[1], row[2]) for row in await reader.fetch(sql, user_id)]


async def forget_author(tx: Writer, user_id: UUID) -> list[UUID]:
    """Their words go; where others answered, a gap stays. The posts where something is to be counted anew."""
    rows = await tx.fetch(
        """UPDATE comments SET body = '', state = 'removed', held_for = NULL, removed_by = 'author', pinned = false, author_id = NULL
           WHERE author_id = $1 RETURNING post_id""",
        user_id,
    )
    await tx.execute("DELETE FROM comment_reports WHERE user_id = $1", user_id)
    return sorted({row[0] for row in rows})


def _comment(row: Row) -> Comment:
    return Comment(**dict(row))
