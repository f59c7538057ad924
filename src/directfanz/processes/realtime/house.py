"""Takes sockets in, listens to them, and lets them go."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from typing import Any
from uuid import UUID

from directfanz.backends import Backends
from directfanz.errors import Unavailable
from directfanz.http.addresses import Proxies
from directfanz.kit.ids import new_id
from directfanz.processes.realtime.chats import Chats
from directfanz.processes.realtime.close_codes import BUSY, NOT_UNDERSTOOD, SILENT, TICKET_REFUSED, TOO_FAST, Close
from directfanz.processes.realtime.conversation import Conversation
from directfanz.processes.realtime.hub import Hub, Member
from directfanz.processes.realtime.limits import (
    COUNTED_FOR_SECONDS,
    COUNTED_PING_AFTER_SECONDS,
    GIVE_UP_AFTER_SECONDS,
    HELLO_SECONDS,
    MAX_SOCKETS_PER_PERSON,
    PING_AFTER_SECONDS,
    SOON_SECONDS,
    WATCH_EVERY_SECONDS,
    tick_seconds,
)
from directfanz.processes.realtime.news import News
from directfanz.processes.realtime.presence import Presence
from directfanz.processes.realtime.protocol import PING, Asked, Hello, told
from directfanz.processes.realtime.protocol import Presence as PresenceTold
from directfanz.processes.realtime.sessions import SessionWatch
from directfanz.processes.realtime.socket import Socket
from directfanz.processes.realtime.tickets import Ticket, use

# How a socket ends when nobody is at fault: a goodbye, a closed tab, a lost line.
NOT_CUT = {1000, 1001, 1005, 1006}


class House:
    def __init__(self, backends: Backends) -> None:
        self._backends = backends
        self._loop = asyncio.get_running_loop()
        self._sockets: set[Socket] = set()
        self._addresses: Counter[str] = Counter()
        self._proxies = Proxies(backends.settings.trusted_proxies)
        self._tasks: set[asyncio.Task[None]] = set()
        self._connections = backends.telemetry.gauge("realtime_connections")
        self._delivered = backends.telemetry.counter("realtime_messages_total")
        self._cut = backends.telemetry.counter("realtime_dropped_total")
        self.hub = Hub(self._ask_for_tick, self._ask_for_late_tick)
        self.presence = Presence(new_id().hex, backends.cache, backends.clock, self._tell_people)
        self.sessions = SessionWatch(backends, self.hub)
        self.news = News(backends, self.hub, self.sessions.check_all)
        self.chats = Chats(backends, self.hub, self.presence.census)
        self.conversation = Conversation(backends, self.hub, self.presence.census, self.chats)

    def __len__(self) -> int:
        return len(self._sockets)

    @property
    def sockets(self) -> list[Socket]:
        return list(self._sockets)

    async def watch(self) -> None:
        """Asks the silent, stops counting them, and gives them up in the end."""
        while True:
            now = self._loop.time()
            for socket in self.sockets:
                self._look_after(socket, now)
            await self._backends.clock.sleep(WATCH_EVERY_SECONDS)

    async def settle(self) -> None:
        """What was begun for sockets is finished."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.chats.feed.settle()

    # --- what sockets tell ---

    def opened(self, socket: Socket) -> None:
        socket.address = self._proxies.address_of(socket.address, socket.forwarded_for)
        self._sockets.add(socket)
        self._addresses[socket.address] += 1
        self._connections.set(len(self._sockets))
        if socket.is_refused:
            socket.close(TICKET_REFUSED)
        elif self._addresses[socket.address] > self._backends.platform.limits.connections_per_address:
            socket.close(TOO_FAST)
        elif socket.ticket is None:
            self._welcome(socket)
        else:
            self._begin(self._let_in(socket, socket.ticket))

    def asked(self, socket: Socket, asked: Asked) -> None:
        if socket.member is None:
            socket.close(NOT_UNDERSTOOD)  # before our hello nothing may be asked
        elif (work := self.conversation.take(socket.member, asked)) is not None:
            self._begin(work)

    def leaving(self, socket: Socket, why: Close) -> None:
        if socket.member is not None:
            self.hub.flush_member(socket.member)
            socket.member.is_leaving = True

    def closed(self, socket: Socket) -> None:
        self._sockets.discard(socket)
        self._addresses[socket.address] -= 1
        if not self._addresses[socket.address]:
            del self._addresses[socket.address]
        self._connections.set(len(self._sockets))
        if socket.closed_with not in NOT_CUT:
            self._cut.add(1, code=str(socket.closed_with))
        member = socket.member
        if member is not None:
            self.conversation.leave_all(member)
            self.hub.remove(member)
            if member.user_id is not None:
                self._begin(self.news.unfollow(member.user_id))

    # --- letting in ---

    async def _let_in(self, socket: Socket, ticket: Ticket) -> None:
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                why = await self._redeem(ticket)
        except (Unavailable, TimeoutError):
            why = BUSY
        if why is not None:
            socket.close(why)
            return
        await self.news.follow(ticket.user_id)
        if socket.closed_with:
            await self.news.unfollow(ticket.user_id)
        else:
            self._welcome(socket)

    async def _redeem(self, ticket: Ticket) -> Close | None:
        if not await use(self._backends.cache, ticket):
            return TICKET_REFUSED
        return TOO_FAST if self._is_everywhere(ticket.user_id) else None

    def _is_everywhere(self, user_id: UUID) -> bool:
        return len(self.hub.of_user(user_id)) >= MAX_SOCKETS_PER_PERSON

    def _welcome(self, socket: Socket) -> None:
        ticket = socket.ticket
        user_id, session_id = (ticket.user_id, ticket.session_id) if ticket else (None, None)
        member = socket.member = Member(new_id().hex, socket, user_id, session_id)
        self.hub.add(member)
        if session_id is not None:
            self.sessions.expect(member)
        self.hub.tell(member, told(Hello(member.id, user_id is not None, PING_AFTER_SECONDS)))

    # --- looking after ---

    def _look_after(self, socket: Socket, now: float) -> None:
        member, silent = socket.member, now - socket.last_heard
        if socket.closed_with:
            return
        if silent > GIVE_UP_AFTER_SECONDS:
            socket.close(SILENT)
            return
        ask_after = COUNTED_PING_AFTER_SECONDS if member and member.rooms else PING_AFTER_SECONDS
        if silent > ask_after and now - socket.last_pinged > ask_after:
            socket.last_pinged = now
            if member is None:
                socket.ping()
            else:
                self.hub.tell_soon(member, PING)
        if member is not None and member.rooms:
            self.conversation.count(member, silent < COUNTED_FOR_SECONDS)

    def _ask_for_tick(self) -> None:
        self._loop.call_later(tick_seconds(len(self.hub)), self.hub.flush)

    def _ask_for_late_tick(self) -> None:
        self._loop.call_later(SOON_SECONDS, self.hub.flush_soon)

    def _tell_people(self, room: str, people: int) -> None:
        self._delivered.add(self.hub.tell_room(room, told(PresenceTold(room, people))), kind="presence")

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
