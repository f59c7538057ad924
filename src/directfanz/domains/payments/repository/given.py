"""`orders`, by what they were for."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader


async def sums(
    reader: Reader, object_ids: list[UUID], since: datetime, until: datetime
) -> list[tuple[UUID, int, int, int, int]]:
    """Of each: tips, their sum, purchases, their sum. Index: orders_object_paid."""
    rows = await reader.fetch(
        """SELECT object_id, count(*) FILTER (WHERE kind = 'tip'), coalesce(sum(total - refunded) FILTER (WHERE kind = 'tip'), 0)::bigint,
                  count(*) FILTER (WHERE kind = 'purchase'), coalesce(sum(total - refunded) FILTER (WHERE kind = 'purchase'), 0)::bigint
           FROM orders WHERE object_id = ANY($1) AND paid_at >= $2 AND paid_at < $3 AND refunded < total GROUP BY object_id""",
        object_ids, since, until,
    )  # fmt: skip
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]
