"""The home feed: what is new at the pages somebody joined or follows, newest first, with a few suggestions in between.

By the clock: a scheduled post stands here from its moment on. What somebody may not open stands here closed, with its teaser.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.domains.content.service import merging
from directfanz.domains.content.service.merging import Place
from directfanz.domains.creators.service import lookup
from directfanz.domains.discovery.models import Card, Sources, Wish
from directfanz.domains.discovery.repository import wishes
from directfanz.domains.discovery.service import cards, sources, suggesting
from directfanz.http.caller import Caller

# After so many posts comes a suggestion; where there are no posts, all are suggestions.
ONE_AFTER = 6
SUGGESTIONS_ALONE = 12
# What is hidden (a page suspended, kept apart) is left out; so often the page is filled up again.
ROUNDS = 4


class Position(msgspec.Struct, frozen=True, array_like=True):
    """Below which post it goes on, and how many suggestions were shown."""

    at: datetime
    post_id: UUID
    suggested: int


class FeedPage(msgspec.Struct, frozen=True, kw_only=True):
    cards: list[Card]
    next: Position | None
    has_sources: bool


async def page(backends: Backends, caller: Caller, position: Position | None, limit: int) -> FeedPage:
    held = await sources.of_caller(backends, caller)
    before = (position.at, position.post_id) if position else None
    own, last = await _own(backends, caller, held, before, limit)
    shown = position.suggested if position else 0
    wanted = len(own) // ONE_AFTER if own else SUGGESTIONS_ALONE if position is None else 0
    extra = await suggesting.suggested(backends, caller, held, shown, wanted) if wanted else []
    following = Position(*last, shown + wanted) if last else None
    return FeedPage(cards=_woven(own, extra), next=following, has_sources=bool(held.pages))


async def wish(backends: Backends, caller: Caller, creator_id: UUID, wanted: Wish) -> None:
    """Less like this, or nothing at all of this page. Members and followers stay what they are."""
    user_id = caller.require_user()
    async with backends.database.writing() as tx:
        await lookup.by_id(tx, creator_id)
        await wishes.keep(tx, user_id, creator_id, wanted, backends.clock.now())


async def unwish(backends: Backends, caller: Caller, creator_id: UUID) -> None:
    async with backends.database.writing() as tx:
        await wishes.remove(tx, caller.require_user(), creator_id)


async def _own(
    backends: Backends, caller: Caller, held: Sources, before: Place | None, limit: int
) -> tuple[list[Card], Place | None]:
    """The next cards, and the place after which it goes on; None at the end."""
    found: list[Card] = []
    for _ in range(ROUNDS):
        wanted = limit - len(found)
        async with backends.database.writing() as tx:
            places = await merging.newest_of(tx, held.pages, backends.clock.now(), before, wanted + 1)
        part = places[:wanted]
        made = await cards.of_posts(backends, caller, [post_id for _, post_id in part], cards.chosen(held))
        found += [made[post_id] for _, post_id in part if post_id in made]
        if len(places) <= wanted:
            return found, None
        before = part[-1]
        if len(found) == limit:
            return found, before
    return found, before


def _woven(own: list[Card], extra: list[Card]) -> list[Card]:
    if not own:
        return extra
    woven: list[Card] = []
    left = list(extra)
    for number, card in enumerate(own, 1):
        woven.append(card)
        if number % ONE_AFTER == 0 and left:
            woven.append(left.pop(0))
    return woven
