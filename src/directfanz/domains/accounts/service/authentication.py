"""Who is asking: the first thing every request does, so its usual way is one read of the cache and nothing else."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from directfanz.backends import Backends
from directfanz.domains.accounts.models import SEEN_EVERY
from directfanz.domains.accounts.repository import access_tokens, sessions
from directfanz.domains.accounts.service import memory
from directfanz.domains.accounts.service.memory import Remembered
from directfanz.domains.accounts.service.secrets import token_hash
from directfanz.errors import Unavailable
from directfanz.http.caller import Caller

SESSION_PURPOSE = "session"
TOKEN_PREFIX = "dfp_"  # noqa: S105 - what a token begins with, not one
LONGEST_CREDENTIAL = 200
_SEEN_SECONDS = SEEN_EVERY.total_seconds()


async def authenticate(
    backends: Backends, cookie: str | None, bearer: str | None, address: str, user_agent: str
) -> Caller | None:
    """None for whatever opens nothing: forged, altered, expired, revoked. A token given is what counts, not the cookie."""
    now = backends.clock.now()
    secret = _bearer_secret(bearer) if bearer is not None else _cookie_secret(backends, cookie, now)
    if secret is None:
        return None
    found = await _remembered(backends, token_hash(secret), now, is_session=bearer is None)
    return found.caller(address, user_agent) if found else None


def session_key(backends: Backends, cookie: str) -> str | None:
    """Where the cache remembers the session, for who reads more than that in one round trip. None: not our cookie."""
    secret = _cookie_secret(backends, cookie, backends.clock.now())
    return memory.key_of(token_hash(secret)) if secret else None


def caller_remembered(entry: bytes | None, moment: float, address: str, user_agent: str) -> Caller | None:
    """What is found there. None: unknown or no more, or to be looked at closely; `authenticate` tells which."""
    read = _read(entry, address, user_agent) if entry else None
    if read is None:
        return None
    seen, expires, caller = read
    return caller if moment < expires and moment - seen < _SEEN_SECONDS else None


@lru_cache(maxsize=4096)
def _read(entry: bytes, address: str, user_agent: str) -> tuple[float, float, Caller] | None:
    """The same entry comes again and again while somebody is here."""
    known = memory.decode(entry) if entry != memory.STONE else None
    if known is None or known.scopes is not None:
        return None
    return known.seen, known.expires, known.caller(address, user_agent)


def _cookie_secret(backends: Backends, cookie: str | None, now: datetime) -> str | None:
    if not cookie or len(cookie) > LONGEST_CREDENTIAL:
        return None
    return backends.tokens.verify(SESSION_PURPOSE, cookie, now)


def _bearer_secret(bearer: str) -> str | None:
    return bearer if bearer.startswith(TOKEN_PREFIX) and len(bearer) <= LONGEST_CREDENTIAL else None


async def _remembered(backends: Backends, hashed: bytes, now: datetime, *, is_session: bool) -> Remembered | None:
    try:
        entry = await backends.cache.get(memory.key_of(hashed))
    except Unavailable:
        entry = None
    if entry == memory.STONE:
        return None
    known = memory.decode(entry) if entry else None
    if known is not None and (known.scopes is None) != is_session:
        return None
    moment = now.timestamp()
    if known is not None and moment >= known.expires:
        return None
    if known is not None and moment - known.seen < _SEEN_SECONDS:
        return known
    return await _from_the_row(backends, hashed, now, is_session=is_session)


async def _from_the_row(backends: Backends, hashed: bytes, now: datetime, *, is_session: bool) -> Remembered | None:
    """Once a minute, and after the cache lost it. On the primary: a replica may not know yet what was revoked."""
    async with backends.database.writing() as tx:
        if is_session:
            live = await sessions.see(tx, hashed, now, now - SEEN_EVERY) or await sessions.find_live(tx, hashed, now)
            found = memory.of_session(live) if live else None
        else:
            token = await access_tokens.find_live(tx, hashed, now)
            found = memory.of_token(token, now) if token else None
            if token is not None:
                await access_tokens.note_use(tx, token.id, now, now - SEEN_EVERY)
    if found is not None:
        await _keep_if_possible(backends, hashed, found)
    return found


async def _keep_if_possible(backends: Backends, hashed: bytes, found: Remembered) -> None:
    """Without the cache people stay signed in; each request then reads its row."""
    try:
        await memory.keep(backends, hashed, found)
    except Unavailable:
        return
