"""What was said under a post, as one person finds it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader
from directfanz.domains.accounts.service.contacts import people_of
from directfanz.domains.community.models import REPLIES_SHOWN, Comment, Felt, Said
from directfanz.domains.community.repository import comments, reactions
from directfanz.domains.community.service.rights import Place, comment_for
from directfanz.http.caller import Caller


async def newest(
    backends: Backends, caller: Caller, place: Place, before: UUID | None, limit: int
) -> tuple[list[Said], list[Said]]:
    """The pinned one (on the first page) and what began a thread, the newest first, each with the first answers. Those may read it who
    may read the post."""
    if not place.open:
        return [], []
    async with backends.database.writing() as tx:  # the primary: what was said a moment ago is there
        first = [] if before else await comments.pinned(tx, caller.user_id, place.team, place.post.id)
        rows = await comments.first_ones(tx, caller.user_id, place.team, place.post.id, before, limit)
        said = await _with_answers(tx, caller, place, [*first, *rows])
    return said[: len(first)], said[len(first) :]


async def thread(
    backends: Backends, caller: Caller, place: Place, comment_id: UUID, after: bytes, limit: int
) -> list[Said]:
    """The answers of the thread that a comment is in, as the conversation went, each with its depth."""
    async with backends.database.writing() as tx:
        asked = await comment_for(tx, place, caller, comment_id)
        rows = await comments.replies(tx, caller.user_id, place.team, [asked.root_id], limit, after)
        return await _dressed(tx, caller, rows)


async def one(backends: Backends, caller: Caller, place: Place, comment_id: UUID) -> Said:
    """For a link to it: the beginning of its thread, with all answers up to a page."""
    async with backends.database.writing() as tx:
        asked = await comment_for(tx, place, caller, comment_id)
        root = await comment_for(tx, place, caller, asked.root_id)
        return (await _with_answers(tx, caller, place, [root], 100))[0]


async def as_said(backends: Backends, caller: Caller, comment: Comment) -> Said:
    async with backends.database.writing() as tx:
        return (await _dressed(tx, caller, [comment]))[0]


async def _with_answers(
    tx: Reader, caller: Caller, place: Place, roots: Sequence[Comment], most: int = REPLIES_SHOWN
) -> list[Said]:
    names = [each.id for each in roots]
    answers = await comments.replies(tx, caller.user_id, place.team, names, most) if roots else []
    counts = await comments.count_replies(tx, caller.user_id, place.team, names) if answers else {}
    dressed = await _dressed(tx, caller, [*roots, *answers])
    under: dict[UUID, list[Said]] = {name: [] for name in names}
    for each in dressed[len(roots) :]:
        under[each.comment.root_id].append(each)
    return [
        Said(
            comment=each.comment, author=each.author, felt=each.felt, mine=each.mine, replies=under[each.comment.id],
            more=counts.get(each.comment.id, 0) - len(under[each.comment.id]),
        )
        for each in dressed[: len(roots)]
    ]  # fmt: skip


async def _dressed(tx: Reader, caller: Caller, rows: Sequence[Comment]) -> list[Said]:
    names = [row.id for row in rows]
    people = await people_of(tx, sorted({row.author_id for row in rows if row.author_id})) if rows else {}
    counts = await reactions.counts_of_comments(tx, names) if rows else {}
    mine = await reactions.mine_on_comments(tx, caller.user_id, names) if rows and caller.user_id else {}
    return [
        Said(
            comment=row, author=people.get(row.author_id) if row.author_id else None,
            mine=caller.user_id is not None and row.author_id == caller.user_id,
            felt=Felt(counts=counts.get(row.id, {}), mine=mine.get(row.id)),
        )
        for row in rows
    ]  # fmt: skip
