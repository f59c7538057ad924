"""Posts, as the rest of the code sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec

from directfanz.domains.entitlements.models import Access, Decision, Need
from directfanz.domains.media.models import Asset
from directfanz.domains.media.models import Kind as AssetKind
from directfanz.kit.money import Money

State = Literal["draft", "published", "removed"]
# What a team sees: a published post is scheduled until its moment has come.
Stage = Literal["draft", "scheduled", "visible", "removed"]
Kind = Literal["post", "release"]
CommentsPolicy = Literal["open", "members", "hold", "closed"]
ContentWarning = Literal["nudity", "sex", "violence", "self_harm", "drugs", "flashing", "language", "other"]
# Which state may follow which.
TRANSITIONS: dict[State, frozenset[State]] = {
    "draft": frozenset({"published", "removed"}),
    "published": frozenset({"draft", "removed"}),
    "removed": frozenset({"draft"}),
}
LONGEST_TITLE, LONGEST_TEASER, LONGEST_BODY, LONGEST_CAPTION = 140, 400, 50_000, 500
MOST_DRIP_DAYS = 730
MOST_PINNED = 3
MOST_ASSETS = 60
# A post can be planned so far ahead; a year mistyped is more likely than one meant.
FURTHEST_AHEAD = timedelta(days=366)
# So long a removed post can be fetched back.
REMOVED_KEPT = timedelta(days=30)
POSTS_PER_PAGE = 20_000


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `posts`. `price` is in minor units of `currency`."""

    id: UUID
    creator_id: UUID
    author_id: UUID | None
    kind: Kind = "post"
    title: str
    teaser: str
    body: str
    access: Access
    min_rank: int | None
    price: int | None
    currency: str
    drip_days: int = 0
    ticket_id: UUID | None = None  # of a recording: who bought the stream has bought it
    warnings: list[ContentWarning] = []
    comments: CommentsPolicy = "open"
    state: State
    revision: int
    publish_at: datetime | None
    announced_at: datetime | None = None
    pinned_at: datetime | None = None
    edited_at: datetime | None = None
    removed_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def need(self) -> Need:
        return Need(
            creator_id=self.creator_id, access=self.access, min_rank=self.min_rank, object_id=self.id,
            ticket_id=self.ticket_id, drip_days=self.drip_days,
        )  # fmt: skip

    @property
    def cost(self) -> Money | None:
        return None if self.price is None else Money(self.price, self.currency)

    def visible(self, now: datetime) -> bool:
        """By the clock: whoever may see it sees it from its moment on."""
        return self.state == "published" and self.publish_at is not None and self.publish_at <= now

    def stage(self, now: datetime) -> Stage:
        if self.state != "published":
            return self.state
        return "visible" if self.visible(now) else "scheduled"


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file that an author puts to a post. `alt` says what it shows, for those who do not see it."""

    asset_id: UUID
    caption: str = ""
    alt: str = ""


class PostAsset(msgspec.Struct, frozen=True, kw_only=True):
    asset: Asset
    caption: str
    alt: str


class Locked(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of the files of a post to who may not see them: how many of what kind, and the colours of the first picture."""

    kinds: Mapping[AssetKind, int] = {}
    preview: Mapping[str, Any] | None = None


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A post as one person finds it: without its body and files where they may not read it. `teaser` is the author's, or the first
    words."""

    post: Post
    decision: Decision
    teaser: str
    assets: Sequence[PostAsset] = ()
    locked: Locked | None = None

    @property
    def open(self) -> bool:
        return self.decision.allowed


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """What a post said once. `by_user` is None for somebody who is gone."""

    post_id: UUID
    revision: int
    at: datetime
    by_user: UUID | None
    words: Words


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What readers notice when it changes."""

    title: str
    teaser: str
    body: str
    access: Access
    min_rank: int | None = None
    price: int | None = None


def words_of(post: Post) -> Words:
    return Words(**{name: getattr(post, name) for name in Words.__struct_fields__})


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """A series: posts of one page in their order. `access` is to the list; each post in it keeps its own."""

    id: UUID
    creator_id: UUID
    title: str
    about: str
    access: Access
    min_rank: int | None
    published: bool
    created_at: datetime
    updated_at: datetime

    @property
    def need(self) -> Need:
        return Need(creator_id=self.creator_id, access=self.access, min_rank=self.min_rank, object_id=self.id)


class Playlist(msgspec.Struct, frozen=True, kw_only=True):
    """What a person puts together of what they may see. Who looks at a shared one sees what they may see themselves."""

    id: UUID
    user_id: UUID
    title: str
    shared: bool
    created_at: datetime
    updated_at: datetime
