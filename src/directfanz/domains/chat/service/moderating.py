"""What the team does in its rooms. Each act is an event of the room, and those against a person are in the audit log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.audit import service as audit
from directfanz.domains.chat.errors import MayNotSpeak, NoSuchMessage
from directfanz.domains.chat.events import Happened
from directfanz.domains.chat.models import MOST_WORDS, SHOWN, Ban, Event, Room
from directfanz.domains.chat.policy import plain_words
from directfanz.domains.chat.repository import bans, events, rooms
from directfanz.domains.chat.service.rights import require_moderator, role_in
from directfanz.domains.chat.service.rooms import get
from directfanz.domains.chat.service.telling import append, publish
from directfanz.domains.creators.service import team
from directfanz.errors import InvalidInput
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id

LONGEST_TIMEOUT = timedelta(days=30)
BANS_SHOWN = 500


async def remove(backends: Backends, caller: Caller, room_id: UUID, position: int) -> None:
    """By the team; and by its author, who may take back their own words."""
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        room = await get(tx, room_id)
        event = await _message(tx, room_id, position)
        if event.user_id is None or event.user_id != caller.require_user() or event.kind == "tip":
            await require_moderator(tx, caller, room)
        if not await events.hide(tx, room_id, position, caller.require_user(), now):
            return
        told = [await append(backends, tx, room_id, "removed", facts={"position": position})]
        if room.pinned == position:
            told.append(await _unpin(backends, tx, room_id))
    await publish(backends, room_id, *told)


async def pin(backends: Backends, caller: Caller, room_id: UUID, position: int | None) -> None:
    """None takes the pin away."""
    async with backends.database.writing() as tx:
        await _moderated(tx, caller, room_id)
        if position is None:
            told = await _unpin(backends, tx, room_id)
        else:
            event = await _message(tx, room_id, position)
            if event.hidden:
                raise NoSuchMessage("This message was removed.")
            await rooms.set_pinned(tx, room_id, position)
            told = await append(backends, tx, room_id, "pinned", facts={"position": position})
    await publish(backends, room_id, told)


async def set_rules(backends: Backends, caller: Caller, room_id: UUID, slow_seconds: int, members_only: bool) -> None:
    if not 0 <= slow_seconds <= 3600:
        raise InvalidInput.in_field("slow_seconds", "Slow mode lies between 0 and 3600 seconds.", "0 switches it off.")
    async with backends.database.writing() as tx:
        await _moderated(tx, caller, room_id)
        await rooms.set_rules(tx, room_id, slow_seconds, members_only)
        facts = {"slow_seconds": slow_seconds, "members_only": members_only}
        told = await append(backends, tx, room_id, "settings", facts=facts)
    await publish(backends, room_id, told)


async def ban(
    backends: Backends, caller: Caller, room_id: UUID, user_id: UUID, *, lasts: timedelta | None, reason: str = "", purge: bool = False,
) -> None:  # fmt: skip
    """From all rooms of the creator. Without `lasts` until somebody lifts it. `purge` also takes away what they said here."""
    if lasts is not None and not timedelta(seconds=1) <= lasts <= LONGEST_TIMEOUT:
        raise InvalidInput.in_field("seconds", "A timeout lasts up to 30 days.", "Leave it out for a ban.")
    now = backends.clock.now()
    told: list[Happened] = []
    async with backends.database.writing() as tx:
        room = await _moderated(tx, caller, room_id)
        if await role_in(tx, Caller(user_id=user_id), room) is not None:
            raise MayNotSpeak("They are in the team of this page. Take them out of it first.")
        row = Ban(
            id=new_id(), creator_id=room.creator_id, user_id=user_id, reason=reason.strip()[:300], by_id=caller.require_user(),
            created_at=now, until=now + lasts if lasts else None,
        )  # fmt: skip
        await bans.insert(tx, row)
        await audit.record(
            tx, actor=caller.user_id, action="chat.banned", target=user_id, creator=str(room.creator_id),
            seconds=str(int(lasts.total_seconds())) if lasts else "",
        )  # fmt: skip
        if purge:
            await events.hide_all_by(tx, room_id, user_id, caller.require_user(), now)
            told.append(await append(backends, tx, room_id, "cleared", facts={"user_id": str(user_id)}))
    await publish(backends, room_id, *told)


async def lift(backends: Backends, caller: Caller, creator_id: UUID, user_id: UUID) -> None:
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "moderate")
        if await bans.lift(tx, creator_id, user_id, backends.clock.now()):
            await audit.record(
                tx, actor=caller.user_id, action="chat.ban_lifted", target=user_id, creator=str(creator_id)
            )


async def banned(backends: Backends, caller: Caller, creator_id: UUID) -> list[Ban]:
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "moderate")
        return await bans.all_in_force(tx, creator_id, backends.clock.now(), BANS_SHOWN)


async def words(backends: Backends, caller: Caller, creator_id: UUID) -> list[str]:
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "moderate")
        return await bans.words(tx, creator_id)


async def set_words(backends: Backends, caller: Caller, creator_id: UUID, wanted: Iterable[str]) -> list[str]:
    """Kept as they are compared. What is left of a word without its signs must be two letters at least."""
    kept = sorted({plain for each in wanted if 2 <= len(plain := plain_words(each)) <= 60})
    if len(kept) > MOST_WORDS:
        raise InvalidInput.in_field("words", f"A filter holds at most {MOST_WORDS} words.", "Leave some out.")
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "moderate")
        await bans.set_words(tx, creator_id, kept)
    return kept


async def _moderated(tx: Writer, caller: Caller, room_id: UUID) -> Room:
    room = await get(tx, room_id)
    await require_moderator(tx, caller, room)
    return room


async def _message(tx: Writer, room_id: UUID, position: int) -> Event:
    event = await events.find(tx, room_id, position)
    if event is None or event.kind not in SHOWN:
        raise NoSuchMessage("There is no such message.")
    return event


async def _unpin(backends: Backends, tx: Writer, room_id: UUID) -> Happened:
    await rooms.set_pinned(tx, room_id, None)
    return await append(backends, tx, room_id, "pinned", facts={"position": 0})
