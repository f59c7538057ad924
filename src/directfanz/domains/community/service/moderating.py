"""What the team does with what is said on its page."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.accounts.service.contacts import people_of
from directfanz.domains.audit import service as audit
from directfanz.domains.community.errors import NoSuchComment, NotModerator
from directfanz.domains.community.models import Comment, Felt, Rules, Said, State
from directfanz.domains.community.policy import checked_words
from directfanz.domains.community.repository import comments
from directfanz.domains.community.service import rights, telling
from directfanz.domains.community.service.commenting import appeared, becomes, find
from directfanz.domains.community.service.rights import Place, no_such_comment
from directfanz.domains.content.service import titles
from directfanz.domains.creators.service import team
from directfanz.errors import Conflict
from directfanz.http.caller import Caller


class Queued(msgspec.Struct, frozen=True, kw_only=True):
    said: Said
    title: str


async def queue(
    backends: Backends, caller: Caller, creator_id: UUID, state: State, before: UUID | None, limit: int
) -> list[Queued]:
    """Across all posts of a page, the newest first."""
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "moderate")
        rows = await comments.of_team(tx, creator_id, state, before, limit)
        people = await people_of(tx, [each.author_id for each in rows if each.author_id])
        named = await titles.of(tx, [each.post_id for each in rows])
    return [
        Queued(
            said=Said(comment=row, author=people.get(row.author_id) if row.author_id else None, felt=Felt(), mine=False),
            title=named.get(row.post_id, ""),
        )
        for row in rows
    ]  # fmt: skip


async def held_count(backends: Backends, creator_id: UUID) -> int:
    return await comments.count_held(backends.database, creator_id)


async def approve(backends: Backends, caller: Caller, comment_id: UUID) -> Comment:
    """It is seen, counted and told of; also what the team had removed. May be done again."""
    place = await _moderated(backends, caller, comment_id)
    async with backends.database.writing() as tx:
        old = await _locked(tx, comment_id)
        if old.state == "visible":
            return old
        if old.removed_by == "author":
            raise Conflict("Its author took it back.")
        new = msgspec.structs.replace(old, state="visible", held_for=None, removed_by=None)
        await comments.update(tx, old, new)
        await comments.forget_reports(tx, comment_id)
        parent = await comments.find(tx, old.parent_id) if old.parent_id else None
        await appeared(backends, tx, place, new, parent)
    return new


async def remove(backends: Backends, caller: Caller, comment_id: UUID) -> Comment:
    """It can be let back in. May be done again."""
    place = await _moderated(backends, caller, comment_id)
    async with backends.database.writing() as tx:
        old = await _locked(tx, comment_id)
        if old.state == "removed":
            return old
        new = msgspec.structs.replace(old, state="removed", removed_by="team", held_for=None, pinned=False)
        await becomes(backends, tx, place, old, new)
        await audit.record(
            tx, actor=caller.user_id, action="community.comment_removed", target=place.creator.id, comment=str(comment_id)
        )  # fmt: skip
    return new


async def heart(backends: Backends, caller: Caller, comment_id: UUID, hearted: bool) -> Comment:
    """The page's own sign of liking; its author is told once."""
    place = await _moderated(backends, caller, comment_id)
    async with backends.database.writing() as tx:
        old = await _seen(tx, comment_id)
        if bool(old.hearted_at) == hearted:
            return old
        new = msgspec.structs.replace(old, hearted_at=backends.clock.now() if hearted else None)
        await comments.update(tx, old, new)
        if hearted and not old.by_team:
            await telling.hearted(backends, tx, place.creator, place.post, new)
    return new


async def pin(backends: Backends, caller: Caller, comment_id: UUID, pinned: bool) -> Comment:
    """One per post, which stands first; the one before makes place."""
    await _moderated(backends, caller, comment_id)
    async with backends.database.writing() as tx:
        old = await _seen(tx, comment_id)
        if pinned and old.parent_id is not None:
            raise Conflict("Only what begins a thread is pinned, not an answer.")
        if old.pinned == pinned:
            return old
        await comments.unpin_others(tx, old.post_id)
        new = msgspec.structs.replace(old, pinned=pinned)
        await comments.update(tx, old, new)
    return new


async def rules_of(backends: Backends, caller: Caller, creator_id: UUID) -> Rules:
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "moderate")
        return await comments.rules(tx, creator_id)


async def set_rules(backends: Backends, caller: Caller, creator_id: UUID, wanted: Rules) -> Rules:
    """For what is said from now on."""
    fine = Rules(words=checked_words(wanted.words), hold_links=wanted.hold_links)
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "moderate")
        await comments.set_rules(tx, creator_id, fine)
        await audit.record(
            tx, actor=caller.user_id, action="community.rules_changed", target=creator_id, words=len(fine.words)
        )
    return fine


async def _moderated(backends: Backends, caller: Caller, comment_id: UUID) -> Place:
    found = await find(backends, comment_id)
    place = await rights.place_of(backends, caller, found.post_id)
    if not place.moderates:
        raise NotModerator("It takes the role moderator, editor, admin or owner.") if place.team else no_such_comment()
    return place


async def _locked(tx: Writer, comment_id: UUID) -> Comment:
    found = await comments.lock(tx, comment_id)
    if found is None:
        raise no_such_comment()
    return found


async def _seen(tx: Writer, comment_id: UUID) -> Comment:
    found = await _locked(tx, comment_id)
    if found.state != "visible":
        raise NoSuchComment("This comment cannot be seen. Let it in first.")
    return found
