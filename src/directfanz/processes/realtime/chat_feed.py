"""What goes on in the chat rooms that somebody here is in: every event once and in order, whatever is lost on the way.

Other processes publish what happens. A hole in the positions is filled from the rows; and every few seconds all rooms compare
their last position with the rows, so an event that was never published arrives as well.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.cache.contract import Subscription
from directfanz.domains.chat.events import CHANNEL, Happened, Look, Said, Tallied, channel_of
from directfanz.domains.chat.models import Event
from directfanz.domains.chat.service import reading
from directfanz.errors import DirectFanzError, Unavailable
from directfanz.processes.realtime.limits import CHAT_COMPARE_SECONDS, CHAT_LINGERS_SECONDS, CHAT_TAIL_EVENTS
from directfanz.processes.realtime.protocol import ChatEvents, ChatLeft, ChatPoll, Told
from directfanz.processes.realtime.tail import Tail

KIND = "chat:"
log = logging.getLogger("directfanz.realtime")
_SAID = msgspec.json.Decoder(Said)


def room_name(room_id: UUID) -> str:
    return f"{KIND}{room_id.hex}"


def room_id_of(room: str) -> UUID | None:
    try:
        return UUID(hex=room.removeprefix(KIND)) if room.startswith(KIND) else None
    except ValueError:
        return None


class ChatFeed:
    def __init__(self, backends: Backends, tell: Callable[[str, Told], None], is_empty: Callable[[str], bool]) -> None:
        """`tell` says something to a room."""
        self._backends = backends
        self._tell = tell
        self._is_empty = is_empty
        self._tails: dict[UUID, Tail] = {}
        self._locks: dict[UUID, asyncio.Lock] = {}
        self._empty_since: dict[UUID, float] = {}
        self._subscription: Subscription | None = None
        self._work: set[asyncio.Task[None]] = set()

    @property
    def rooms(self) -> list[UUID]:
        return list(self._tails)

    async def follow(self, room_id: UUID) -> Tail:
        """The room is listened to before it is read, so what happens in between is not missed."""
        async with self._locks.setdefault(room_id, asyncio.Lock()):
            self._empty_since.pop(room_id, None)
            tail = self._tails.get(room_id)
            if tail is None:
                if self._subscription is not None:
                    await self._subscription.add(channel_of(room_id))
                tail = self._tails[room_id] = await self._read_tail(room_id)
            return tail

    async def listen(self) -> None:
        while True:
            try:
                async with self._backends.cache.subscribe(*map(channel_of, self._tails)) as subscription:
                    self._subscription = subscription
                    await subscription.add(*map(channel_of, self._tails))  # those who came while it was opened
                    async for channel, message in subscription:
                        self._hear(UUID(hex=channel.removeprefix(CHANNEL)), message)
            except Unavailable as error:
                log.warning("chat is heard later: %s", error.message)
                await self._backends.clock.sleep(1)
            finally:
                self._subscription = None

    async def compare(self) -> None:
        while True:
            await self._backends.clock.sleep(CHAT_COMPARE_SECONDS)
            self._forget_empty()
            if not self._tails:
                continue
            try:
                known = await reading.last_positions(self._backends, self.rooms)
            except DirectFanzError as error:
                log.info("chat rooms are compared later: %s", error.message)
                continue
            for room_id, (last, epoch) in known.items():
                tail = self._tails.get(room_id)
                if tail is not None and (last, epoch) != (tail.last, tail.epoch):
                    self._fill_soon(room_id)

    async def settle(self) -> None:
        await asyncio.gather(*self._work, return_exceptions=True)

    def _hear(self, room_id: UUID, message: bytes) -> None:
        tail = self._tails.get(room_id)
        if tail is None:
            return
        match _SAID.decode(message):
            case Happened(epoch, event):
                if epoch != tail.epoch or not self._take(room_id, tail, event):
                    self._fill_soon(room_id)
            case Tallied(poll_id, votes):
                self._tell(room_name(room_id), ChatPoll(room_name(room_id), poll_id, votes))
            case Look():
                self._fill_soon(room_id)

    def _take(self, room_id: UUID, tail: Tail, event: Event) -> bool:
        """False for one behind a hole."""
        offered = tail.offer(event)
        if offered == "next":
            self._tell(room_name(room_id), ChatEvents(room_name(room_id), [event]))
        return offered != "gap"

    def _fill_soon(self, room_id: UUID) -> None:
        self._begin(self._fill(room_id))

    async def _fill(self, room_id: UUID) -> None:
        """From the rows, in their order."""
        async with self._locks.setdefault(room_id, asyncio.Lock()):
            tail = self._tails.get(room_id)
            if tail is None:
                return
            try:
                known = await reading.last_positions(self._backends, [room_id])
                last, epoch = known.get(room_id, (0, None))
                if epoch != tail.epoch or last < tail.last:
                    await self._begin_anew(room_id)
                    return
                while tail.last < last and (events := await reading.since(self._backends, room_id, tail.last)):
                    for event in events:
                        self._take(room_id, tail, event)
            except DirectFanzError as error:
                log.info("a chat room is filled later: %s", error.message)

    async def _begin_anew(self, room_id: UUID) -> None:
        """The rows were restored: positions count anew, and everybody enters again."""
        self._tails[room_id] = await self._read_tail(room_id)
        self._tell(room_name(room_id), ChatLeft(room_name(room_id), "reset", "Enter again.", come_back=True))

    async def _read_tail(self, room_id: UUID) -> Tail:
        known = await reading.last_positions(self._backends, [room_id])
        last, epoch = known.get(room_id, (0, UUID(int=0)))
        events = await reading.since(self._backends, room_id, max(0, last - CHAT_TAIL_EVENTS))
        return Tail(epoch, events, events[-1].position if events else last, CHAT_TAIL_EVENTS)

    def _forget_empty(self) -> None:
        now = self._backends.clock.monotonic()
        for room_id in self.rooms:
            if not self._is_empty(room_name(room_id)):
                self._empty_since.pop(room_id, None)
            elif now - self._empty_since.setdefault(room_id, now) > CHAT_LINGERS_SECONDS:
                del self._tails[room_id], self._empty_since[room_id]
                self._locks.pop(room_id, None)
                if self._subscription is not None:
                    self._begin(self._subscription.remove(channel_of(room_id)))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
