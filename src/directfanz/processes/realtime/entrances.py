"""Those who come into a chat room, together: after a restart thousands come at one moment, and a hundred cost what one does.

Whoever comes while others are looked up waits for the next round of that room.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple
from uuid import UUID

from directfanz.processes.realtime.hub import Member
from directfanz.processes.realtime.limits import CHAT_ENTER_TOGETHER
from directfanz.processes.realtime.protocol import ChatEnter

# The database answers so many rooms at a time.
ROOMS_AT_ONCE = 4


class Coming(NamedTuple):
    member: Member
    asked: ChatEnter


class Entrances:
    def __init__(self, let_in: Callable[[UUID, list[Coming]], Awaitable[None]]) -> None:
        """`let_in` answers each of them, whatever happens."""
        self._let_in = let_in
        self._waiting: dict[UUID, list[Coming]] = {}
        self._turns = asyncio.Semaphore(ROOMS_AT_ONCE)

    def join(self, room_id: UUID, coming: Coming) -> bool:
        """True for the first, who has to `run` for all that follow."""
        waiting = self._waiting.get(room_id)
        if waiting is not None:
            waiting.append(coming)
            return False
        self._waiting[room_id] = [coming]
        return True

    async def run(self, room_id: UUID) -> None:
        try:
            while waiting := self._waiting[room_id]:
                async with self._turns:
                    now, later = waiting[:CHAT_ENTER_TOGETHER], waiting[CHAT_ENTER_TOGETHER:]
                    self._waiting[room_id] = later
                    await self._let_in(room_id, now)
        finally:
            del self._waiting[room_id]
