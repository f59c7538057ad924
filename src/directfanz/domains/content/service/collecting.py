"""Series: posts of one page in their order. Who may look at the list is the series' matter; each post in it keeps its own access."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.content.errors import NoSuchCollection, TooManyOf
from directfanz.domains.content.models import Collection, Post, Reading
from directfanz.domains.content.repository import collections, posts
from directfanz.domains.content.service import reading
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import lookup, team
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Access, Decision
from directfanz.errors import InvalidInput
from directfanz.http.caller import Caller
from directfanz.http.shown import one_line, some_lines
from directfanz.kit.ids import new_id

MOST_COLLECTIONS, MOST_ITEMS = 200, 500


class CollectionForm(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    about: str = ""
    access: Access = "public"
    min_rank: int | None = None
    published: bool = False
    posts: Sequence[UUID] | None = None


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """`items` is empty where the list is not open to who asks."""

    collection: Collection
    decision: Decision
    items: list[Reading]


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """Where in a series a post stands, as one person finds it: what they cannot see is not counted."""

    id: UUID
    title: str
    place: int
    parts: int
    before: Neighbour | None
    after: Neighbour | None


class Neighbour(msgspec.Struct, frozen=True):
    id: UUID
    title: str


async def of_page(backends: Backends, caller: Caller, creator: Creator) -> list[Collection]:
    """For everybody: the published ones; for the team all."""
    async with backends.database.writing() as tx:
        mine = await team.role_of(tx, caller, creator.id) is not None
        return await collections.of_creator(tx, creator.id, published_only=not mine)


async def look(backends: Backends, caller: Caller, collection_id: UUID) -> tuple[Creator, Series]:
    async with backends.database.writing() as tx:
        found = _there(await collections.find(tx, collection_id))
        creator = await lookup.by_id(tx, found.creator_id)
        mine = await team.role_of(tx, caller, creator.id) is not None
        held = await collections.posts_in(tx, collection_id)
    if not mine and not (found.published and creator.is_public):
        raise no_such_collection()
    decision = await entitlements.decide(backends, caller.user_id, found.need)
    if not decision.allowed:
        return creator, Series(collection=found, decision=decision, items=[])
    items = await _all(backends, caller, held) if mine else await reading.these(backends, caller, held)
    return creator, Series(collection=found, decision=decision, items=items)


async def around(backends: Backends, caller: Caller, creator: Creator, post_id: UUID) -> Around | None:
    found = await collections.holding(backends.database, post_id)
    if found is None or found.creator_id != creator.id:
        return None
    _, series = await look(backends, caller, found.id)
    names = [each.post.id for each in series.items]
    if post_id not in names:
        return None
    at = names.index(post_id)
    sides = [series.items[i].post if 0 <= i < len(names) else None for i in (at - 1, at + 1)]
    before, after = (Neighbour(each.id, each.title) if each else None for each in sides)
    return Around(id=found.id, title=found.title, place=at + 1, parts=len(names), before=before, after=after)


async def create(backends: Backends, caller: Caller, creator_id: UUID, form: CollectionForm) -> Collection:
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "posts")
        if len(await collections.of_creator(tx, creator_id, published_only=False)) >= MOST_COLLECTIONS:
            raise TooManyOf(f"A page has at most {MOST_COLLECTIONS} series.")
        made = Collection(id=new_id(), creator_id=creator_id, created_at=now, updated_at=now, **_said(form))
        await collections.insert(tx, made)
        await _put(tx, made, form.posts)
    return made


async def change(backends: Backends, caller: Caller, collection_id: UUID, form: CollectionForm) -> Collection:
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        old = _there(await collections.lock(tx, collection_id))
        await team.require(tx, caller, old.creator_id, "posts")
        new = msgspec.structs.replace(old, updated_at=now, **_said(form))
        await collections.change(tx, new, now)
        await _put(tx, new, form.posts)
    return new


async def place(backends: Backends, caller: Caller, collection_id: UUID, post_id: UUID, at: int | None) -> None:
    """At this place, from 0; None takes it out."""
    async with backends.database.writing() as tx:
        found = _there(await collections.lock(tx, collection_id))
        await team.require(tx, caller, found.creator_id, "posts")
        held = [each for each in await collections.posts_in(tx, collection_id) if each != post_id]
        if at is not None:
            held.insert(max(0, at), post_id)
        await _put(tx, found, held)


async def newest_of_team(backends: Backends, caller: Caller, creator_id: UUID) -> list[Post]:
    """What could be put into a series: the last changed first."""
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "posts")
        return await posts.of_studio(tx, creator_id, None, backends.clock.now(), None, 100)


async def remove(backends: Backends, caller: Caller, collection_id: UUID) -> None:
    """The posts in it stay."""
    async with backends.database.writing() as tx:
        found = _there(await collections.lock(tx, collection_id))
        await team.require(tx, caller, found.creator_id, "posts")
        await collections.remove(tx, collection_id)


def no_such_collection() -> NoSuchCollection:
    return NoSuchCollection("There is no such series, or not any more.")


async def _all(backends: Backends, caller: Caller, post_ids: Sequence[UUID]) -> list[Reading]:
    """For the team: also drafts and what is planned."""
    found = await posts.these(backends.database, post_ids)
    return await reading.of_posts(
        backends, caller, [found[each] for each in post_ids if each in found and found[each].state != "removed"]
    )


async def _put(tx: Writer, made: Collection, post_ids: Sequence[UUID] | None) -> None:
    if post_ids is None:
        return
    if len(post_ids) > MOST_ITEMS:
        raise InvalidInput.in_field("posts", f"A series has at most {MOST_ITEMS} parts.")
    found = await posts.these(tx, post_ids)
    if len(set(post_ids)) < len(post_ids) or any(
        each not in found or found[each].creator_id != made.creator_id for each in post_ids
    ):
        raise InvalidInput.in_field("posts", "A series holds posts of its own page, each once.")
    await collections.set_posts(tx, made.id, post_ids, made.updated_at)


def _said(form: CollectionForm) -> dict[str, Any]:
    if form.access == "paid":
        raise InvalidInput.in_field("access", "A series is not sold; its posts may be.")
    if (form.access == "rank") != (form.min_rank is not None):
        raise InvalidInput.in_field("min_rank", "Say from which tier on, where it is for a tier.")
    return {
        "title": one_line(form.title, "title", 100, 1), "about": some_lines(form.about, "about", 2000), "access": form.access,
        "min_rank": form.min_rank, "published": form.published,
    }  # fmt: skip


def _there(found: Collection | None) -> Collection:
    if found is None:
        raise no_such_collection()
    return found
