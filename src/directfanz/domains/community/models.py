"""Comments, reactions and blocks, as the rest of the code sees them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal, get_args
from uuid import UUID

import msgspec

from directfanz.domains.accounts.models import Person

State = Literal["visible", "held", "removed"]
HeldFor = Literal["policy", "word", "links", "reports"]
Reaction = Literal["heart", "fire", "clap", "laugh", "wow"]
REACTIONS: tuple[Reaction, ...] = get_args(Reaction)
LONGEST_COMMENT = 2000
# A thread goes so deep; an answer to the deepest stands beside it.
DEEPEST = 5
EDIT_WINDOW = timedelta(minutes=15)
# So many different people who report a comment have it held until the team looks.
REPORTS_HOLD = 3
REPLIES_SHOWN = 3
MOST_WORDS, LONGEST_WORD = 500, 60


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `comments`."""

    id: UUID
    post_id: UUID
    creator_id: UUID
    author_id: UUID | None
    parent_id: UUID | None
    root_id: UUID
    path: bytes
    body: str
    state: State
    held_for: HeldFor | None
    removed_by: Literal["author", "team"] | None
    by_team: bool
    hearted_at: datetime | None
    pinned: bool
    edited_at: datetime | None
    created_at: datetime

    @property
    def depth(self) -> int:
        return len(self.path) // 16 - 1

    def may_be_edited(self, now: datetime) -> bool:
        return self.state != "removed" and now < self.created_at + EDIT_WINDOW


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    words: list[str] = []
    hold_links: bool = False


class Felt(msgspec.Struct, frozen=True, kw_only=True):
    """Reactions to something, and the reader's own."""

    counts: Mapping[Reaction, int] = {}
    mine: Reaction | None = None

    @property
    def total(self) -> int:
        return sum(self.counts.values())


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A comment as one person finds it. Without an author it is of somebody who is gone; without a body it was removed."""

    comment: Comment
    author: Person | None
    felt: Felt
    mine: bool
    replies: list[Said] = []
    # How many more answers there are than are here.
    more: int = 0


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    comments: int = 0
    reactions: Mapping[Reaction, int] = {}
