"""Who wants nothing to do with whom. A block works both ways, whoever asked for it.

    if await blocks.between(reader, ben, cy): ...            # two people; chat asks this
    await blocks.apart_from(reader, ben, [cy, dan])          # which of them, in one question

Between a page and a person it means: no following, joining, buying, commenting or reacting any more, and posts are not shown. What is
paid for stays: bought posts for good, a running membership until its period ends, then it does not renew. Both can undo only their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.accounts.models import Person
from directfanz.domains.accounts.service.contacts import people_of
from directfanz.domains.accounts.service.profile import person_called
from directfanz.domains.audit import service as audit
from directfanz.domains.community.errors import Blocked, NotBlockable
from directfanz.domains.community.repository import blocks
from directfanz.domains.creators.models import BlockedBy, Creator
from directfanz.domains.creators.service import blocking, lookup, team
from directfanz.domains.memberships.service import cancelling
from directfanz.http.caller import Caller
from directfanz.http.shown import one_line

LONGEST_REASON = 200


class BlockedPerson(msgspec.Struct, frozen=True, kw_only=True):
    person: Person
    since: datetime
    reason: str = ""


class BlockedPage(msgspec.Struct, frozen=True, kw_only=True):
    slug: str
    name: str
    since: datetime


class Mine(msgspec.Struct, frozen=True, kw_only=True):
    people: list[BlockedPerson]
    pages: list[BlockedPage]


async def between(reader: Reader, one: UUID, other: UUID) -> bool:
    return one != other and await blocks.between(reader, one, other)


async def apart_from(reader: Reader, user_id: UUID, others: Sequence[UUID]) -> set[UUID]:
    return await blocks.apart_from(reader, user_id, others) if others else set()


async def all_apart(reader: Reader, user_ids: Sequence[UUID]) -> dict[UUID, set[UUID]]:
    """Of each of these who has any: everybody they are kept apart from, whoever asked for it."""
    found: dict[UUID, set[UUID]] = {}
    for one, other in await blocks.pairs_of(reader, user_ids) if user_ids else []:
        found.setdefault(one, set()).add(other)
    return found


async def require_together(reader: Reader, one: UUID, other: UUID | None) -> None:
    if other is not None and await between(reader, one, other):
        raise Blocked("One of you has blocked the other.")


async def block_person(backends: Backends, caller: Caller, handle: str) -> Person:
    """Twice is as good as once. They are not told."""
    user_id = caller.require_user()
    async with backends.database.writing() as tx:
        other = await person_called(tx, handle)
        if other.id == user_id:
            raise NotBlockable("This is you.")
        await blocks.put(tx, user_id, other.id, backends.clock.now())
    return other


async def unblock_person(backends: Backends, caller: Caller, handle: str) -> None:
    async with backends.database.writing() as tx:
        other = await person_called(tx, handle)
        await blocks.lift(tx, caller.require_user(), other.id)


async def block_page(backends: Backends, caller: Caller, creator_id: UUID) -> Creator:
    """A person turns away from a page."""
    user_id = caller.require_user()
    async with backends.database.writing() as tx:
        creator = await lookup.by_id(tx, creator_id)
        if await team.role_of(tx, caller, creator_id):
            raise NotBlockable("You are in the team of this page.")
        await _part(backends, tx, creator, user_id, "person", caller, "")
    await cancelling.end_with_period(backends, user_id, creator_id, "blocked")
    return creator


async def unblock_page(backends: Backends, caller: Caller, creator_id: UUID) -> None:
    async with backends.database.writing() as tx:
        await blocking.lift(tx, creator_id, caller.require_user(), "person")


async def block_for_page(backends: Backends, caller: Caller, creator_id: UUID, handle: str, reason: str = "") -> Person:
    """The team of a page turns somebody away. `reason` is for the team; the person reads only that it is so."""
    said = one_line(reason, "reason", LONGEST_REASON)
    async with backends.database.writing() as tx:
        creator = await team.require(tx, caller, creator_id, "moderate")
        other = await person_called(tx, handle)
        if await team.role_of(tx, Caller(user_id=other.id), creator_id):
            raise NotBlockable("They are in the team. Take them out of it first.")
        if await _part(backends, tx, creator, other.id, "page", caller, said):
            await audit.record(
                tx, actor=caller.user_id, action="community.blocked", target=other.id, page=str(creator_id)
            )
    await cancelling.end_with_period(backends, other.id, creator_id, "blocked_by_page")
    return other


async def unblock_for_page(backends: Backends, caller: Caller, creator_id: UUID, handle: str) -> None:
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "moderate")
        other = await person_called(tx, handle)
        if await blocking.lift(tx, creator_id, other.id, "page"):
            await audit.record(
                tx, actor=caller.user_id, action="community.unblocked", target=other.id, page=str(creator_id)
            )


async def of_person(backends: Backends, caller: Caller) -> Mine:
    user_id = caller.require_user()
    async with backends.database.writing() as tx:
        rows = await blocks.by_person(tx, user_id)
        people = await people_of(tx, [other for other, _ in rows])
        walls = await blocking.by_person(tx, user_id)
        pages = [(await lookup.by_id_even_closed(tx, each.creator_id), each.since) for each in walls]
    return Mine(
        people=[BlockedPerson(person=people[other], since=since) for other, since in rows if other in people],
        pages=[BlockedPage(slug=page.slug, name=page.name, since=since) for page, since in pages],
    )


async def of_page(
    backends: Backends, caller: Caller, creator_id: UUID, before: datetime | None, limit: int
) -> list[BlockedPerson]:
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "moderate")
        rows = await blocking.by_page(tx, creator_id, before, limit)
        people = await people_of(tx, [each.user_id for each in rows])
    return [
        BlockedPerson(person=people[each.user_id], since=each.since, reason=each.reason)
        for each in rows
        if each.user_id in people
    ]


async def _part(
    backends: Backends, tx: Writer, creator: Creator, user_id: UUID, by: BlockedBy, caller: Caller, reason: str
) -> bool:
    return await blocking.put(tx, creator.id, user_id, by, caller.user_id, reason, backends.clock.now())
