"""A small sign of what one feels: one per person and thing, and another one takes its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.community.models import Counts, Felt, Reaction
from directfanz.domains.community.repository import reactions
from directfanz.domains.community.repository.reactions import COMMENTS
from directfanz.domains.community.service import blocks, rights
from directfanz.domains.community.service.commenting import find
from directfanz.domains.community.service.rights import comment_for
from directfanz.domains.creators.service import blocking
from directfanz.http.caller import Caller


async def to_post(backends: Backends, caller: Caller, post_id: UUID, kind: Reaction | None) -> Felt:
    """None takes it back. Twice is as good as once."""
    user_id = caller.require_user()
    place = await rights.require_open(backends, caller, post_id)

    async def work(tx: Writer) -> Felt:
        if kind is not None:
            await blocking.require_together(tx, user_id, place.creator.id)
        await _set(backends, tx, user_id, post_id, None, kind)
        return (await felt(tx, caller, [post_id]))[post_id]

    return await backends.database.run(work)


async def to_comment(backends: Backends, caller: Caller, comment_id: UUID, kind: Reaction | None) -> Felt:
    user_id, found = caller.require_user(), await find(backends, comment_id)
    place = await rights.require_open(backends, caller, found.post_id)

    async def work(tx: Writer) -> Felt:
        seen = await comment_for(tx, place, caller, comment_id)
        if kind is not None:
            await blocking.require_together(tx, user_id, place.creator.id)
            await blocks.require_together(tx, user_id, seen.author_id)
        await _set(backends, tx, user_id, found.post_id, comment_id, kind)
        counts = await reactions.counts_of_comments(tx, [comment_id])
        mine = await reactions.mine_on_comments(tx, user_id, [comment_id])
        return Felt(counts=counts[comment_id], mine=mine.get(comment_id))

    return await backends.database.run(work)


async def felt(reader: Reader, caller: Caller, post_ids: Sequence[UUID]) -> dict[UUID, Felt]:
    """For a page of posts: two questions."""
    counts = await reactions.counts_of_posts(reader, post_ids)
    mine = await reactions.mine_on_posts(reader, caller.user_id, post_ids) if caller.user_id else {}
    return {each: Felt(counts=_kinds(counts[each]), mine=mine.get(each)) for each in post_ids}


async def counts_of(reader: Reader, post_ids: Sequence[UUID]) -> dict[UUID, Counts]:
    """For cards of posts: one question."""
    found = await reactions.counts_of_posts(reader, post_ids)
    return {each: Counts(comments=counts.get(COMMENTS, 0), reactions=_kinds(counts)) for each, counts in found.items()}


def _kinds(counts: dict[str, int]) -> dict[Reaction, int]:
    return {cast(Reaction, what): count for what, count in counts.items() if what != COMMENTS}


async def _set(
    backends: Backends, tx: Writer, user_id: UUID, post_id: UUID, comment_id: UUID | None, kind: Reaction | None
) -> None:
    if kind is None:
        before = await reactions.remove_mine(tx, user_id, post_id, comment_id)
        await reactions.add(tx, post_id, comment_id, {before: -1} if before else {})
        return
    before = await reactions.set_mine(tx, user_id, post_id, comment_id, kind, backends.clock.now())
    if before != kind:
        changes: dict[str, int] = {kind: 1}
        await reactions.add(tx, post_id, comment_id, changes | ({before: -1} if before else {}))
