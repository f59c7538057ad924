"""Rooms, for those whose things they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.chat.errors import NoSuchRoom
from directfanz.domains.chat.models import Room
from directfanz.domains.chat.repository import rooms
from directfanz.domains.chat.service.telling import append, publish_later
from directfanz.domains.entitlements.models import Access


class RoomAsk(msgspec.Struct, frozen=True, kw_only=True):
    """`id` is that of the thing the room belongs to; who may see the one may see the other."""

    id: UUID
    creator_id: UUID
    title: str
    access: Access
    min_rank: int | None = None


async def open_room(backends: Backends, tx: Writer, wanted: RoomAsk) -> None:
    """Asked twice, it is one room."""
    await rooms.insert(tx, _room(wanted, backends.clock.now()))


async def describe_room(backends: Backends, tx: Writer, wanted: RoomAsk) -> None:
    """The thing has another title, or is open to others now."""
    await rooms.describe(tx, _room(wanted, backends.clock.now()))
    await publish_later(backends, tx, wanted.id)


async def reopen_room(backends: Backends, tx: Writer, room_id: UUID) -> None:
    if await rooms.move(tx, room_id, "closed", "open", backends.clock.now()):
        await append(backends, tx, room_id, "opened")
        await publish_later(backends, tx, room_id)


async def say_as_server(
    backends: Backends, tx: Writer, room_id: UUID, words: str, facts: Mapping[str, Any] | None = None
) -> None:
    """`facts` are for the pages that show it."""
    await append(backends, tx, room_id, "system", body=words, facts=facts)
    await publish_later(backends, tx, room_id)


async def let_moderate(tx: Writer, room_id: UUID, creator_id: UUID, wanted: bool) -> None:
    """The team of another page, such as a co-host's, moderates this room too."""
    await rooms.set_guest(tx, room_id, creator_id, wanted)


async def get(reader: Reader, room_id: UUID) -> Room:
    room = await rooms.find(reader, room_id)
    if room is None:
        raise NoSuchRoom("There is no such room.")
    return room


def _room(wanted: RoomAsk, now: datetime) -> Room:
    return Room(
        id=wanted.id, creator_id=wanted.creator_id, title=wanted.title, access=wanted.access, min_rank=wanted.min_rank,
        state="open", last=0, epoch=uuid4(), slow_seconds=0, members_only=False, pinned=None, opened_at=now, closed_at=None,
    )  # fmt: skip
