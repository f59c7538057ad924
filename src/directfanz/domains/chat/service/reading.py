"""What was said, read again: backwards by position, and by time beside a recording."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader
from directfanz.domains.chat.models import Event, Room
from directfanz.domains.chat.repository import events, rooms
from directfanz.domains.chat.service.entering import require_in
from directfanz.domains.chat.service.rooms import get
from directfanz.domains.community.service import blocks
from directfanz.errors import InvalidInput
from directfanz.http.caller import Caller

LONGEST_STRETCH = timedelta(hours=1)
EVENTS_AT_ONCE = 500
_LAST = 2**63 - 1


async def newest(backends: Backends, caller: Caller, room_id: UUID, before: int | None, limit: int) -> list[Event]:
    """The newest first."""
    async with backends.database.writing() as tx:
        room = await get(tx, room_id)
    await require_in(backends, caller.user_id, room)
    async with backends.database.reading() as reader:
        found = await events.before(reader, room_id, before or _LAST, limit)
        return await _for(reader, caller, found)


async def stretch(
    backends: Backends, caller: Caller, room_id: UUID, start: datetime, end: datetime, after: int = 0
) -> list[Event]:
    """In the order in which it happened, at most EVENTS_AT_ONCE: ask again `after` the last one."""
    if not timedelta(0) < end - start <= LONGEST_STRETCH:
        raise InvalidInput.in_field("until", "A stretch is at most an hour, and ends after it begins.", "Ask in parts.")
    async with backends.database.writing() as tx:
        room = await get(tx, room_id)
    await require_in(backends, caller.user_id, room)
    return await of_time(backends, caller, room_id, start, end, after)


async def of_time(
    backends: Backends, caller: Caller, room_id: UUID, start: datetime, end: datetime, after: int
) -> list[Event]:
    """For a domain above, which knows who may see it: beside a recording, say."""
    async with backends.database.reading() as reader:
        found = await events.between(reader, room_id, start, end, after, EVENTS_AT_ONCE)
        return await _for(reader, caller, found)


def kept_from(event: Event, apart: Collection[UUID]) -> Event:
    """As somebody gets it who is kept apart from its author: its place, and nothing else."""
    if event.user_id is None or event.user_id not in apart:
        return event
    return Event(position=event.position, id=event.id, kind=event.kind, said_at=event.said_at, hidden=True)


async def apart(backends: Backends, user_ids: list[UUID]) -> dict[UUID, set[UUID]]:
    async with backends.database.writing() as tx:
        return await blocks.all_apart(tx, user_ids)


async def _for(reader: Reader, caller: Caller, found: list[Event]) -> list[Event]:
    authors = {each.user_id for each in found if each.user_id is not None}
    if caller.user_id is None or not authors:
        return found
    away = await blocks.apart_from(reader, caller.user_id, sorted(authors))
    return [kept_from(each, away) for each in found] if away else found


async def room(backends: Backends, room_id: UUID) -> Room:
    async with backends.database.writing() as tx:
        return await get(tx, room_id)


async def since(backends: Backends, room_id: UUID, position: int) -> list[Event]:
    """For a realtime process that missed something. On the primary, and in the order of positions."""
    async with backends.database.writing() as tx:
        return await events.since(tx, room_id, position, EVENTS_AT_ONCE)


async def last_positions(backends: Backends, room_ids: list[UUID]) -> dict[UUID, tuple[int, UUID]]:
    async with backends.database.writing() as tx:
        return await rooms.positions(tx, room_ids)
