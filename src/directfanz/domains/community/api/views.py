"""What the API shows of comments and reactions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import PathParameter
from msgspec import Meta

from directfanz.domains.community.models import LONGEST_COMMENT, HeldFor, Reaction, Said, State
from directfanz.http.caller import require_scope
from directfanz.http.validation import Input

TAG = ["Community"]
READ, WRITE = require_scope("community:read"), require_scope("community:write")
Slug = Annotated[str, PathParameter(max_length=64, description="The address of the page, of today or of before.")]
Handle = Annotated[str, PathParameter(max_length=64, description="Whose; with or without the @.")]


class CommentAsk(Input, frozen=True, kw_only=True):
    body: Annotated[str, Meta(min_length=1, max_length=LONGEST_COMMENT * 2, description="Plain words; lines are kept.")]
    reply_to: UUID | None = None


class CommentChange(Input, frozen=True, kw_only=True):
    body: Annotated[str, Meta(min_length=1, max_length=LONGEST_COMMENT * 2)]


class ReactionAsk(Input, frozen=True, kw_only=True):
    kind: Reaction


class ReportAsk(Input, frozen=True, kw_only=True):
    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class FeltView(msgspec.Struct, frozen=True, kw_only=True):
    """How many reacted with what, and with what you did."""

    counts: dict[Reaction, int]
    mine: Reaction | None


class AuthorView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    handle: str
    name: str
    avatar: str | None


class CommentView(msgspec.Struct, frozen=True, kw_only=True):
    """`author` is null for somebody who is gone, `body` for what was removed. `replies` are the first ones; `more` says how many more
    there are. `state` is `held` only for its author and the team."""

    id: UUID
    post_id: UUID
    reply_to: UUID | None
    depth: int
    author: AuthorView | None
    body: str | None
    state: State
    held_for: HeldFor | None
    by_team: bool
    hearted: bool
    pinned: bool
    created_at: datetime
    edited_at: datetime | None
    reactions: FeltView
    replies: list[CommentView]
    more: int


def comment_view(said: Said, *, team: bool = False) -> CommentView:
    row, author = said.comment, said.author
    gone = row.state == "removed" and not team
    return CommentView(
        id=row.id, post_id=row.post_id, reply_to=row.parent_id, depth=row.depth,
        author=None if author is None or gone else AuthorView(
            id=author.id, handle=author.handle, name=author.display_name, avatar=author.avatar
        ),
        body=None if gone else row.body, state=row.state, held_for=row.held_for if team else None, by_team=row.by_team,
        hearted=row.hearted_at is not None, pinned=row.pinned, created_at=row.created_at, edited_at=row.edited_at,
        reactions=FeltView(counts=dict(said.felt.counts), mine=said.felt.mine),
        replies=[comment_view(each, team=team) for each in said.replies], more=said.more,
    )  # fmt: skip
