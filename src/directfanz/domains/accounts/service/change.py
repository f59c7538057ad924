"""A transaction that knows which sessions it ends.

    async with changing(backends) as change:
        change.end(await sessions.revoke_all(change.tx, user_id, now))

What ended is forgotten by the cache right after the commit. A job, enqueued with the change, does the same again: if this process
dies in between, or the cache is away, the worker sees to it.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Isolation, Writer
from directfanz.backends.jobs.contract import Job
from directfanz.domains.accounts.repository import access_tokens, sessions
from directfanz.domains.accounts.repository.sessions import Ended
from directfanz.domains.accounts.service import memory
from directfanz.errors import Unavailable

log = logging.getLogger("directfanz.accounts")


class ForgetSessions(msgspec.Struct, frozen=True):
    """SHA-256 of tokens: they open nothing. `sessions` are announced, `hashes` only forgotten."""

    sessions: list[tuple[UUID, UUID, str]] = []
    hashes: list[str] = []


class Change:
    def __init__(self, backends: Backends, tx: Writer) -> None:
        self.backends = backends
        self.tx = tx
        self._ended: list[Ended] = []
        self._buried: list[bytes] = []
        self._changed: list[bytes] = []

    def end(self, ended: Iterable[Ended]) -> None:
        """Sessions that were revoked: their cookies open nothing, their sockets are closed."""
        self._ended += ended

    def bury(self, hashes: Iterable[bytes]) -> None:
        """Tokens that were replaced or revoked, with no session to close."""
        self._buried += hashes

    async def refresh(self, user_id: UUID) -> None:
        """What requests know of this person (role, name, picture) is read anew."""
        self._changed += await sessions.live_hashes(self.tx, user_id)
        self._changed += await access_tokens.live_hashes(self.tx, user_id)

    async def enqueue(self) -> None:
        if self._ended or self._buried:
            known = [(each.user_id, each.id, each.token_hash.hex()) for each in self._ended]
            payload = ForgetSessions(known, [each.hex() for each in self._buried])
            await self.backends.jobs.enqueue(self.tx, FORGET_SESSIONS, payload)

    async def settle(self) -> None:
        buried = {*(each.token_hash for each in self._ended), *self._buried}
        try:
            await memory.bury(self.backends, buried)
            await memory.forget(self.backends, [each for each in self._changed if each not in buried])
            await memory.announce(self.backends, self._ended)
        except Unavailable as error:
            log.warning("the cache will forget sessions later: %s", error)


@asynccontextmanager
async def changing(backends: Backends, isolation: Isolation = "read_committed") -> AsyncIterator[Change]:
    async with backends.database.writing(isolation) as tx:
        change = Change(backends, tx)
        yield change
        await change.enqueue()
    await change.settle()


async def _forget(backends: Backends, payload: ForgetSessions) -> None:
    ended = [Ended(session, user, bytes.fromhex(hashed)) for user, session, hashed in payload.sessions]
    await memory.bury(backends, [each.token_hash for each in ended])
    for hashed in map(bytes.fromhex, payload.hashes):
        await _forget_token(backends, hashed)
    await memory.announce(backends, ended)


async def _forget_token(backends: Backends, hashed: bytes) -> None:
    """The tokens of somebody who was suspended open again if they were let in before this job came to run."""
    async with backends.database.writing() as tx:
        lives = await access_tokens.find_live(tx, hashed, backends.clock.now()) is not None
    await (memory.forget if lives else memory.bury)(backends, [hashed])


FORGET_SESSIONS = Job("accounts.forget_sessions", ForgetSessions, _forget)
