"""Coming into a room: only who may see what it belongs to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader
from directfanz.domains.chat.errors import NotYourRoom
from directfanz.domains.chat.models import Event, Room, Standing, Tally
from directfanz.domains.chat.policy import standing_of
from directfanz.domains.chat.repository import bans, events, polls
from directfanz.domains.chat.service import rooms
from directfanz.domains.chat.service.rights import roles_in
from directfanz.domains.community.service import blocks
from directfanz.domains.creators.models import TeamRole
from directfanz.domains.creators.service import blocking, team
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Decision, Need

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


class Entered(NamedTuple):
    entry: Entry
    apart: frozenset[UUID]  # whose words do not reach them; nobody is told who that is


class _Seen(NamedTuple):
    """What a room shows, and what those who come into it are to it."""

    room: Room
    pinned: Event | None
    poll: Tally | None
    roles: dict[UUID, TeamRole]
    apart: dict[UUID, set[UUID]]
    silenced: set[UUID]  # banned, or kept apart from the page
    votes: dict[UUID, int]


async def enter(backends: Backends, user_id: UUID | None, room_id: UUID) -> Entry:
    found = (await enter_all(backends, [user_id], room_id))[user_id]
    if isinstance(found, NotYourRoom):
        raise found
    return found.entry


async def enter_all(
    backends: Backends, user_ids: Collection[UUID | None], room_id: UUID
) -> dict[UUID | None, Entered | NotYourRoom]:
    """Many at once, as after a restart: as many statements as for one. None is everybody who is not signed in."""
    people = sorted({each for each in user_ids if each is not None})
    async with backends.database.writing() as tx:  # the primary: opened a moment ago is open
        seen = await _seen(tx, await rooms.get(tx, room_id), people, backends.clock.now())
    room, everybody = seen.room, [*people, None]
    members = Need(creator_id=room.creator_id, access="members")
    asked = [(each, need) for need in (room.need, members) for each in everybody]
    decided = await entitlements.decide_each(backends, asked)
    to_room, as_member = decided[: len(everybody)], decided[len(everybody) :]
    return {
        each: _entered(seen, each, standing_of(member)) if to_room[at].allowed else _not_yours(to_room[at])
        for at, (each, member) in enumerate(zip(everybody, as_member, strict=True))
    }


async def _seen(reader: Reader, room: Room, people: Sequence[UUID], now: datetime) -> _Seen:
    pinned = await events.find(reader, room.id, room.pinned) if room.pinned else None
    newest = next(iter(await polls.newest_of(reader, room.id, 1)), None)
    poll = Tally(poll=newest, votes=await polls.count(reader, newest)) if newest and newest.is_open(now) else None
    if not people:
        return _Seen(room, pinned, poll, {}, {}, set(), {})
    banned = await bans.banned_among(reader, room.creator_id, people, now)
    return _Seen(
        room, pinned, poll,
        roles=await roles_in(reader, people, room),
        apart=await blocks.all_apart(reader, people),
        silenced=banned | await blocking.apart_from_page(reader, room.creator_id, people),
        votes=await polls.votes_among(reader, poll.poll.id, people) if poll else {},
    )  # fmt: skip


def _entered(seen: _Seen, user_id: UUID | None, standing: Standing) -> Entered:
    role = seen.roles.get(user_id) if user_id else None
    standing = "team" if role is not None else standing if user_id else ""
    why_not = _why_not(user_id, seen.room, standing, is_banned=user_id in seen.silenced and role is None)
    apart = frozenset(seen.apart.get(user_id, ())) if user_id else frozenset[UUID]()
    pinned, poll, mine = seen.pinned, seen.poll, seen.votes.get(user_id) if user_id else None
    entry = Entry(
        room=seen.room, standing=standing, moderates=moderates(role), speaks=not why_not, why_not=why_not,
        pinned=None if pinned is None or pinned.hidden or pinned.user_id in apart else pinned,
        poll=msgspec.structs.replace(poll, mine=mine) if poll and mine is not None else poll,
    )  # fmt: skip
    return Entered(entry, apart)


async def require_in(backends: Backends, user_id: UUID | None, room: Room) -> None:
    decision = await entitlements.decide(backends, user_id, room.need)
    if not decision.allowed:
        raise _not_yours(decision)


async def standing_in(backends: Backends, user_id: UUID | None, room: Room, *, is_team: bool) -> tuple[Standing, str]:
    """Also in rooms that are open to all: members are seen as such. With the name of their tier."""
    if is_team or user_id is None:
        return ("team" if is_team else ""), ""
    decision = await entitlements.decide(backends, user_id, Need(creator_id=room.creator_id, access="members"))
    return standing_of(decision), decision.tier or ""


def _not_yours(decision: Decision) -> NotYourRoom:
    return NotYourRoom(_WHY.get(decision.because, "This chat is not open to you."))


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
