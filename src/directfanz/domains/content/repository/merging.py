"""The newest posts of many pages at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader

# First one look per page at its newest post below the place: only the pages whose newest are the newest of all can have a post on
# this page, so only these are read further. For n pages and k posts that is n + k * k looks at the index, not n * k.
_NEWEST = """
    WITH newest AS MATERIALIZED (
        SELECT c.id AS creator_id, p.publish_at, p.id
        FROM unnest($1::uuid[]) AS c (id) CROSS JOIN LATERAL (
            SELECT publish_at, id FROM posts
            WHERE creator_id = c.id AND state = 'published' AND (publish_at, id) < ($2, $3)
            ORDER BY publish_at DESC, id DESC LIMIT 1
        ) p
        ORDER BY p.publish_at DESC, p.id DESC LIMIT $4
    )
    SELECT p.id, p.publish_at
    FROM newest n CROSS JOIN LATERAL (
        SELECT publish_at, id FROM posts
        WHERE creator_id = n.creator_id AND state = 'published' AND (publish_at, id) < ($2, $3)
        ORDER BY publish_at DESC, id DESC LIMIT $4
    ) p
    ORDER BY p.publish_at DESC, p.id DESC LIMIT $4
"""


async def newest_of(
    reader: Reader, creator_ids: Sequence[UUID], before: tuple[datetime, UUID], limit: int
) -> list[tuple[datetime, UUID]]:
    """Newest first, older than `before`. Index: posts_shown, twice."""
    rows = await reader.fetch(_NEWEST, creator_ids, before[0], before[1], limit)
    return [(row[1], row[0]) for row in rows]
