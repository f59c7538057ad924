"""People in chat rooms: who comes in, what they say, and who is led out because it is not open to them any more."""

from __future__ import annotations

import asyncio
import logging

from directfanz.backends import Backends
from directfanz.domains.chat.models import Room
from directfanz.domains.chat.service import entering, reading, speaking
from directfanz.domains.chat.service.entering import Entry
from directfanz.errors import DirectFanzError, Unavailable
from directfanz.http.caller import Caller
from directfanz.processes.realtime.census import Census
from directfanz.processes.realtime.chat_feed import ChatFeed, room_id_of, room_name
from directfanz.processes.realtime.hub import Hub, Member
from directfanz.processes.realtime.limits import CHAT_RIGHTS_SECONDS, MAX_ROOMS_PER_SOCKET
from directfanz.processes.realtime.protocol import (
    ChatEnter,
    ChatEntered,
    ChatEvents,
    ChatLeft,
    ChatRefused,
    ChatSaid,
    ChatSay,
    Error,
    Presence,
    Told,
    told,
)
from directfanz.processes.realtime.tail import Tail
from directfanz.processes.realtime.turns import Turns

# Rights are looked at in so many parts, so that thousands do not ask at one moment.
RIGHTS_PARTS = 20
log = logging.getLogger("directfanz.realtime")


class Chats:
    def __init__(self, backends: Backends, hub: Hub, census: Census) -> None:
        self._backends = backends
        self._hub = hub
        self._census = census
        self._delivered = backends.telemetry.counter("realtime_messages_total")
        self.feed = ChatFeed(backends, self._tell_room, lambda room: not hub.in_room(room))
        self._turns = Turns()
        self._part = 0

    async def enter(self, member: Member, asked: ChatEnter) -> None:
        room_id = room_id_of(asked.room)
        if room_id is None:
            self._tell(member, Error("no_such_room", "There is no such room."))
        elif asked.room not in member.rooms and len(member.rooms) >= MAX_ROOMS_PER_SOCKET:
            self._tell(member, Error("too_many_rooms", f"Leave a room first: {MAX_ROOMS_PER_SOCKET} are allowed."))
        else:
            try:
                entry = await entering.enter(self._backends, member.user_id, room_id)
                await self._look_at_walls([member])
                tail = await self.feed.follow(room_id)
            except DirectFanzError as error:
                self._tell(member, ChatRefused(asked.room, error.code, error.message, error.retryable))
            else:
                self._let_in(member, asked, entry, tail)

    async def say(self, member: Member, asked: ChatSay) -> None:
        room_id = room_id_of(asked.room)
        if room_id is None or asked.room not in member.rooms:
            self._tell(member, ChatRefused(asked.room, "not_in_room", "Enter the room first.", False, asked.nonce))
            return
        try:
            caller = Caller(user_id=member.user_id)
            async with self._turns.of(member.id):  # what somebody says quickly stays in its order
                position = await speaking.say(self._backends, caller, room_id, asked.body, asked.nonce)
        except DirectFanzError as error:
            again = error.retry_after_seconds
            refused = ChatRefused(asked.room, error.code, error.message, error.retryable, asked.nonce, again)
            self._tell(member, refused)
        else:
            self._tell(member, ChatSaid(asked.room, asked.nonce, position))

    async def look_at_rights(self) -> None:
        """Whoever may not see a room any more is led out of it within CHAT_RIGHTS_SECONDS."""
        while True:
            await self._backends.clock.sleep(CHAT_RIGHTS_SECONDS / RIGHTS_PARTS)
            self._part = (self._part + 1) % RIGHTS_PARTS
            for room_id in self.feed.rooms:
                try:
                    room = await reading.room(self._backends, room_id)
                    due = self._due(room)
                    await self._look_at_walls(due)
                    if room.access != "public":
                        await asyncio.gather(*(self._look_at(each, room) for each in due))
                except DirectFanzError as error:
                    log.info("rights in a chat are looked at later: %s", error.message)

    def _due(self, room: Room) -> list[Member]:
        members = self._hub.in_room(room_name(room.id))
        return [each for each in members if hash(each.id) % RIGHTS_PARTS == self._part]

    async def _look_at_walls(self, members: list[Member]) -> None:
        """Blocks between people hold in chat as well, also those that are new."""
        known = {member.user_id for member in members if member.user_id is not None}
        found = await reading.apart(self._backends, list(known)) if known else {}
        for member in members:
            if member.user_id is not None:
                self._hub.keep_apart(member, found.get(member.user_id, ()))

    async def _look_at(self, member: Member, room: Room) -> None:
        try:
            await entering.require_in(self._backends, member.user_id, room)
        except Unavailable as error:
            log.info("rights in a chat are looked at later: %s", error.message)
        except DirectFanzError as error:
            name = room_name(room.id)
            if self._hub.leave(member, name) and member.is_counted:
                self._census.leave(name, member.person)
            self._tell(member, ChatLeft(name, error.code, error.message, come_back=False))

    def _let_in(self, member: Member, asked: ChatEnter, entry: Entry, tail: Tail) -> None:
        """Without a pause: nothing can happen between what is told here and what is heard from now on."""
        if member.is_leaving:
            return
        events, anew = tail.since(asked.position, asked.epoch)
        events = [reading.kept_from(each, member.apart) for each in events] if member.apart else events
        if self._hub.join(member, asked.room) and member.is_counted:
            self._census.enter(asked.room, member.person)
        room = entry.room
        entered = ChatEntered(
            room=asked.room, title=room.title, state=room.state, epoch=str(tail.epoch), last=tail.last, anew=anew,
            events=events, slow_seconds=room.slow_seconds, members_only=room.members_only, standing=entry.standing,
            moderates=entry.moderates, speaks=entry.speaks, why_not=entry.why_not, pinned=entry.pinned, poll=entry.poll,
        )  # fmt: skip
        self._tell(member, entered)
        self._tell(member, Presence(asked.room, self._census.people(asked.room)))

    def _tell_room(self, room: str, message: Told) -> None:
        author = message.events[0].user_id if isinstance(message, ChatEvents) else None
        if author is None:
            reached = self._hub.tell_room(room, told(message))
        else:
            assert isinstance(message, ChatEvents)  # only those have an author
            kept = ChatEvents(room, [reading.kept_from(each, (author,)) for each in message.events])
            reached = self._hub.tell_room_but(room, told(message), author, lambda: told(kept))
        self._delivered.add(reached, kind="chat")

    def _tell(self, member: Member, message: Told) -> None:
        self._hub.tell(member, told(message))
