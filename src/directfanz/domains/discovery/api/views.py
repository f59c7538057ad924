"""What programs are told of posts in lists."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from directfanz.domains.content.models import ContentWarning, Kind, Reading
from directfanz.domains.creators.models import Creator
from directfanz.domains.discovery.models import Card, Result, TagCount, Why, Wish
from directfanz.domains.entitlements.models import Access, Decision


class ListedPost(msgspec.Struct, frozen=True, kw_only=True):
    """Without its body: that is one address further. `access_now` says whether the caller may read it, and why."""

    id: UUID
    kind: Kind
    title: str
    teaser: str
    access: Access
    min_rank: int | None
    price: int | None
    currency: str
    warnings: list[ContentWarning]
    published_at: datetime | None
    access_now: Decision


class CreatorView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    slug: str
    name: str
    tagline: str
    avatar_url: str | None


class CardView(msgspec.Struct, frozen=True, kw_only=True):
    post: ListedPost
    creator: CreatorView
    tags: list[str]
    why: Why


class ResultView(msgspec.Struct, frozen=True, kw_only=True):
    """What was found stands between U+E000 and U+E001 in `title` and `text`."""

    post: ListedPost
    creator: CreatorView
    tags: list[str]
    why: Why
    title: str
    text: str


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """`creators` and `tags` come with the first page. `instead` is what was searched for when nothing was found as typed."""

    items: list[ResultView]
    next: str | None
    creators: list[CreatorView]
    tags: list[TagCount]
    instead: str | None


class WishAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    wish: Annotated[Wish, Meta(description="`less`: do not suggest it. `mute`: nothing of this page in the feed.")]


def listed(found: Reading) -> ListedPost:
    post = found.post
    return ListedPost(
        id=post.id, kind=post.kind, title=post.title, teaser=found.teaser, access=post.access, min_rank=post.min_rank,
        price=post.price, currency=post.currency, warnings=post.warnings, published_at=post.publish_at,
        access_now=found.decision,
    )  # fmt: skip


def creator_view(creator: Creator) -> CreatorView:
    return CreatorView(
        id=creator.id, slug=creator.slug, name=creator.name, tagline=creator.tagline, avatar_url=creator.avatar_url
    )


def card_view(card: Card) -> CardView:
    return CardView(post=listed(card.reading), creator=creator_view(card.creator), tags=card.tags, why=card.why)


def result_view(result: Result) -> ResultView:
    card = result.card
    return ResultView(
        post=listed(card.reading), creator=creator_view(card.creator), tags=card.tags, why=card.why, title=result.title,
        text=result.text,
    )  # fmt: skip
