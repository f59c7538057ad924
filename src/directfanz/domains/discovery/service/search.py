"""Search over what somebody may read, and nothing else.

Everybody finds a post by its title, its tags and its teaser, and by its body where that is open to all. By a body that is not, only
who may read it: its words are not asked at all of pages where the asker holds no right, and what they find there is shown only when
`entitlements` lets the asker in. So no answer, no count and no next page depends on words that the asker may not read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.domains.content.models import Reading
from directfanz.domains.content.service import reading
from directfanz.domains.content.service.tagging import normal
from directfanz.domains.content.service.words import first_words
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import blocking, lookup
from directfanz.domains.discovery.models import Filters, Match, Result, Sources, TagCount, Why
from directfanz.domains.discovery.repository import figures, searching
from directfanz.domains.discovery.repository.searching import BODIES_LOOKED_AT, Place
from directfanz.domains.discovery.service import cards, sources
from directfanz.http.caller import Caller

LONGEST_QUERY = 200
MOST_CREATORS, MOST_TAGS, MOST_SUGGESTED = 5, 8, 5
MARKED_CHARACTERS = 6_000
ROUNDS = 4
HEAD, REST = 0, 1
_AFTER_ALL = UUID(int=2**128 - 1)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """`instead` is what was searched for when nothing was found as it was typed."""

    results: list[Result]
    next: Match | None
    creators: list[Creator]
    tags: list[TagCount]
    instead: str | None = None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    query: str
    wanted: Filters
    held: Sources


async def search(
    backends: Backends, caller: Caller, typed: str, wanted: Filters, position: Match | None, limit: int
) -> Found:
    """Pages and tags come with the first part only. What is misspelt is mended where nothing is found otherwise."""
    held = await sources.of_caller(backends, caller)
    found = await _search(backends, caller, typed, wanted, held, position, limit)
    if position is not None or found.results or found.creators:
        return found
    mended = await _mended(backends, typed)
    if mended is None:
        return found
    second = await _search(backends, caller, mended, wanted, held, None, limit)
    if not (second.results or second.creators):
        return found
    return msgspec.structs.replace(second, instead=mended)


async def suggest(backends: Backends, caller: Caller, typed: str) -> Found:
    """While somebody types: a few of each, by beginnings, over titles, names and tags."""
    held = await sources.of_caller(backends, caller)
    async with backends.database.reading() as reader:
        query = await searching.query_of(reader, typed, begins=True)
        places = (
            await searching.newest(reader, "head", query, Filters(), _place(_start(backends)), MOST_SUGGESTED)
            if query
            else []
        )
        tags = await figures.tags_beginning(reader, normal(typed), MOST_SUGGESTED) if normal(typed) else []
    creators = await _creators(backends, caller, query, typed)
    asked = Asked(query=query, wanted=Filters(), held=held)
    made = await _results(backends, caller, asked, [Match(tier=HEAD, shown_at=at, post_id=each) for at, each in places])
    return Found(results=list(made.values()), next=None, creators=creators, tags=tags)


async def _search(
    backends: Backends, caller: Caller, typed: str, wanted: Filters, held: Sources, position: Match | None, limit: int
) -> Found:
    async with backends.database.reading() as reader:
        query = await searching.query_of(reader, typed, begins=not typed.rstrip().endswith('"'))
        tags = (
            await figures.tags_beginning(reader, normal(typed), MOST_TAGS) if position is None and normal(typed) else []
        )
    if not query:
        return Found(results=[], next=None, creators=[], tags=[])
    asked = Asked(query=query, wanted=wanted, held=held)
    results, following = await _part(backends, caller, asked, position, limit)
    within = wanted.creator_id is not None
    creators = [] if position or within else await _creators(backends, caller, query, typed)
    return Found(results=results, next=following, creators=creators, tags=tags)


async def _part(
    backends: Backends, caller: Caller, asked: Asked, position: Match | None, limit: int
) -> tuple[list[Result], Match | None]:
    found: list[Result] = []
    bodies = Bodies(backends, caller, asked)
    at = position or _start(backends)
    for _ in range(ROUNDS):
        wanted = limit - len(found)
        places = await _places(backends, asked, bodies, at, wanted + 1)
        part = places[:wanted]
        made = await _results(backends, caller, asked, part)
        found += [made[each.post_id] for each in part if each.post_id in made]
        if len(places) <= wanted:
            return found, None
        at = part[-1]
        if len(found) == limit:
            break
    return found, at


async def _places(backends: Backends, asked: Asked, bodies: Bodies, at: Match, limit: int) -> list[Match]:
    """First by title and tags, then by the rest; each newest first. One read each: no connection waits for another."""
    found: list[Match] = []
    if at.tier == HEAD:
        head = await searching.newest(backends.database, "head", asked.query, asked.wanted, _place(at), limit)
        found, at = [Match(tier=HEAD, shown_at=when, post_id=post_id) for when, post_id in head], _start(backends)
    lacking = limit - len(found)
    if lacking > 0:
        rest = await searching.newest(backends.database, "open", asked.query, asked.wanted, _place(at), lacking)
        mine = [each for each in await bodies.places() if each < _place(at)]
        merged = sorted({*rest, *mine}, reverse=True)[:lacking]
        found += [Match(tier=REST, shown_at=when, post_id=post_id) for when, post_id in merged]
    return found


class Bodies:
    """Asked once, and only where titles do not fill the page."""

    def __init__(self, backends: Backends, caller: Caller, asked: Asked) -> None:
        self._ask = partial(_bodies, backends, caller, asked)
        self._found: list[Place] | None = None

    async def places(self) -> list[Place]:
        if self._found is None:
            self._found = await self._ask()
        return self._found


async def _bodies(backends: Backends, caller: Caller, asked: Asked) -> list[Place]:
    """What only a body has, and the asker may read: decided before anything depends on it."""
    held = asked.held
    if asked.wanted.access == "free" or not (held.tiers or held.followed or held.teams or held.bought):
        return []
    async with backends.database.reading() as reader:
        places = await searching.in_bodies(
            reader, asked.query, asked.wanted, _place(_start(backends)), held, BODIES_LOOKED_AT
        )
    readings = await reading.these(backends, caller, [post_id for _, post_id in places])
    mine = {each.post.id for each in readings if each.open}
    return [(when, post_id) for when, post_id in places if post_id in mine]


async def _results(backends: Backends, caller: Caller, asked: Asked, part: Sequence[Match]) -> dict[UUID, Result]:
    made = await cards.of_posts(backends, caller, [each.post_id for each in part], _why(asked.held))
    made = {post_id: card for post_id, card in made.items() if asked.wanted.access != "mine" or card.reading.open}
    if not made:
        return {}
    listed = list(made.values())
    async with backends.database.reading() as reader:
        titles = await searching.marked(reader, [each.reading.post.title for each in listed], asked.query, whole=True)
        texts = await searching.marked(reader, [_text(each.reading) for each in listed], asked.query, whole=False)
    return {
        card.reading.post.id: Result(card=card, title=title, text=text)
        for card, title, text in zip(listed, titles, texts, strict=True)
    }


def _text(found: Reading) -> str:
    """What of it this person may read."""
    if not found.open:
        return found.teaser
    return " ".join(
        filter(None, (found.post.teaser, first_words(found.post.body[:MARKED_CHARACTERS], MARKED_CHARACTERS)))
    )


def _why(held: Sources) -> Callable[[Reading, Creator], Why]:
    chosen = cards.chosen(held)

    def why(found: Reading, creator: Creator) -> Why:
        if creator.id in held.tiers or creator.id in held.teams or creator.id in held.followed:
            return chosen(found, creator)
        return Why(because="fresh", words="Found by your words.")

    return why


async def _creators(backends: Backends, caller: Caller, query: str, typed: str) -> list[Creator]:
    if not query:
        return []
    async with backends.database.reading() as reader:
        ids = await searching.creators_found(reader, query, typed, MOST_CREATORS)
        public = await lookup.public_among(reader, ids)
        apart = await blocking.apart_among(reader, caller.user_id, ids) if caller.user_id and ids else set()
    return [public[each] for each in ids if each in public and each not in apart]


async def _mended(backends: Backends, typed: str) -> str | None:
    """None when no word of it is near another that is known."""
    async with backends.database.reading() as reader:
        words = await searching.plain_words(reader, typed)
        near = await searching.nearest_words(reader, words, backends.clock.now())
    if not near:
        return None
    return " ".join(near.get(word, word) for word in words)


def _start(backends: Backends) -> Match:
    """The newest that can be seen: by the clock."""
    return Match(tier=HEAD, shown_at=backends.clock.now(), post_id=_AFTER_ALL)


def _place(at: Match) -> Place:
    return at.shown_at, at.post_id
