"""What somebody did not ask for but might like: marked as such, with a reason, and few."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.domains.content.models import Reading
from directfanz.domains.creators.models import Creator
from directfanz.domains.discovery.models import Sources, Suggested, Why
from directfanz.domains.discovery.repository import figures
from directfanz.http.caller import Caller

FRESH_FOR = timedelta(days=60)
MOST_POPULAR, MOST_ALIKE, MOST_TAGS, PAGES_ASKED = 100, 60, 12, 100


class Picked(msgspec.Struct, frozen=True):
    """Posts in their order, and why each page is suggested."""

    posts: list[UUID]
    pages: Mapping[UUID, Suggested]


NOTHING = Picked([], {})


async def picked(backends: Backends, caller: Caller, held: Sources, skip: int, most: int) -> Picked:
    """The next `most` after the first `skip`: one post of each page, in an order that is one person's own and changes by the day."""
    now, unwanted = backends.clock.now(), set(held.pages) | held.muted | held.less
    async with backends.database.reading() as reader:
        tags = await figures.tags_of(reader, held.pages[:PAGES_ASKED], MOST_TAGS)
        alike = await figures.alike(reader, tags, MOST_ALIKE) if tags else []
        popular = [Suggested(creator_id=each, shared=None) for each in await figures.hottest(reader, MOST_POPULAR)]
        ordered = _mixed(_fresh(alike, unwanted), _fresh(popular, unwanted), f"{caller.user_id}{now:%Y-%m-%d}")
        posts = await figures.newest_open(reader, [each.creator_id for each in ordered], now - FRESH_FOR, now)
    chosen = [each for each in ordered if each.creator_id in posts][skip : skip + most]
    return Picked([posts[each.creator_id] for each in chosen], {each.creator_id: each for each in chosen})


def _fresh(found: Sequence[Suggested], unwanted: set[UUID]) -> list[Suggested]:
    return [each for each in found if each.creator_id not in unwanted]


def _mixed(alike: list[Suggested], popular: list[Suggested], seed: str) -> list[Suggested]:
    """Two that are alike for one that is popular; each page once."""
    order = random.Random(seed)  # noqa: S311 - an order, not a secret
    order.shuffle(alike)
    order.shuffle(popular)
    found: dict[UUID, Suggested] = {}
    while alike or popular:
        for each in [*alike[:2], *popular[:1]]:
            found.setdefault(each.creator_id, each)
        alike, popular = alike[2:], popular[1:]
    return list(found.values())


def why(picked: Picked, otherwise: Callable[[Reading, Creator], Why]) -> Callable[[Reading, Creator], Why]:
    """For a list of what was chosen with what is suggested; no page is both."""

    def because(found: Reading, creator: Creator) -> Why:
        if (suggested := picked.pages.get(creator.id)) is None:
            return otherwise(found, creator)
        if suggested.shared:
            words = f"Suggested: pages that you chose also write about #{suggested.shared}."
            return Why(because="alike", words=words, suggested=True)
        return Why(
            because="popular", words=f"Suggested: many joined or followed {creator.name} lately.", suggested=True
        )

    return because
