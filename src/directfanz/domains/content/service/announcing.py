"""Telling people of a post once its moment has come. It is seen by the clock, whether this runs or not; who is told is told once.

A sweeper finds what nobody was told of and leaves one job for each; that job tells the next few hundred people and leaves another one for
the rest, so that a page with a hundred thousand members never makes a long transaction.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.backends.jobs.contract import Job
from directfanz.domains.content.models import Post
from directfanz.domains.content.repository import posts
from directfanz.domains.content.service.words import first_words
from directfanz.domains.creators.service import blocking, lookup, team
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Need
from directfanz.domains.notifications.service import notify_many
from directfanz.http.caller import Caller

POSTS_AT_ONCE, PEOPLE_AT_ONCE = 100, 500
TEASER = 160

# Called in the transaction in which a post becomes known; twice does no harm. Domains after this one put their wishes here.
WHEN_VISIBLE: list[Callable[[Backends, Writer, Post], Awaitable[None]]] = []


class Tell(msgspec.Struct, frozen=True):
    """`after`: everybody up to this id was told."""

    post_id: UUID
    after: UUID | None = None


class Audience(msgspec.Struct, frozen=True, kw_only=True):
    """How many people may read it: None for everybody. `told` is how many hear of it."""

    readers: int | None
    told: int
    words: str


async def sweep(backends: Backends) -> None:
    """Two of these at once take different posts."""
    found = POSTS_AT_ONCE
    while found == POSTS_AT_ONCE:
        now = backends.clock.now()
        async with backends.database.writing() as tx:
            due = await posts.to_announce(tx, now, POSTS_AT_ONCE)
            for post in due:
                if await posts.set_announced(tx, post.id, now):
                    for wish in WHEN_VISIBLE:
                        await wish(backends, tx, post)
                    await backends.jobs.enqueue(tx, TELL, Tell(post.id))
        found = len(due)


async def _tell(backends: Backends, payload: Tell) -> None:
    """Of what would have to be bought nobody is told. Killed after a part it tells that part again, and nobody twice."""
    async with backends.database.writing() as tx:
        post = await posts.find(tx, payload.post_id)
        if post is None or post.access == "paid":
            return
        people = await entitlements.audience(tx, backends, post.need, payload.after, PEOPLE_AT_ONCE)
    if people and await tell(backends, post, people) and len(people) == PEOPLE_AT_ONCE:
        await backends.database.run(lambda tx: backends.jobs.enqueue(tx, TELL, Tell(post.id, people[-1])))


async def tell(backends: Backends, post: Post, people: Sequence[UUID]) -> bool:
    """Each once. False for a post that was taken down meanwhile: it is told of no further."""
    ripe = await _ripe(backends, post, people)
    async with backends.database.writing() as tx:
        now = await posts.find(tx, post.id)
        creator = (await lookup.public_among(tx, [post.creator_id])).get(post.creator_id)
        if now is None or creator is None or not now.visible(backends.clock.now()):
            return False
        apart = await blocking.apart_from_page(tx, post.creator_id, ripe)
        wanted = [each for each in ripe if each not in apart]
        await notify_many(
            backends, tx, wanted, "content.published", dedupe=f"post {post.id}", link=f"{creator.path}/posts/{post.id}",
            page=creator.name, title=now.title, teaser=_teaser(now),
        )  # fmt: skip
    return True


async def audience(backends: Backends, caller: Caller, creator_id: UUID, need: Need) -> Audience:
    """Exactly, before it is published."""
    async with backends.database.writing() as tx:
        creator = await team.require(tx, caller, creator_id, "posts")
        told = 0 if need.access == "paid" else await entitlements.audience_size(tx, backends, need)
    people = "1 person" if told == 1 else f"{told:,} people"
    if need.access == "paid":
        return Audience(readers=0, told=0, words="Who buys it may read it. Nobody is told of what is sold.")
    if need.access == "public":
        hidden = "" if creator.is_public else " Your page is not public yet."
        return Audience(readers=None, told=told, words=f"Everybody may read it; {people} will be told.{hidden}")
    return Audience(readers=told, told=told, words=f"{people} may read it, and will be told.")


async def _ripe(backends: Backends, post: Post, people: Sequence[UUID]) -> list[UUID]:
    """Where it waits for the age of a membership: who has reached it. Asked before the transaction, which holds a connection."""
    if not post.drip_days:
        return list(people)
    return [each for each in people if (await entitlements.decide(backends, each, post.need)).allowed]


def _teaser(post: Post) -> str:
    """The first words of a locked post are for its readers; those who are told may read it."""
    return post.teaser or first_words(post.body, TEASER)


TELL = Job("content.tell_of_post", Tell, _tell)
