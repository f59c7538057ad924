"""People in chat rooms: who comes in, what they say, and who is led out because it is not open to them any more."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Hashable, Mapping
from uuid import UUID

from directfanz.backends import Backends
from directfanz.domains.chat.errors import NotYourRoom
from directfanz.domains.chat.models import Room
from directfanz.domains.chat.service import entering, reading, speaking
from directfanz.domains.chat.service.entering import Entered, Entry
from directfanz.errors import DirectFanzError, Unavailable
from directfanz.http.caller import Caller
from directfanz.processes.realtime.census import Census
from directfanz.processes.realtime.chat_feed import ChatFeed, room_id_of, room_name
from directfanz.processes.realtime.entrances import Coming, Entrances
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
        self._entrances = Entrances(self._let_in)
        self._turns = Turns()
        self._part = 0

    def enter(self, member: Member, asked: ChatEnter) -> Coroutine[None, None, None] | None:
        """What takes longer is given back, to be run."""
        room_id = room_id_of(asked.room)
        if room_id is None:
            self._tell(member, Error("no_such_room", "There is no such room."))
        elif asked.room not in member.rooms and len(member.rooms) >= MAX_ROOMS_PER_SOCKET:
            self._tell(member, Error("too_many_rooms", f"Leave a room first: {MAX_ROOMS_PER_SOCKET} are allowed."))
        elif self._entrances.join(room_id, Coming(member, asked)):
            return self._entrances.run(room_id)
        return None

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

    async def _let_in(self, room_id: UUID, coming: list[Coming]) -> None:
        try:
            people = {each.member.user_id for each in coming}
            found = await entering.enter_all(self._backends, people, room_id)
            tail = await self.feed.follow(room_id)
        except DirectFanzError as error:
            for member, asked in coming:
                self._refuse(member, asked, error)
        except Exception:
            log.exception("nobody could be let into a chat room")
            for member, asked in coming:
                self._refuse(member, asked, Unavailable("Something went wrong here. Try again in a moment."))
        else:
            self._all_in(coming, found, tail)

    def _all_in(self, coming: list[Coming], found: Mapping[UUID | None, Entered | NotYourRoom], tail: Tail) -> None:
        """Without a pause: nothing can happen between what is told here and what is heard from now on."""
        entered: list[tuple[Coming, Entered]] = []
        for each in coming:
            member, asked = each
            answer = found[member.user_id]
            if isinstance(answer, NotYourRoom):
                self._refuse(member, asked, answer)
            elif not member.is_leaving:
                self._hub.keep_apart(member, answer.apart)
                if self._hub.join(member, asked.room) and member.is_counted:
                    self._census.enter(asked.room, member.person)
                entered.append((each, answer))
        if not entered:
            return
        room = entered[0][0].asked.room
        people = told(Presence(room, self._census.people(room)))
        frames: dict[Hashable, bytes] = {}  # those who find the same are told the same
        for (member, asked), (entry, apart) in entered:
            mine = None if entry.poll is None else entry.poll.mine
            same = (
                entry.standing,
                entry.moderates,
                entry.why_not,
                entry.pinned is None,
                mine,
                apart,
                asked.position,
                asked.epoch,
            )
            if same not in frames:
                frames[same] = told(_entered(asked, entry, apart, tail)) + people
            self._hub.tell(member, frames[same])

    def _refuse(self, member: Member, asked: ChatEnter, error: DirectFanzError) -> None:
        self._tell(member, ChatRefused(asked.room, error.code, error.message, error.retryable))

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


def _entered(asked: ChatEnter, entry: Entry, apart: frozenset[UUID], tail: Tail) -> ChatEntered:
    events, anew = tail.since(asked.position, asked.epoch)
    room = entry.room
    return ChatEntered(
        room=asked.room, title=room.title, state=room.state, epoch=str(tail.epoch), last=tail.last, anew=anew,
        events=[reading.kept_from(each, apart) for each in events] if apart else events, slow_seconds=room.slow_seconds,
        members_only=room.members_only, standing=entry.standing, moderates=entry.moderates, speaks=entry.speaks,
        why_not=entry.why_not, pinned=entry.pinned, poll=entry.poll,
    )  # fmt: skip
