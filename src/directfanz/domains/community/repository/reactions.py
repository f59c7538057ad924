"""`reactions`, and `post_counts` where they are added up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.community.models import Reaction
from directfanz.kit.ids import new_id

COMMENTS = "comments"


async def set_mine(
    tx: Writer, user_id: UUID, post_id: UUID, comment_id: UUID | None, kind: Reaction, now: datetime
) -> Reaction | None:
    """What it was before. Of two tabs that press at once the second waits at the first one's row, and finds what it was."""
    added = await tx.execute(
        """INSERT INTO reactions (id, user_id, post_id, comment_id, kind, created_at) VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT ON CONSTRAINT reactions_one_each DO NOTHING""",
        new_id(), user_id, post_id, comment_id, kind, now,
    )  # fmt: skip
    if added:
        return None
    before: Reaction | None = await tx.fetch_value(
        "SELECT kind FROM reactions WHERE user_id = $1 AND post_id = $2 AND comment_id IS NOT DISTINCT FROM $3 FOR UPDATE",
        user_id, post_id, comment_id,
    )  # fmt: skip
    await tx.execute(
        "UPDATE reactions SET kind = $4 WHERE user_id = $1 AND post_id = $2 AND comment_id IS NOT DISTINCT FROM $3",
        user_id, post_id, comment_id, kind,
    )  # fmt: skip
    return before


async def remove_mine(tx: Writer, user_id: UUID, post_id: UUID, comment_id: UUID | None) -> Reaction | None:
    """What it was."""
    found: Reaction | None = await tx.fetch_value(
        """DELETE FROM reactions WHERE user_id = $1 AND post_id = $2 AND comment_id IS NOT DISTINCT FROM $3 RETURNING kind""",
        user_id, post_id, comment_id,
    )  # fmt: skip
    return found


async def add(tx: Writer, post_id: UUID, comment_id: UUID | None, changes: Mapping[str, int]) -> None:
    """In the order of their names, so that two who change the same ones wait for each other and do not lock up."""
    for what, by in sorted(changes.items()):
        if by:
            await tx.execute(
                """INSERT INTO post_counts AS old (post_id, comment_id, what, count) VALUES ($1, $2, $3, greatest($4, 0))
                   ON CONFLICT ON CONSTRAINT post_counts_key DO UPDATE SET count = greatest(old.count + $4, 0)""",
                post_id, comment_id, what, by,
            )  # fmt: skip


async def counts_of_posts(reader: Reader, post_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    rows = await reader.fetch(
        "SELECT post_id, what, count FROM post_counts WHERE post_id = ANY($1) AND comment_id IS NULL AND count > 0",
        list(post_ids),
    )
    found: dict[UUID, dict[str, int]] = {each: {} for each in post_ids}
    for post_id, what, count in rows:
        found[post_id][what] = count
    return found


async def counts_of_comments(reader: Reader, comment_ids: Sequence[UUID]) -> dict[UUID, dict[Reaction, int]]:
    """Index: post_counts_of_comment."""
    rows = await reader.fetch(
        "SELECT comment_id, what, count FROM post_counts WHERE comment_id = ANY($1) AND count > 0", list(comment_ids)
    )
    found: dict[UUID, dict[Reaction, int]] = {each: {} for each in comment_ids}
    for comment_id, what, count in rows:
        found[comment_id][what] = count
    return found


async def mine_on_posts(reader: Reader, user_id: UUID, post_ids: Sequence[UUID]) -> dict[UUID, Reaction]:
    """Index: reactions_one_each."""
    sql = "SELECT post_id, kind FROM reactions WHERE user_id = $1 AND post_id = ANY($2) AND comment_id IS NULL"
    return {row[0]: row[1] for row in await reader.fetch(sql, user_id, list(post_ids))}


async def mine_on_comments(reader: Reader, user_id: UUID, comment_ids: Sequence[UUID]) -> dict[UUID, Reaction]:
    sql = "SELECT comment_id, kind FROM reactions WHERE user_id = $1 AND comment_id = ANY($2)"
    return {row[0]: row[1] for row in await reader.fetch(sql, user_id, list(comment_ids))}


async def posts_with_counts(reader: Reader, after: UUID | None, most: int) -> list[UUID]:
    """Where something is or was counted, in the order of their ids."""
    rows = await reader.fetch(
        """SELECT post_id FROM (
               SELECT post_id FROM post_counts UNION SELECT post_id FROM reactions UNION SELECT post_id FROM comments) found
           WHERE $1::uuid IS NULL OR post_id > $1 ORDER BY post_id LIMIT $2""",
        after, most,
    )  # fmt: skip
    return [row[0] for row in rows]


async def recount(tx: Writer, post_ids: Sequence[UUID]) -> int:
    """Counted from the rows themselves; how many counts were wrong. The posts are locked meanwhile for those who would count on."""
    await tx.fetch("SELECT true FROM post_counts WHERE post_id = ANY($1) ORDER BY post_id FOR UPDATE", list(post_ids))
    return await tx.execute(
        """WITH truth AS (
               SELECT post_id, comment_id, kind AS what, count(*) AS count FROM reactions WHERE post_id = ANY($1) GROUP BY 1, 2, 3
               UNION ALL
               SELECT post_id, NULL, 'comments', count(*) FROM comments WHERE post_id = ANY($1) AND state = 'visible' GROUP BY 1
           ), gone AS (
               UPDATE post_counts k SET count = 0 WHERE k.post_id = ANY($1) AND k.count <> 0 AND NOT EXISTS (
                   SELECT FROM truth t WHERE t.post_id = k.post_id AND t.comment_id IS NOT DISTINCT FROM k.comment_id AND t.what = k.what)
           )
           INSERT INTO post_counts AS old (post_id, comment_id, what, count) SELECT post_id, comment_id, what, count FROM truth
           ON CONFLICT ON CONSTRAINT post_counts_key DO UPDATE SET count = excluded.count WHERE old.count <> excluded.count""",
        list(post_ids),
    )


async def new_since(
    reader: Reader, since: datetime, until: datetime, after: UUID | None, most: int
) -> list[tuple[UUID, int]]:
    """Posts with how many people reacted to them in that time. Index: reactions_since."""
    rows = await reader.fetch(
        """SELECT post_id, count(DISTINCT user_id) FROM reactions
           WHERE created_at >= $1 AND created_at < $2 AND comment_id IS NULL AND ($3::uuid IS NULL OR post_id > $3)
           GROUP BY post_id ORDER BY post_id LIMIT $4""",
        since, until, after, most,
    )  # fmt: skip
    return [(row[0], row[1]) for row in rows]


async def of_user(reader: Reader, user_id: UUID) -> list[tuple[UUID, UUID | None, Reaction, datetime]]:
    sql = "SELECT post_id, comment_id, kind, created_at FROM reactions WHERE user_id = $1 ORDER BY id"
    return [(row[0], row[1], row[2], row[3]) for row in await reader.fetch(sql, user_id)]


async def remove_all_of(tx: Writer, user_id: UUID) -> list[UUID]:
    """The posts where something is to be counted anew."""
    rows = await tx.fetch("DELETE FROM reactions WHERE user_id = $1 RETURNING post_id", user_id)
    return sorted({row[0] for row in rows})
