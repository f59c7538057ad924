"""What the cache remembers of who is signed in: `session:{SHA-256 of the token}`.

The rows are the truth. An entry lives ten minutes, so a lost cache costs one read per session and signs nobody out. What was
revoked leaves a stone behind, and an entry is never written over a stone: a request that read the row just before it was
revoked cannot bring it back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.domains.accounts.events import SESSION_REVOKED, SessionRevoked
from directfanz.domains.accounts.models import FRESH, avatar_url
from directfanz.domains.accounts.repository.access_tokens import LiveToken
from directfanz.domains.accounts.repository.sessions import Ended, LiveSession
from directfanz.http.caller import Caller, Role

ENTRY_SECONDS = 600
STONE = b"-"
# Longer than any request can be under way.
STONE_SECONDS = 600
_KEEP = """
if redis.call('GET', KEYS[1]) == '-' then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
"""


class Remembered(msgspec.Struct, frozen=True, array_like=True):
    """Times are seconds, which decode quicker than dates. `scopes` is None for a session."""

    id: UUID
    user_id: UUID
    role: Role
    handle: str
    name: str
    avatar: str | None
    theme: str
    timezone: str
    seen: float
    expires: float
    fresh_until: float
    scopes: frozenset[str] | None = None

    def caller(self, address: str, user_agent: str) -> Caller:
        is_session = self.scopes is None
        return Caller(
            address=address,
            user_agent=user_agent,
            user_id=self.user_id,
            role=self.role,
            handle=self.handle,
            name=self.name,
            avatar=avatar_url(self.avatar),
            theme=self.theme,
            timezone=self.timezone,
            session_id=str(self.id) if is_session else None,
            token_id=None if is_session else self.id,
            scopes=self.scopes,
            fresh_until=datetime.fromtimestamp(self.fresh_until, UTC) if is_session else None,
        )


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Remembered)


def key_of(token_hash: bytes) -> str:
    return "session:" + token_hash.hex()


def of_session(live: LiveSession) -> Remembered:
    return Remembered(
        live.id, live.user_id, live.role, live.handle, live.display_name, live.avatar, live.theme, live.timezone,
        live.last_seen_at.timestamp(), live.expires_at.timestamp(), (live.authenticated_at + FRESH).timestamp(),
    )  # fmt: skip


def of_token(live: LiveToken, now: datetime) -> Remembered:
    return Remembered(
        live.id, live.user_id, live.role, live.handle, live.display_name, live.avatar, live.theme, live.timezone,
        now.timestamp(), live.expires_at.timestamp(), 0, frozenset(live.scopes),
    )  # fmt: skip


def decode(entry: bytes) -> Remembered | None:
    """None for an entry that an older release wrote in another form: the row is read instead."""
    try:
        return _DECODER.decode(entry)
    except msgspec.MsgspecError:
        return None


async def keep(backends: Backends, token_hash: bytes, entry: Remembered) -> None:
    await backends.cache.script(_KEEP, [key_of(token_hash)], [_ENCODER.encode(entry), ENTRY_SECONDS])


async def forget(backends: Backends, hashes: Iterable[bytes]) -> None:
    """For what changed and is still live: the next request reads the row."""
    for each in hashes:
        await backends.cache.delete(key_of(each))


async def bury(backends: Backends, hashes: Iterable[bytes]) -> None:
    """For what opens nothing any more."""
    for each in hashes:
        await backends.cache.set(key_of(each), STONE, ttl_seconds=STONE_SECONDS)


async def announce(backends: Backends, ended: Iterable[Ended]) -> None:
    for each in ended:
        await backends.cache.publish(SESSION_REVOKED, msgspec.json.encode(SessionRevoked(each.user_id, each.id)))
