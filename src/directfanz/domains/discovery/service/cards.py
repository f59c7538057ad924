"""Posts in a list: what one person gets of each, whose it is, and why they see it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from directfanz.backends import Backends
from directfanz.domains.content.models import Reading
from directfanz.domains.content.service import covers, reading, tagging
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import lookup
from directfanz.domains.discovery.models import Card, Sources, Why
from directfanz.http.caller import Caller


async def of_posts(
    backends: Backends, caller: Caller, post_ids: Sequence[UUID], why: Callable[[Reading, Creator], Why]
) -> dict[UUID, Card]:
    """Without those that are not to be seen. However many there are, the same number of questions."""
    found = await reading.these(backends, caller, post_ids)
    if not found:
        return {}
    async with backends.database.reading() as reader:
        creators = await lookup.public_among(reader, sorted({each.post.creator_id for each in found}))
        tags = await tagging.of_posts(reader, [each.post.id for each in found])
    shown = await covers.of_readings(backends, found)
    return {
        each.post.id: Card(
            reading=each, creator=creators[each.post.creator_id], tags=list(tags.get(each.post.id, [])),
            why=why(each, creators[each.post.creator_id]), cover=shown.get(each.post.id),
        )
        for each in found
        if each.post.creator_id in creators
    }  # fmt: skip


def chosen(held: Sources) -> Callable[[Reading, Creator], Why]:
    """What somebody asked for: by joining, by following, by working there."""

    def why(found: Reading, creator: Creator) -> Why:
        if creator.id in held.tiers:
            tier = held.tiers[creator.id]
            return Why(
                because="member", words=f"You are a member of {creator.name}" + (f", in {tier}." if tier else ".")
            )
        if creator.id in held.teams:
            return Why(because="team", words=f"You are in the team of {creator.name}.")
        return Why(because="follower", words=f"You follow {creator.name}.")

    return why
