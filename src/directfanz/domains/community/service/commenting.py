"""Saying something under a post, mending it, and taking it back."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.community.errors import CommentsClosed, TooLateToEdit
from directfanz.domains.community.models import DEEPEST, LONGEST_COMMENT, REPORTS_HOLD, Comment
from directfanz.domains.community.policy import held_for
from directfanz.domains.community.repository import comments
from directfanz.domains.community.repository.reactions import COMMENTS, add
from directfanz.domains.community.service import blocks, rights, telling
from directfanz.domains.community.service.rights import Place, comment_for, no_such_comment
from directfanz.http.caller import Caller
from directfanz.http.shown import one_line, some_lines
from directfanz.kit.ids import new_id


async def write(backends: Backends, caller: Caller, post_id: UUID, body: str, parent_id: UUID | None = None) -> Comment:
    """Seen at once, or held until the team has looked, as the post and the page's rules say."""
    user_id, words = caller.require_user(), some_lines(body, "body", LONGEST_COMMENT, 1)
    place = await rights.require_open(backends, caller, post_id)
    if place.why_not is not None:
        raise CommentsClosed(place.why_not)
    async with backends.database.writing() as tx:
        parent = await _answered(tx, caller, place, parent_id)
        said = await _new(backends, tx, place, user_id, words, parent)
        await comments.insert(tx, said)
        await appeared(backends, tx, place, said, parent)
    return said


async def change(backends: Backends, caller: Caller, comment_id: UUID, body: str) -> Comment:
    """For a while after it was written. What it says now is looked at as if it were new."""
    words, now = some_lines(body, "body", LONGEST_COMMENT, 1), backends.clock.now()
    place = await _place_of(backends, caller, comment_id)
    async with backends.database.writing() as tx:
        old = await _own(tx, caller, comment_id)
        if not old.may_be_edited(now):
            raise TooLateToEdit("A comment can be mended for fifteen minutes. Take it back and write another one.")
        if old.body == words:
            return old
        rules = await comments.rules(tx, old.creator_id)
        wait = None if old.by_team else held_for(words, place.post.comments, rules)
        # What the team let through for its words waits again only for what is new in them.
        wait = old.held_for if wait is None and old.state == "held" and old.held_for in ("policy", "reports") else wait
        new = msgspec.structs.replace(
            old, body=words, edited_at=now, state="held" if wait else "visible", held_for=wait,
            pinned=old.pinned and not wait,
        )  # fmt: skip
        await becomes(backends, tx, place, old, new)
    return new


async def take_back(backends: Backends, caller: Caller, comment_id: UUID) -> None:
    """Its words are gone at once and for good; where others answered, a gap stays. May be done again."""
    place = await _place_of(backends, caller, comment_id)
    async with backends.database.writing() as tx:
        old = await _own(tx, caller, comment_id)
        if old.state == "removed" and old.removed_by == "author":
            return
        new = msgspec.structs.replace(
            old, body="", state="removed", removed_by="author", held_for=None, pinned=False, hearted_at=None
        )
        await becomes(backends, tx, place, old, new)


async def report(backends: Backends, caller: Caller, comment_id: UUID, reason: str) -> None:
    """Three different people, and it waits until the team has looked."""
    user_id, said = caller.require_user(), one_line(reason, "reason", 500, 1)
    found = await find(backends, comment_id)
    place = await rights.require_open(backends, caller, found.post_id)
    async with backends.database.writing() as tx:
        await comment_for(tx, place, caller, comment_id)
        old = await comments.lock(tx, comment_id)
        if old is None or old.author_id == user_id or old.by_team:
            return
        count = await comments.report(tx, comment_id, user_id, said, backends.clock.now())
        if count >= REPORTS_HOLD and old.state == "visible":
            new = msgspec.structs.replace(old, state="held", held_for="reports", pinned=False)
            await becomes(backends, tx, place, old, new)


async def find(backends: Backends, comment_id: UUID) -> Comment:
    async with backends.database.writing() as tx:
        found = await comments.find(tx, comment_id)
    if found is None:
        raise no_such_comment()
    return found


async def appeared(backends: Backends, tx: Writer, place: Place, said: Comment, parent: Comment | None) -> None:
    """It is counted and told of when it can be seen; the team is told when it waits."""
    if said.state == "visible":
        await add(tx, said.post_id, None, {COMMENTS: 1})
        await telling.said(backends, tx, place.creator, place.post, said, parent)
    elif said.state == "held":
        await telling.held(backends, tx, place.creator, place.post, said)


async def becomes(backends: Backends, tx: Writer, place: Place, old: Comment, new: Comment) -> None:
    await comments.update(tx, old, new)
    if old.state == "visible" and new.state != "visible":
        await add(tx, old.post_id, None, {COMMENTS: -1})
    if old.state != "visible" and new.state == "visible":
        await add(tx, old.post_id, None, {COMMENTS: 1})
    if new.state == "held" and old.state != "held":
        await telling.held(backends, tx, place.creator, place.post, new)


async def _answered(tx: Writer, caller: Caller, place: Place, parent_id: UUID | None) -> Comment | None:
    if parent_id is None:
        return None
    parent = await comment_for(tx, place, caller, parent_id)
    if parent.post_id != place.post.id or parent.state != "visible":
        raise no_such_comment()
    if not place.team:
        await blocks.require_together(tx, caller.require_user(), parent.author_id)
    return parent


async def _new(
    backends: Backends, tx: Writer, place: Place, user_id: UUID, words: str, parent: Comment | None
) -> Comment:
    """Below what it answers; below the deepest nothing can be, so it stands beside that."""
    name = new_id()
    under = parent
    if parent is not None and parent.depth >= DEEPEST - 1:
        under = await comments.find(tx, parent.parent_id) if parent.parent_id else parent
    wait = None if place.team else held_for(words, place.post.comments, await comments.rules(tx, place.creator.id))
    return Comment(
        id=name, post_id=place.post.id, creator_id=place.creator.id, author_id=user_id,
        parent_id=under.id if under else None, root_id=under.root_id if under else name,
        path=(under.path if under else b"") + name.bytes, body=words, state="held" if wait else "visible", held_for=wait,
        removed_by=None, by_team=place.team, hearted_at=None, pinned=False, edited_at=None, created_at=backends.clock.now(),
    )  # fmt: skip


async def _place_of(backends: Backends, caller: Caller, comment_id: UUID) -> Place:
    return await rights.place_of(backends, caller, (await find(backends, comment_id)).post_id)


async def _own(tx: Writer, caller: Caller, comment_id: UUID) -> Comment:
    found = await comments.lock(tx, comment_id)
    if found is None or found.author_id != caller.require_user():
        raise no_such_comment()
    return found
