"""The home feed: what is new at the pages somebody joined or follows, newest first, with a few suggestions in between.

By the clock: a scheduled post stands here from its moment on. What somebody may not open stands here closed, with its teaser.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    """What is suggested is asked for together with what was chosen: everything that a card needs costs as much for both as for one."""
    held = await sources.of_caller(backends, caller)
    shown = position.suggested if position else 0
    places = await _places(backends, held, (position.at, position.post_id) if position else None, limit + 1)
    part, more = places[:limit], len(places) > limit
    wanted = len(part) // ONE_AFTER if part else SUGGESTIONS_ALONE if position is None else 0
    own, extra = await _cards(backends, caller, held, part, shown, wanted)
    last = part[-1] if more else None
    if last is not None and len(own) < limit:
        rest, last = await _filled(backends, caller, held, last, limit - len(own))
        own += rest
    if part and not own and position is None:  # all that they chose is hidden
        wanted = SUGGESTIONS_ALONE
        _, extra = await _cards(backends, caller, held, [], shown, wanted)
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


async def _cards(
    backends: Backends, caller: Caller, held: Sources, part: Sequence[Place], shown: int, wanted: int
) -> tuple[list[Card], list[Card]]:
    """Of these places, and of what is suggested beside them."""
    picked = await suggesting.picked(backends, caller, held, shown, wanted) if wanted else suggesting.NOTHING
    own = [post_id for _, post_id in part]
    why = suggesting.why(picked, cards.chosen(held))
    made = await cards.of_posts(backends, caller, [*own, *picked.posts], why)
    return [made[each] for each in own if each in made], [made[each] for each in picked.posts if each in made]


async def _filled(
    backends: Backends, caller: Caller, held: Sources, before: Place | None, limit: int
) -> tuple[list[Card], Place | None]:
    """The next cards in place of those that are hidden, and the place after which it goes on; None at the end."""
    found: list[Card] = []
    for _ in range(ROUNDS - 1):
        wanted = limit - len(found)
        places = await _places(backends, held, before, wanted + 1)
        part = places[:wanted]
        found += (await _cards(backends, caller, held, part, 0, 0))[0]
        if len(places) <= wanted:
            return found, None
        before = part[-1]
        if len(found) == limit:
            break
    return found, before


async def _places(backends: Backends, held: Sources, before: Place | None, most: int) -> list[Place]:
    async with backends.database.writing() as tx:
        return await merging.newest_of(tx, held.pages, backends.clock.now(), before, most)


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
