from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from directfanz.domains.content.models import Reading
from directfanz.domains.content.service.covers import Cover
from directfanz.domains.creators.models import Creator

Because = Literal["member", "follower", "team", "popular", "alike", "fresh"]
Wish = Literal["mute", "less"]
Length = Literal["short", "medium", "long"]
Media = Literal["video", "audio", "image", "document"]


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Why somebody sees a post, for them to read. `suggested` is what they did not ask for."""

    because: Because
    words: str
    suggested: bool = False


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A post in a list, as far as the person may see it."""

    reading: Reading
    creator: Creator
    tags: list[str]
    why: Why
    cover: Cover | None = None


class Sources(msgspec.Struct, frozen=True, kw_only=True):
    """The pages whose posts somebody wants: of which they are a member (with their tier), and which they follow."""

    tiers: dict[UUID, str]
    ranks: dict[UUID, int]
    followed: frozenset[UUID]
    teams: frozenset[UUID]
    bought: frozenset[UUID]
    muted: frozenset[UUID] = frozenset()
    less: frozenset[UUID] = frozenset()

    @property
    def pages(self) -> list[UUID]:
        return sorted((self.tiers.keys() | self.followed | self.teams) - self.muted)


class Suggested(msgspec.Struct, frozen=True, kw_only=True):
    """A page that somebody might like. `shared` is a tag it has in common with pages they chose."""

    creator_id: UUID
    shared: str | None


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What a search is narrowed to; nothing of it is a secret."""

    kind: str | None = None
    access: Literal["free", "mine"] | None = None
    since: datetime | None = None
    until: datetime | None = None
    media: Media | None = None
    length: Length | None = None
    tag: str | None = None
    creator_id: UUID | None = None


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """A place among the results: first what has the words in its title or tags, then the rest; each newest first."""

    tier: int
    shown_at: datetime
    post_id: UUID


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """`title` and `text` hold marks around what was found: U+E000 before, U+E001 after."""

    card: Card
    title: str
    text: str


class TagCount(msgspec.Struct, frozen=True, kw_only=True):
    tag: str
    posts: int


class MemberFeed(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `member_feeds`."""

    id: UUID
    user_id: UUID
    creator_id: UUID
    created_at: datetime
    read_at: datetime | None
    revoked_at: datetime | None


class PodcastFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `podcasts`: what directories ask of a page beside its posts. `category` is "Arts" or "Arts: Design"."""

    category: str = ""
    language: str = "en"
    explicit: bool = False
    email: str = ""
    cover: str | None = None
    side: int | None = None

    @property
    def cover_url(self) -> str | None:
        return f"/public/{cover_key(self.cover)}" if self.cover else None


def cover_key(name: str) -> str:
    """In the bucket `public`."""
    return f"podcasts/{name}.jpg"
