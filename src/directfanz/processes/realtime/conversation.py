"""What a member may ask, and what it is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from uuid import UUID

from directfanz.backends import Backends
from directfanz.domains.notifications.models import view
from directfanz.domains.notifications.service import inbox
from directfanz.errors import DirectFanzError
from directfanz.processes.realtime.census import Census
from directfanz.processes.realtime.chats import Chats
from directfanz.processes.realtime.hub import Hub, Member
from directfanz.processes.realtime.limits import MAX_ROOMS_PER_SOCKET
from directfanz.processes.realtime.protocol import (
    Asked,
    ChatEnter,
    ChatSay,
    Error,
    Missed,
    Ping,
    Pong,
    Presence,
    Resume,
    Subscribe,
    Told,
    Unsubscribe,
    Unsubscribed,
    told,
)
from directfanz.processes.realtime.rooms import kind_of

# After a restart thousands come back at once; the database answers so many at a time.
RESUMES_AT_ONCE = 4


class Conversation:
    def __init__(self, backends: Backends, hub: Hub, census: Census, chats: Chats) -> None:
        self._backends = backends
        self._chats = chats
        self._hub = hub
        self._census = census
        self._resuming: set[str] = set()
        self._turns = asyncio.Semaphore(RESUMES_AT_ONCE)

    def take(self, member: Member, asked: Asked) -> Coroutine[None, None, None] | None:
        """What takes longer is given back, to be run."""
        match asked:
            case Subscribe(room):
                self._subscribe(member, room)
            case Unsubscribe(room):
                self._unsubscribe(member, room)
            case Ping(id):
                self._tell(member, Pong(id))
            case Resume(position, epoch):
                return self._resume(member, position, epoch)
            case ChatEnter():
                return self._chats.enter(member, asked)
            case ChatSay():
                return self._chats.say(member, asked)
        return None

    def count(self, member: Member, is_counted: bool) -> None:
        """Whether it is heard of."""
        if member.is_counted != is_counted:
            member.is_counted = is_counted
            change = self._census.enter if is_counted else self._census.leave
            for room in member.rooms:
                change(room, member.person)

    def leave_all(self, member: Member) -> None:
        for room in tuple(member.rooms):
            self._leave(member, room)

    def _subscribe(self, member: Member, room: str) -> None:
        kind = kind_of(room)
        if kind is None:
            self._tell(member, Error("no_such_room", f"There are no rooms of the kind {room.partition(':')[0]}."))
        elif member.user_id is None and not kind.strangers:
            self._tell(member, Error("not_signed_in", "Sign in to enter this room."))
        elif room not in member.rooms and len(member.rooms) >= MAX_ROOMS_PER_SOCKET:
            self._tell(member, Error("too_many_rooms", f"Leave a room first: {MAX_ROOMS_PER_SOCKET} are allowed."))
        else:
            if self._hub.join(member, room) and member.is_counted:
                self._census.enter(room, member.person)
            self._tell(member, Presence(room, self._census.people(room)))

    def _unsubscribe(self, member: Member, room: str) -> None:
        if room in member.rooms:
            self._leave(member, room)
        self._tell(member, Unsubscribed(room))

    def _leave(self, member: Member, room: str) -> None:
        if self._hub.leave(member, room) and member.is_counted:
            self._census.leave(room, member.person)

    async def _resume(self, member: Member, position: int, epoch: str) -> None:
        if member.user_id is None:
            self._tell(member, Error("not_signed_in", "Sign in to have notifications."))
        elif member.id in self._resuming:
            self._tell(member, Error("busy", "Your last question is being answered."))
        else:
            self._resuming.add(member.id)
            try:
                async with self._turns:
                    self._tell(member, await self._missed(member.user_id, position, epoch))
            except DirectFanzError as error:
                self._tell(member, Error(error.code, "This cannot be answered at the moment. Ask again in a while."))
            finally:
                self._resuming.discard(member.id)

    async def _missed(self, user_id: UUID, position: int, epoch: str) -> Missed:
        missed = await inbox.missed(self._backends, user_id, position, epoch)
        return Missed(
            [view(each) for each in missed.notifications], missed.unread, missed.position, missed.epoch, missed.reset
        )

    def _tell(self, member: Member, message: Told) -> None:
        self._hub.tell(member, told(message))
