"""A creator's page as somebody finds it: with its own eyes, or, for the team, with those of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from directfanz.backends import Backends
from directfanz.domains.content.models import Reading
from directfanz.domains.content.policy import as_if
from directfanz.domains.content.service import reading
from directfanz.domains.creators.models import Creator, TeamRole
from directfanz.domains.creators.service import blocking, following, lookup, team
from directfanz.domains.memberships.models import Membership
from directfanz.domains.memberships.service import mine, tiers
from directfanz.domains.memberships.service.tiers import OpenTier
from directfanz.http.caller import Caller

Kind = Literal["team", "member", "follower", "stranger"]
TIER = "tier-"


class Viewer(msgspec.Struct, frozen=True, kw_only=True):
    """`role` is of whoever really looks; `previews` says that they look with the eyes of another."""

    kind: Kind
    role: TeamRole | None = None
    follows: bool = False
    membership: Membership | None = None
    rank: int | None = None
    previews: str | None = None


async def find(backends: Backends, caller: Caller, slug: str) -> tuple[Creator, TeamRole | None]:
    """A page that is not public is there for its team alone."""
    async with backends.database.writing() as tx:  # the primary: published a moment ago is published
        creator = await lookup.by_slug(tx, slug)
        role = await team.role_of(tx, caller, creator.id)
    if not creator.is_public and role is None:
        raise lookup.no_such_creator()
    return creator, role


async def role_of(backends: Backends, caller: Caller, creator: Creator) -> TeamRole | None:
    async with backends.database.writing() as tx:
        return await team.role_of(tx, caller, creator.id)


async def viewer_of(
    backends: Backends, caller: Caller, creator: Creator, role: TeamRole | None, offered: Sequence[OpenTier],
    previews: str = "",
) -> Viewer:  # fmt: skip
    """Only the team may look with others' eyes; for everybody else the wish is ignored."""
    if role is not None:
        return _previewing(role, offered, previews) or Viewer(kind="team", role=role)
    if caller.user_id is None:
        return Viewer(kind="stranger")
    async with backends.database.writing() as tx:
        follows = await following.does_follow(tx, caller, creator.id)
    membership = await mine.of_page(backends, caller.user_id, creator.id)
    kind: Kind = "member" if membership else "follower" if follows else "stranger"
    return Viewer(kind=kind, follows=follows, membership=membership)


async def require_together(backends: Backends, caller: Caller, creator: Creator) -> None:
    """Whoever is kept apart from the page does not see it; who is still a member does."""
    if caller.user_id is not None:
        await blocking.require_together(backends.database, caller.user_id, creator.id)


async def tiers_of(backends: Backends, creator: Creator) -> list[OpenTier]:
    async with backends.database.writing() as tx:
        return await tiers.open_tiers(tx, creator.id)


def seen_by(viewer: Viewer, found: Reading) -> Reading:
    """With the eyes that the team borrows. The body is the team's to read, so nothing is given away here."""
    if viewer.previews is None:
        return found
    return reading.reading_of(found.post, as_if(found.post.need, viewer.rank, viewer.follows), found.assets)


def _previewing(role: TeamRole, offered: Sequence[OpenTier], wish: str) -> Viewer | None:
    if wish == "stranger":
        return Viewer(kind="stranger", role=role, previews=wish)
    if wish == "follower":
        return Viewer(kind="follower", role=role, follows=True, previews=wish)
    rank = wish.removeprefix(TIER)
    if wish.startswith(TIER) and rank in {str(each.tier.rank) for each in offered}:
        return Viewer(kind="member", role=role, follows=True, rank=int(rank), previews=wish)
    return None
