"""Posts as one person finds them. Every answer comes from `entitlements`; a body that is locked does not leave here.

    creator, found = await reading.read(backends, caller, post_id)
    found = await reading.these(backends, caller, post_ids)      # for feeds, searches, playlists: one question per creator

A post is seen from its moment on, by the clock. Its team sees it before; who bought it sees it also when it is taken down.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader
from directfanz.domains.content.errors import NoSuchPost
from directfanz.domains.content.models import Kind, Post, PostAsset, Reading
from directfanz.domains.content.repository import posts
from directfanz.domains.content.service import attaching
from directfanz.domains.content.service.words import first_words
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import blocking, lookup
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Because, Decision
from directfanz.http.caller import Caller

TEASER_WORDS = 220
# What was paid for or given stays open to who has it, also when the page and they are kept apart.
PAID_FOR: frozenset[Because] = frozenset({"membership", "gift", "comp", "purchase", "team"})


async def read(backends: Backends, caller: Caller, post_id: UUID) -> tuple[Creator, Reading]:
    """A post that is not published is there for its team, and for who bought it."""
    async with backends.database.writing() as tx:  # the primary: published a moment ago is published
        post = await posts.find(tx, post_id)
        creator = await lookup.by_id(tx, post.creator_id) if post else None
        apart = post is not None and await _kept_apart(tx, caller, [post.creator_id])
    if post is None or creator is None:
        raise no_such_post()
    decision = await entitlements.decide(backends, caller.user_id, post.need)
    if not (post.visible(backends.clock.now()) and creator.is_public) and not await _has_a_claim(
        backends, caller, post
    ):
        raise no_such_post()
    if apart and decision.because not in PAID_FOR:
        raise blocking.kept_apart()
    held = await attaching.of_posts(backends.database, [post.id])
    return creator, reading_of(post, decision, held[post.id])


async def newest(
    backends: Backends, caller: Caller, creator: Creator, before: tuple[datetime, UUID] | None, limit: int, kind: Kind | None = None
) -> list[Reading]:  # fmt: skip
    """What can be seen of a page, newest first."""
    now = backends.clock.now()
    found = await posts.newest_visible(backends.database, creator.id, now, before, limit, kind)
    return await of_posts(backends, caller, found)


async def pinned(backends: Backends, caller: Caller, creator: Creator) -> list[Reading]:
    return await of_posts(backends, caller, await posts.pinned(backends.database, creator.id, backends.clock.now()))


async def these(backends: Backends, caller: Caller, post_ids: Sequence[UUID]) -> list[Reading]:
    """In the order asked for, without those that are not to be seen: not yet, not any more, of a hidden page, of one kept apart."""
    async with backends.database.writing() as tx:
        found = await posts.these(tx, post_ids)
        public = await lookup.public_among(tx, sorted({post.creator_id for post in found.values()}))
    now = backends.clock.now()
    shown = [
        found[each]
        for each in post_ids
        if each in found and found[each].visible(now) and found[each].creator_id in public
    ]
    return await of_posts(backends, caller, shown)


async def of_posts(backends: Backends, caller: Caller, found: Sequence[Post]) -> list[Reading]:
    """Asks once per creator, however many posts there are. Of pages that are kept apart from the caller only what they paid for."""
    decisions = await entitlements.decide_all(backends, caller.user_id, [post.need for post in found])
    apart = await _kept_apart(backends.database, caller, sorted({post.creator_id for post in found}))
    held = await attaching.of_posts(backends.database, [post.id for post in found])
    return [
        reading_of(post, decision, held[post.id])
        for post, decision in zip(found, decisions, strict=True)
        if post.creator_id not in apart or decision.because in PAID_FOR
    ]


async def visible_count(backends: Backends, creator_id: UUID) -> int:
    return await posts.count_visible(backends.database, creator_id, backends.clock.now())


async def has_releases(backends: Backends, creator_id: UUID) -> bool:
    return bool(await posts.newest_visible(backends.database, creator_id, backends.clock.now(), None, 1, "release"))


def reading_of(post: Post, decision: Decision, held: Sequence[PostAsset] = ()) -> Reading:
    """With the body and the files only for who may read it. A teaser of its own is always shown; made from the body only where that is open
    to all: the first words of a locked post belong to those who may read it."""
    if decision.allowed:
        return Reading(
            post=post, decision=decision, teaser=post.teaser or first_words(post.body, TEASER_WORDS), assets=held
        )
    bare = msgspec.structs.replace(post, body="")
    return Reading(post=bare, decision=decision, teaser=post.teaser, locked=attaching.locked(held))


def no_such_post() -> NoSuchPost:
    return NoSuchPost("There is no such post, or not any more.")


async def _kept_apart(reader: Reader, caller: Caller, creator_ids: Sequence[UUID]) -> set[UUID]:
    return await blocking.apart_among(reader, caller.user_id, creator_ids) if caller.user_id else set()


async def _has_a_claim(backends: Backends, caller: Caller, post: Post) -> bool:
    """The team; and whoever bought the post: it stays theirs when others see it no more."""
    if caller.user_id is None:
        return False
    need = msgspec.structs.replace(post.need, access="paid", min_rank=None, drip_days=0)
    return (await entitlements.decide(backends, caller.user_id, need)).because in ("purchase", "team")
