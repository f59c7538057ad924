"""How an event gets into a room's order, and how the realtime processes hear of it.

The row is the truth: positions have no holes, so a process that hears 9 after 7 fetches 8, and every process compares its positions
with the rows every few seconds. What is published only makes it fast.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.backends.jobs.contract import Job, Retry
from directfanz.domains.chat.errors import NoSuchRoom
from directfanz.domains.chat.events import Happened, Look, Said, channel_of
from directfanz.domains.chat.models import Event, Kind
from directfanz.domains.chat.repository import events, rooms
from directfanz.errors import Unavailable
from directfanz.kit.ids import new_id

log = logging.getLogger("directfanz.chat")
_ENCODER = msgspec.json.Encoder()


class LookAt(msgspec.Struct, frozen=True):
    room_id: UUID


async def append(
    backends: Backends, tx: Writer, room_id: UUID, kind: Kind, *, body: str = "", facts: Mapping[str, Any] | None = None,
    user_id: UUID | None = None,
) -> Happened:  # fmt: skip
    """By the server or a moderator: rooms that are closed take these too."""
    taken = await rooms.take_position(tx, room_id, only_open=False)
    if taken is None:
        raise NoSuchRoom("There is no such room.")
    event = Event(
        position=taken[0], id=new_id(), kind=kind, said_at=backends.clock.now(), user_id=user_id, body=body,
        facts=facts or {},
    )  # fmt: skip
    await events.insert(tx, room_id, event, None)
    written = await events.find(tx, room_id, event.position) if user_id else event  # with their name
    assert written is not None
    return Happened(taken[1], written)


async def publish(backends: Backends, room_id: UUID, *said: Said) -> None:
    """After the commit. Of what is lost here nothing is lost: it comes a little later."""
    try:
        for each in said:
            await backends.cache.publish(channel_of(room_id), _ENCODER.encode(each))
    except Unavailable as error:
        log.info("a room is told later: %s", error.message)


async def publish_later(backends: Backends, tx: Writer, room_id: UUID) -> None:
    """For who does not know when the transaction ends."""
    await backends.jobs.enqueue(tx, LOOK, LookAt(room_id), queueing_key=f"chat-look-{room_id}")


async def _look(backends: Backends, payload: LookAt) -> None:
    await publish(backends, payload.room_id, Look())


LOOK = Job("chat.look", LookAt, _look, retry=Retry(tries=2, first_seconds=1))
