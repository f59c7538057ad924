"""Browsers that are signed in: opened, listed, given another token, revoked."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from functools import lru_cache
from ipaddress import ip_address, ip_network
from uuid import UUID

from ua_parser import parse

from directfanz.backends import Backends
from directfanz.domains.accounts import policy
from directfanz.domains.accounts.models import SESSIONS_PER_PERSON, Method, Session, SignedIn, User, Visitor
from directfanz.domains.accounts.repository import sessions
from directfanz.domains.accounts.repository.sessions import NewSession
from directfanz.domains.accounts.service import lockout
from directfanz.domains.accounts.service.authentication import SESSION_PURPOSE
from directfanz.domains.accounts.service.change import Change, changing
from directfanz.domains.accounts.service.secrets import token_hash
from directfanz.errors import NotFound, NotSignedIn
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id, new_token

LONGEST_USER_AGENT = 400


async def open_session(
    change: Change, user: User, method: Method, visitor: Visitor, replaces: str | None = None
) -> SignedIn:
    """`replaces` is the cookie the browser had: a sign-in always gives a new token and ends the old session."""
    backends, now = change.backends, change.backends.clock.now()
    token = new_token()
    session = NewSession(
        id=new_id(), user_id=user.id, token_hash=token_hash(token), method=method,
        device=await device_named(visitor.user_agent), address_prefix=prefix_of(visitor.address),
    )  # fmt: skip
    await sessions.insert_session(change.tx, session, now)
    old = backends.tokens.verify(SESSION_PURPOSE, replaces, now) if replaces else None
    if old is not None:
        change.end(await sessions.revoke_by_token(change.tx, token_hash(old), now))
    change.end(await sessions.revoke_beyond(change.tx, user.id, SESSIONS_PER_PERSON, now))
    return SignedIn(
        user_id=user.id, session_id=session.id, cookie=backends.tokens.sign(SESSION_PURPOSE, token),
        device_cookie=lockout.device_cookie(backends, visitor, user.email or ""),
    )  # fmt: skip


async def renew(change: Change, caller: Caller, *, confirmed: bool) -> str:
    """The session's new cookie, after anything that raised what it may do. The old one opens nothing from now on."""
    (user_id, session_id), now = policy.require_session(caller), change.backends.clock.now()
    token = new_token()
    old = await sessions.rotate(change.tx, user_id, session_id, token_hash(token), now, confirmed=confirmed)
    if old is None:
        raise NotSignedIn("This session has ended. Sign in again.")
    change.bury([old.token_hash])
    return change.backends.tokens.sign(SESSION_PURPOSE, token)


async def list_sessions(backends: Backends, caller: Caller) -> list[Session]:
    """The newest used first."""
    async with backends.database.writing() as tx:
        return await sessions.list_live(tx, caller.require_user(), backends.clock.now())


async def still_live(backends: Backends, session_ids: Collection[UUID]) -> set[UUID]:
    """Of these sessions. On the primary: a replica may not know yet what was revoked."""
    async with backends.database.writing() as tx:
        return await sessions.still_live(tx, session_ids, backends.clock.now())


async def sign_out(backends: Backends, cookie: str | None) -> None:
    """Whatever the cookie is, it opens nothing afterwards."""
    now = backends.clock.now()
    token = backends.tokens.verify(SESSION_PURPOSE, cookie, now) if cookie else None
    if token is None:
        return
    async with changing(backends) as change:
        change.end(await sessions.revoke_by_token(change.tx, token_hash(token), now))


async def revoke_session(backends: Backends, caller: Caller, session_id: UUID) -> None:
    user_id, _ = policy.require_session(caller)
    async with changing(backends) as change:
        ended = await sessions.revoke_one(change.tx, user_id, session_id, backends.clock.now())
        if not ended:
            raise NotFound("This session has ended already, or is not yours.")
        change.end(ended)


async def revoke_other_sessions(backends: Backends, caller: Caller) -> int:
    user_id, session_id = policy.require_session(caller)
    async with changing(backends) as change:
        ended = await sessions.revoke_all(change.tx, user_id, backends.clock.now(), besides=session_id)
        change.end(ended)
    return len(ended)


async def device_named(user_agent: str) -> str:
    """`Firefox on Windows`. In a thread: the first call compiles some thousand patterns."""
    return await asyncio.to_thread(_device_named, user_agent[:LONGEST_USER_AGENT])


@lru_cache(maxsize=1000)
def _device_named(user_agent: str) -> str:
    found = parse(user_agent)
    browser = found.user_agent.family.removeprefix("Mobile ") if found.user_agent else ""
    system = found.os.family if found.os else ""
    return " on ".join(_named((browser, system))) or "Unknown device"


def _named(words: Iterable[str]) -> list[str]:
    return [word for word in words if word and word != "Other"]


def prefix_of(address: str) -> str:
    """Enough for an owner to tell home from abroad, too little to follow anybody: /24 or /48."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return str(ip_network((parsed, 24 if parsed.version == 4 else 48), strict=False))
