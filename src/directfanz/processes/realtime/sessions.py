"""Cuts sockets whose session has ended, also when nobody told us: a message can be lost, a session can simply run out."""

from __future__ import annotations

import logging

from directfanz.backends import Backends
from directfanz.domains.accounts.service import sessions
from directfanz.errors import DirectFanzError
from directfanz.processes.realtime.close_codes import SESSION_ENDED
from directfanz.processes.realtime.hub import Hub, Member

EVERY_SECONDS = 1.0
# Each socket's session is looked up this often; a new socket's at once.
ROUND_SECONDS = 30
log = logging.getLogger("directfanz.realtime")


class SessionWatch:
    def __init__(self, backends: Backends, hub: Hub) -> None:
        self._backends = backends
        self._hub = hub
        self._new: set[Member] = set()
        self._turn = 0

    def expect(self, member: Member) -> None:
        """Its session may have ended between the ticket and now."""
        self._new.add(member)

    async def run(self) -> None:
        while True:
            await self._backends.clock.sleep(EVERY_SECONDS)
            self._turn = (self._turn + 1) % ROUND_SECONDS
            new, self._new = self._new, set()
            due = [member for member in self._hub.members if member.session_id and self._is_due(member)]
            await self._check([*due, *new])

    async def check_all(self) -> None:
        await self._check([member for member in self._hub.members if member.session_id])

    def _is_due(self, member: Member) -> bool:
        return hash(member.session_id) % ROUND_SECONDS == self._turn

    async def _check(self, members: list[Member]) -> None:
        """One query for all. While the database is away nobody is cut: it is asked again."""
        if not members:
            return
        ids = {member.session_id for member in members if member.session_id}
        try:
            live = await sessions.still_live(self._backends, ids)
        except DirectFanzError as error:
            log.warning("sessions are checked later: %s", error.message)
            self._new.update(members)
            return
        for member in members:
            if member.session_id not in live:
                member.outlet.close(SESSION_ENDED)
