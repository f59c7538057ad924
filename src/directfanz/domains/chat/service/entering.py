"""Coming into a room: only who may see what it belongs to."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.domains.chat.errors import NotYourRoom
from directfanz.domains.chat.models import Event, Room, Standing, Tally
from directfanz.domains.chat.policy import standing_of
from directfanz.domains.chat.repository import bans, events, polls
from directfanz.domains.chat.service import rooms
from directfanz.domains.chat.service.rights import role_in
from directfanz.domains.community.service import blocks
from directfanz.domains.creators.models import TeamRole
from directfanz.domains.creators.service import blocking, team
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Need
from directfanz.http.caller import Caller

_WHY = {
    "not_signed_in": "Sign in to see this chat.",
    "not_a_member": "This chat is for members.",
    "higher_tier_needed": "This chat is for members of a higher tier.",
    "not_bought": "This chat is for those with a ticket.",
}


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A room as one person finds it. `speaks` is False with the reason in `why_not`."""

    room: Room
    standing: Standing
    moderates: bool
    speaks: bool
    why_not: str = ""
    pinned: Event | None = None
    poll: Tally | None = None


async def enter(backends: Backends, user_id: UUID | None, room_id: UUID) -> Entry:
    async with backends.database.writing() as tx:  # the primary: opened a moment ago is open
        room = await rooms.get(tx, room_id)
        role = await role_in(tx, Caller(user_id=user_id), room)
        apart = (await blocks.all_apart(tx, [user_id])).get(user_id, set()) if user_id else set()
        walled = (
            user_id is not None
            and role is None
            and user_id in await blocking.apart_from_page(tx, room.creator_id, [user_id])
        )
    await require_in(backends, user_id, room)
    standing, _ = await standing_in(backends, user_id, room, is_team=role is not None)
    async with backends.database.writing() as tx:
        now = backends.clock.now()
        ban = await bans.in_force(tx, room.creator_id, user_id, now) if user_id and role is None else None
        pinned = await events.find(tx, room.id, room.pinned) if room.pinned else None
        newest = await polls.newest_of(tx, room.id, 1)
        poll = None
        if newest and newest[0].is_open(now):
            mine = await polls.vote_of(tx, newest[0].id, user_id) if user_id else None
            poll = Tally(poll=newest[0], votes=await polls.count(tx, newest[0]), mine=mine)
    why_not = _why_not(user_id, room, standing, is_banned=ban is not None or walled)
    return Entry(
        room=room, standing=standing, moderates=moderates(role), speaks=not why_not, why_not=why_not,
        pinned=None if pinned is None or pinned.hidden or pinned.user_id in apart else pinned, poll=poll,
    )  # fmt: skip


async def require_in(backends: Backends, user_id: UUID | None, room: Room) -> None:
    decision = await entitlements.decide(backends, user_id, room.need)
    if not decision.allowed:
        raise NotYourRoom(_WHY.get(decision.because, "This chat is not open to you."))


async def standing_in(backends: Backends, user_id: UUID | None, room: Room, *, is_team: bool) -> tuple[Standing, str]:
    """Also in rooms that are open to all: members are seen as such. With the name of their tier."""
    if is_team or user_id is None:
        return ("team" if is_team else ""), ""
    decision = await entitlements.decide(backends, user_id, Need(creator_id=room.creator_id, access="members"))
    return standing_of(decision), decision.tier or ""


def moderates(role: TeamRole | None) -> bool:
    return role is not None and team.may(role, "moderate")


def _why_not(user_id: UUID | None, room: Room, standing: Standing, *, is_banned: bool) -> str:
    if room.state == "closed":
        return "This chat has ended."
    if user_id is None:
        return "Sign in to take part."
    if is_banned:
        return "You cannot speak here at the moment."
    if room.members_only and not standing:
        return "Only members may speak at the moment."
    return ""
