"""The newest posts of many pages, for a feed: places only. What one person gets of them says `reading.these`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader
from directfanz.domains.content.repository import merging

Place = tuple[datetime, UUID]
_AFTER_ALL = UUID(int=2**128 - 1)


async def newest_of(
    reader: Reader, creator_ids: Sequence[UUID], now: datetime, before: Place | None, limit: int
) -> list[Place]:
    """Newest first: what its moment has come for, below `before`."""
    start = before if before is not None and before[0] <= now else (now, _AFTER_ALL)
    return await merging.newest_of(reader, creator_ids, start, limit) if creator_ids else []
