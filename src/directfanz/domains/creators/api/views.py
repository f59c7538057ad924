"""A page as programs see it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar.params import PathParameter
from msgspec import Meta

from directfanz.domains.creators.models import Creator, Link, State, TeamRole
from directfanz.http.caller import require_scope

TAG, TEAM_TAG = ["Creators"], ["Teams"]
READ, WRITE = require_scope("creators:read"), require_scope("creators:write")
Slug = Annotated[str, PathParameter(max_length=64, description="The address of the page, of today or of before.")]
Text = Annotated[str, Meta(max_length=1000)]


class CreatorView(msgspec.Struct, frozen=True, kw_only=True):
    """What anybody may see. `avatar` and `banner` are addresses."""

    id: UUID
    slug: str
    name: str
    tagline: str
    about: str
    accent: str
    avatar: str | None
    banner: str | None
    currency: str
    published_at: datetime | None


class CreatorPage(CreatorView, frozen=True, kw_only=True):
    links: list[Link]
    followers: int


class OwnCreator(CreatorView, frozen=True, kw_only=True):
    """What the team sees besides."""

    country: str
    state: State
    state_reason: str | None
    can_be_paid: bool
    your_role: TeamRole


def view_of(creator: Creator) -> CreatorView:
    return CreatorView(**_shown(creator))


def page_of(creator: Creator, links: list[Link], followers: int) -> CreatorPage:
    return CreatorPage(links=links, followers=followers, **_shown(creator))


def own_of(creator: Creator, role: TeamRole) -> OwnCreator:
    return OwnCreator(
        country=creator.country, state=creator.state, state_reason=creator.state_reason,
        can_be_paid=creator.can_be_paid, your_role=role, **_shown(creator),
    )  # fmt: skip


def _shown(creator: Creator) -> dict[str, Any]:
    shown = {name: getattr(creator, name) for name in CreatorView.__struct_fields__}
    return {**shown, "avatar": creator.avatar_url, "banner": creator.banner_url}
