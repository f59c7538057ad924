"""`post_tags`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from directfanz.backends.database.contract import Reader, Writer


async def of_post(reader: Reader, post_id: UUID) -> list[str]:
    rows = await reader.fetch("SELECT tag FROM post_tags WHERE post_id = $1 ORDER BY position", post_id)
    return [row[0] for row in rows]


async def of_posts(reader: Reader, post_ids: Sequence[UUID]) -> Mapping[UUID, list[str]]:
    rows = await reader.fetch(
        "SELECT post_id, array_agg(tag ORDER BY position) FROM post_tags WHERE post_id = ANY($1) GROUP BY post_id",
        post_ids,
    )
    return {row[0]: list(row[1]) for row in rows}


async def replace(tx: Writer, post_id: UUID, tags: Sequence[str]) -> None:
    await tx.execute("DELETE FROM post_tags WHERE post_id = $1", post_id)
    await tx.execute(
        """INSERT INTO post_tags (post_id, tag, position)
           SELECT $1, tag, at - 1 FROM unnest($2::text[]) WITH ORDINALITY AS t (tag, at)""",
        post_id, tags,
    )  # fmt: skip
