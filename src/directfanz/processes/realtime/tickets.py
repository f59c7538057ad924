"""The ticket that opens a socket for somebody signed in.

picows decides about an upgrade without waiting for anything, so a session cannot be looked up then. The web process, which has
just looked it up, signs who it is; the ticket lives half a minute, works once, and travels as a subprotocol, not in the
address, which logs keep.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from directfanz.backends.cache.contract import Cache
from directfanz.kit.ids import new_token
from directfanz.kit.signing import TokenSigner

LIVES = timedelta(seconds=30)
PURPOSE = "ws-ticket"
MAX_TICKET_CHARACTERS = 400


class Ticket(msgspec.Struct, frozen=True, array_like=True):
    user_id: UUID
    session_id: UUID
    nonce: str


def issue(tokens: TokenSigner, user_id: UUID, session_id: UUID, now: datetime) -> str:
    ticket = Ticket(user_id, session_id, new_token(12))
    return tokens.sign(PURPOSE, msgspec.json.encode(ticket).decode(), now + LIVES)


def read(tokens: TokenSigner, text: str, now: datetime) -> Ticket | None:
    """None for whatever we did not sign, or too long ago. Whether it was used before is not known yet."""
    if len(text) > MAX_TICKET_CHARACTERS:
        return None
    payload = tokens.verify(PURPOSE, text, now)
    return msgspec.json.decode(payload, type=Ticket) if payload is not None else None


async def use(cache: Cache, ticket: Ticket) -> bool:
    """False when somebody has used it before. `Unavailable` when that cannot be known."""
    return await cache.set(f"ws-ticket:{ticket.nonce}", b"", ttl_seconds=2 * LIVES.total_seconds(), only_if_absent=True)
