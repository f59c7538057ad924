"""Saying something in a room."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.chat.errors import RoomClosed
from directfanz.domains.chat.events import Happened
from directfanz.domains.chat.models import Event, Room, Standing
from directfanz.domains.chat.policy import (
    cleaned,
    require_may_speak,
    require_not_too_soon,
    require_welcome,
)
from directfanz.domains.chat.repository import bans, events, rooms
from directfanz.domains.chat.service import emotes
from directfanz.domains.chat.service.entering import require_in, standing_in
from directfanz.domains.chat.service.rights import role_in
from directfanz.domains.chat.service.rooms import get
from directfanz.domains.chat.service.telling import publish
from directfanz.domains.creators.service import blocking
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id


class _SaidBefore(Exception):
    """The same nonce: what is being written has to be undone."""


class _Speaker(msgspec.Struct, frozen=True):
    user_id: UUID
    standing: Standing
    tier: str
    emotes: Mapping[str, str]


async def say(backends: Backends, caller: Caller, room_id: UUID, text: str, nonce: str) -> int:
    """The position it got. With the same nonce, as after a lost answer, it is said once."""
    user_id, words = caller.require_user(), cleaned(text)
    room, speaker = await _admitted(backends, caller, room_id, words)
    try:
        happened = await backends.database.run(lambda tx: _write(backends, tx, room, speaker, words, nonce))
    except _SaidBefore:
        async with backends.database.writing() as tx:
            found = await events.find_said(tx, room_id, user_id, nonce)
        assert found is not None
        return found
    await publish(backends, room_id, happened)
    return happened.event.position


async def _admitted(backends: Backends, caller: Caller, room_id: UUID, words: str) -> tuple[Room, _Speaker]:
    user_id = caller.require_user()
    async with backends.database.writing() as tx:
        room = await get(tx, room_id)
        role = await role_in(tx, caller, room)
        if role is None:
            await blocking.require_together(tx, user_id, room.creator_id)
        ban = None if role else await bans.in_force(tx, room.creator_id, user_id, backends.clock.now())
        filtered = [] if role else await bans.words(tx, room.creator_id)
    await require_in(backends, user_id, room)
    standing, tier = await standing_in(backends, user_id, room, is_team=role is not None)
    require_may_speak(room, standing, ban, backends.clock.now())
    require_welcome(words, filtered)
    shown = await emotes.used_in(backends, user_id, room.creator_id, words, is_team=role is not None)
    return room, _Speaker(user_id, standing, tier, shown)


async def _write(backends: Backends, tx: Writer, room: Room, speaker: _Speaker, words: str, nonce: str) -> Happened:
    """The position first: it locks the room, so two windows of one person cannot both be the first in slow mode."""
    taken = await rooms.take_position(tx, room.id, only_open=True)
    if taken is None:
        raise RoomClosed("This chat has ended.")
    now = backends.clock.now()
    if room.slow_seconds and await events.find_said(tx, room.id, speaker.user_id, nonce) is None:
        require_not_too_soon(room, speaker.standing, await events.spoke_at(tx, room.id, speaker.user_id), now)
    event = Event(
        position=taken[0], id=new_id(), kind="text", said_at=now, user_id=speaker.user_id, standing=speaker.standing,
        tier=speaker.tier, body=words, facts={"emotes": speaker.emotes} if speaker.emotes else {},
    )  # fmt: skip
    if not await events.insert(tx, room.id, event, nonce):
        raise _SaidBefore
    written = await events.find(tx, room.id, event.position)
    assert written is not None
    return Happened(taken[1], written)
