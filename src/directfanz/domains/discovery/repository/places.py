"""Lists of places, newest first: of a tag, and of all that is open to all."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader

Place = tuple[datetime, UUID]


async def of_tag(reader: Reader, tag: str, creator_id: UUID | None, before: Place, limit: int) -> list[Place]:
    """Index: tag_posts_pkey, backwards; of one page tag_posts_by_creator."""
    where = "tag = $1" if creator_id is None else "tag = $1 AND creator_id = $5"
    rows = await reader.fetch(
        f"""SELECT shown_at, post_id FROM tag_posts WHERE {where} AND (shown_at, post_id) < ($2, $3)
            ORDER BY shown_at DESC, post_id DESC LIMIT $4""",  # noqa: S608
        *([tag, *before, limit] if creator_id is None else [tag, *before, limit, creator_id]),
    )  # fmt: skip
    return [(row[0], row[1]) for row in rows]


async def open_to_all(reader: Reader, before: Place, limit: int) -> list[Place]:
    """Index: post_search_open_to_all."""
    rows = await reader.fetch(
        """SELECT shown_at, post_id FROM post_search WHERE access = 'public' AND (shown_at, post_id) < ($1, $2)
           ORDER BY shown_at DESC, post_id DESC LIMIT $3""",
        *before, limit,
    )  # fmt: skip
    return [(row[0], row[1]) for row in rows]
