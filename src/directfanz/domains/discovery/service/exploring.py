"""What is going on: pages that many came to lately, tags, and what is new and open to all."""

from __future__ import annotations

from directfanz.backends import Backends
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import blocking, lookup
from directfanz.domains.discovery.repository import figures
from directfanz.http.caller import Caller

MOST_PAGES = 12


async def popular_pages(backends: Backends, caller: Caller) -> list[Creator]:
    async with backends.database.reading() as reader:
        ids = await figures.hottest(reader, MOST_PAGES * 2)
        public = await lookup.public_among(reader, ids)
        apart = await blocking.apart_among(reader, caller.user_id, ids) if caller.user_id else set()
    return [public[each] for each in ids if each in public and each not in apart][:MOST_PAGES]
