"""Tags: a page for each, over all creators or of one, and what people mean while they type one."""

from __future__ import annotations

from uuid import UUID

from directfanz.backends import Backends
from directfanz.domains.content.models import Reading
from directfanz.domains.content.service.tagging import normal
from directfanz.domains.creators.models import Creator
from directfanz.domains.discovery.models import Card, TagCount, Why
from directfanz.domains.discovery.repository import figures, places
from directfanz.domains.discovery.repository.places import Place
from directfanz.domains.discovery.service import cards
from directfanz.http.caller import Caller

MOST_OFFERED, MOST_POPULAR = 8, 40
ROUNDS = 4
_AFTER_ALL = UUID(int=2**128 - 1)


async def posts_of(
    backends: Backends, caller: Caller, tag: str, creator: Creator | None, before: Place | None, limit: int
) -> tuple[list[Card], Place | None]:
    """Newest first, by the clock."""
    found: list[Card] = []
    for _ in range(ROUNDS):
        wanted = limit - len(found)
        start = before or (backends.clock.now(), _AFTER_ALL)
        async with backends.database.reading() as reader:
            part = await places.of_tag(reader, tag, creator.id if creator else None, start, wanted + 1)
        found += await _cards(backends, caller, part[:wanted], f"It has the tag #{tag}.")
        if len(part) <= wanted:
            return found, None
        before = part[wanted - 1]
        if len(found) == limit:
            break
    return found, before


async def newest_open(
    backends: Backends, caller: Caller, before: Place | None, limit: int
) -> tuple[list[Card], Place | None]:
    """What is new and open to all, of everybody."""
    start = before or (backends.clock.now(), _AFTER_ALL)
    async with backends.database.reading() as reader:
        part = await places.open_to_all(reader, start, limit + 1)
    found = await _cards(backends, caller, part[:limit], "New, and open to everybody.")
    return found, part[limit - 1] if len(part) > limit else None


async def beginning(backends: Backends, typed: str) -> list[TagCount]:
    """The popular ones first; of what can be seen."""
    wanted = normal(typed)
    async with backends.database.reading() as reader:
        return await figures.tags_beginning(reader, wanted, MOST_OFFERED) if wanted else []


async def popular(backends: Backends) -> list[TagCount]:
    async with backends.database.reading() as reader:
        return await figures.popular_tags(reader, MOST_POPULAR)


async def of_creator(backends: Backends, creator: Creator) -> list[TagCount]:
    async with backends.database.reading() as reader:
        return await figures.tags_of_creator(reader, creator.id, backends.clock.now(), MOST_POPULAR)


async def _cards(backends: Backends, caller: Caller, part: list[Place], words: str) -> list[Card]:
    def why(found: Reading, creator: Creator) -> Why:
        return Why(because="fresh", words=words)

    made = await cards.of_posts(backends, caller, [post_id for _, post_id in part], why)
    return [made[post_id] for _, post_id in part if post_id in made]
