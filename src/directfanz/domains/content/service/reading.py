"""Posts as one person finds them. Every answer comes from `entitlements.decide`; a body that is locked does not leave here."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.domains.content import repository
from directfanz.domains.content.errors import NoSuchPost
from directfanz.domains.content.models import Post, Reading
from directfanz.domains.content.service.words import first_words
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import lookup
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Decision
from directfanz.http.caller import Caller

TEASER_WORDS = 220


async def read(backends: Backends, caller: Caller, post_id: UUID) -> tuple[Creator, Reading]:
    """A post that is not published is there for its team, and for who bought it."""
    async with backends.database.writing() as tx:  # the primary: published a moment ago is published
        post = await repository.find(tx, post_id)
        creator = await lookup.by_id(tx, post.creator_id) if post else None
    if post is None or creator is None:
        raise no_such_post()
    decision = await entitlements.decide(backends, caller.user_id, post.need)
    if not (post.state == "published" and creator.is_public) and not await _has_a_claim(backends, caller, post):
        raise no_such_post()
    return creator, reading_of(post, decision)


async def newest(
    backends: Backends, caller: Caller, creator: Creator, before: tuple[datetime, UUID] | None, limit: int
) -> list[Reading]:
    """Published ones, newest first."""
    posts = await repository.newest_published(backends.database, creator.id, before, limit)
    return [reading_of(post, await entitlements.decide(backends, caller.user_id, post.need)) for post in posts]


async def published_count(backends: Backends, creator_id: UUID) -> int:
    return await repository.count_published(backends.database, creator_id)


def reading_of(post: Post, decision: Decision) -> Reading:
    """With the body only for who may read it. A teaser of its own is always shown; made from the body only where that is open
    to all: the first words of a locked post belong to those who may read it."""
    if decision.allowed:
        return Reading(post=post, decision=decision, teaser=post.teaser or first_words(post.body, TEASER_WORDS))
    return Reading(post=msgspec.structs.replace(post, body=""), decision=decision, teaser=post.teaser)


def no_such_post() -> NoSuchPost:
    return NoSuchPost("There is no such post, or not any more.")


async def _has_a_claim(backends: Backends, caller: Caller, post: Post) -> bool:
    """The team; and whoever bought the post: it stays theirs when others see it no more."""
    if caller.user_id is None:
        return False
    bought = await entitlements.decide(
        backends, caller.user_id, msgspec.structs.replace(post.need, access="paid", min_rank=None)
    )
    if bought.because == "purchase":
        return True
    return bought.because == "team"
