"""A creator's page and its team, as the rest of the code sees them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

State = Literal["draft", "published", "suspended", "closed"]
TeamRole = Literal["owner", "admin", "editor", "moderator", "analyst"]
Right = Literal["page", "posts", "tiers", "members", "money", "payouts", "team", "moderate", "figures"]

# Which state may follow which. `closed` is for good: its owner left the platform.
TRANSITIONS: dict[State, frozenset[State]] = {
    "draft": frozenset({"published", "suspended", "closed"}),
    "published": frozenset({"draft", "suspended", "closed"}),
    "suspended": frozenset({"draft", "published", "closed"}),
    "closed": frozenset(),
}
TEAM_ROLES: tuple[TeamRole, ...] = ("owner", "admin", "editor", "moderator", "analyst")
BlockedBy = Literal["page", "person"]
PLATFORM_FEE_BPS = 1000
PAGES_PER_OWNER = 3
SLUGS_PER_PAGE = 8
MOST_LINKS = 12
MOST_IN_TEAM = 50
MOST_INVITATIONS_OPEN = 20
INVITATION_LIVES = timedelta(days=7)
HANDOVER_LIVES = timedelta(days=7)

AVATAR_SIZES = ((512, 512), (256, 256), (128, 128))
BANNER_SIZES = ((1600, 533), (960, 320))


def picture_key(kind: Literal["avatar", "banner"], name: str, width: int) -> str:
    """In the bucket `public`."""
    return f"creators/{kind}/{name}/{width}.webp"


def picture_url(kind: Literal["avatar", "banner"], name: str | None, width: int) -> str | None:
    """The name tells the content, so the edge keeps it for ever."""
    return f"/public/{picture_key(kind, name, width)}" if name else None


class Creator(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `creators`."""

    id: UUID
    slug: str
    name: str
    tagline: str
    about: str
    accent: str
    avatar: str | None
    banner: str | None
    currency: str
    country: str
    state: State
    state_reason: str | None
    published_at: datetime | None
    fee_bps: int | None
    hold_days: int
    account: str | None
    can_be_paid: bool
    account_missing: list[str]
    created_at: datetime
    updated_at: datetime

    @property
    def is_public(self) -> bool:
        """Others than its team may see it, join it and follow it."""
        return self.state == "published"

    @property
    def path(self) -> str:
        return f"/c/{self.slug}"

    @property
    def avatar_url(self) -> str | None:
        return picture_url("avatar", self.avatar, 256)

    @property
    def banner_url(self) -> str | None:
        return picture_url("banner", self.banner, 1600)

    def fee_bps_or(self, default: int) -> int:
        return default if self.fee_bps is None else self.fee_bps


class Link(msgspec.Struct, frozen=True, kw_only=True):
    label: str
    url: str


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of a team. `avatar` is an address."""

    user_id: UUID
    role: TeamRole
    handle: str
    name: str
    avatar: str | None
    since: datetime


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    creator_id: UUID
    email: str
    role: TeamRole
    invited_by: UUID | None
    created_at: datetime
    expires_at: datetime
    answered_at: datetime | None


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    creator_id: UUID
    user_id: UUID
    offered_at: datetime
    expires_at: datetime


class PageBlock(msgspec.Struct, frozen=True):
    """A page and a person who are kept apart, by one of them."""

    creator_id: UUID
    user_id: UUID
    by: BlockedBy
    reason: str
    since: datetime
