"""Posts, as the rest of the code sees them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from directfanz.domains.entitlements.models import Access, Decision, Need
from directfanz.kit.money import Money

State = Literal["draft", "published", "removed"]
# Which state may follow which.
TRANSITIONS: dict[State, frozenset[State]] = {
    "draft": frozenset({"published", "removed"}),
    "published": frozenset({"draft", "removed"}),
    "removed": frozenset({"draft"}),
}
LONGEST_TITLE, LONGEST_TEASER, LONGEST_BODY = 140, 400, 50_000
# So long a removed post can be fetched back.
REMOVED_KEPT = timedelta(days=30)
POSTS_PER_PAGE = 20_000


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `posts`. `price` is in minor units of `currency`."""

    id: UUID
    creator_id: UUID
    author_id: UUID | None
    title: str
    teaser: str
    body: str
    access: Access
    min_rank: int | None
    price: int | None
    currency: str
    state: State
    revision: int
    published_at: datetime | None
    removed_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def need(self) -> Need:
        return Need(creator_id=self.creator_id, access=self.access, min_rank=self.min_rank, object_id=self.id)

    @property
    def cost(self) -> Money | None:
        return None if self.price is None else Money(self.price, self.currency)


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A post as one person finds it: without its body where they may not read it. `teaser` is the author's, or the first words."""

    post: Post
    decision: Decision
    teaser: str

    @property
    def open(self) -> bool:
        return self.decision.allowed
