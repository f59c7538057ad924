"""What somebody may do where a post is talked about."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader
from directfanz.domains.community.errors import CommentsClosed, NoSuchComment
from directfanz.domains.community.models import Comment
from directfanz.domains.community.repository import comments
from directfanz.domains.content.models import Post
from directfanz.domains.content.service import reading
from directfanz.domains.creators.models import Creator, TeamRole
from directfanz.domains.creators.service import blocking, team
from directfanz.domains.creators.service.studio import studio_of
from directfanz.domains.entitlements import service as entitlements
from directfanz.http.caller import Caller


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A post with who asks: `open` says that they may read it, `why_not` why they cannot comment (None: they can)."""

    creator: Creator
    post: Post
    open: bool
    role: TeamRole | None
    why_not: str | None

    @property
    def team(self) -> bool:
        return self.role is not None

    @property
    def moderates(self) -> bool:
        if self.role is None:
            return False
        studio = studio_of(self.creator, self.role)
        return studio.may("moderate") or studio.may("posts")


async def place_of(backends: Backends, caller: Caller, post_id: UUID) -> Place:
    """NoSuchPost where they may not even see that it exists."""
    creator, found = await reading.read(backends, caller, post_id)
    async with backends.database.writing() as tx:
        role = await team.role_of(tx, caller, creator.id)
        why_not = await _why_not(backends, tx, caller, creator, found.post, found.open, role)
    return Place(creator=creator, post=found.post, open=found.open, role=role, why_not=why_not)


async def require_open(backends: Backends, caller: Caller, post_id: UUID) -> Place:
    """What is said under a post is for who may read it."""
    place = await place_of(backends, caller, post_id)
    if not place.open:
        raise CommentsClosed("What is said under this post is for those who may read it.")
    return place


async def comment_for(reader: Reader, place: Place, caller: Caller, comment_id: UUID) -> Comment:
    """One that they can see."""
    found = await comments.find(reader, comment_id)
    if found is None or not await comments.is_seen(reader, caller.user_id, place.team, comment_id):
        raise no_such_comment()
    return found


def no_such_comment() -> NoSuchComment:
    return NoSuchComment("There is no such comment, or not any more.")


async def _why_not(
    backends: Backends,
    reader: Reader,
    caller: Caller,
    creator: Creator,
    post: Post,
    is_open: bool,
    role: TeamRole | None,
) -> str | None:
    if role is not None:
        return None
    if post.comments == "closed":
        return f"{creator.name} takes no comments on this post."
    if caller.user_id is None:
        return "Sign in to comment."
    if not is_open:
        return "Who may read the post may comment on it."
    if await blocking.apart_among(reader, caller.user_id, [creator.id]):
        return "This page and you are kept apart."
    if (
        post.comments == "members"
        and await entitlements.live_tier(reader, caller.user_id, creator.id, backends) is None
    ):
        return f"Members of {creator.name} comment here."
    return None
