from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.backends.jobs.contract import Job, Schedule
from directfanz.domains.community.repository import reactions
from directfanz.domains.content.models import Post
from directfanz.domains.content.service import titles
from directfanz.domains.creators.service import lookup
from directfanz.domains.notifications.service import notify
from directfanz.errors import NotFound

POSTS_AT_ONCE = 200
log = logging.getLogger("directfanz.community")


class Nothing(msgspec.Struct, frozen=True):
    pass


async def _recount(backends: Backends, payload: Nothing) -> None:
    """There should be nothing to mend. In small transactions, in the order of the posts."""
    after: UUID | None = None
    while True:
        async with backends.database.writing() as tx:
            posts = await reactions.posts_with_counts(tx, after, POSTS_AT_ONCE)
            wrong = await reactions.recount(tx, posts) if posts else 0
        if wrong:
            log.error("%d counts of comments and reactions were wrong and are mended", wrong)
        if len(posts) < POSTS_AT_ONCE:
            return
        after = posts[-1]


async def _digest(backends: Backends, payload: Nothing) -> None:
    """Once a day, of yesterday: how many people reacted to each post. Twice tells it once."""
    until = backends.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    after: UUID | None = None
    while True:
        async with backends.database.writing() as tx:
            found = await reactions.new_since(tx, until - timedelta(days=1), until, after, POSTS_AT_ONCE)
            posts = await titles.posts_of(tx, [post_id for post_id, _ in found])
            for post_id, people in found:
                if post_id in posts:
                    await _tell(backends, tx, posts[post_id], people, f"{until:%Y-%m-%d}")
        if len(found) < POSTS_AT_ONCE:
            return
        after = found[-1][0]


async def _tell(backends: Backends, tx: Writer, post: Post, people: int, day: str) -> None:
    try:
        creator = await lookup.by_id(tx, post.creator_id)
    except NotFound:
        return
    owner = await lookup.owner_of(tx, creator.id)
    await notify(
        backends, tx, owner, "community.reactions", dedupe=f"reactions {post.id} {day}", link=f"{creator.path}/posts/{post.id}",
        people="1 person" if people == 1 else f"{people} people", title=post.title,
    )  # fmt: skip


RECOUNT = Job("community.recount", Nothing, _recount, timeout_seconds=1800)
DIGEST = Job("community.tell_of_reactions", Nothing, _digest, timeout_seconds=1800)
JOBS: list[Job[Any]] = [RECOUNT, DIGEST]
SCHEDULES = [Schedule(RECOUNT, "27 3 * * *"), Schedule(DIGEST, "5 7 * * *")]
