"""The way from a signed-in page to a WebSocket: a ticket that the realtime process takes instead of a session."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import post

from directfanz.backends import Backends
from directfanz.errors import NotSignedIn
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.limits import rate_limit
from directfanz.processes.realtime.protocol import SUBPROTOCOL, TICKET_PREFIX
from directfanz.processes.realtime.tickets import LIVES, issue

TAGS = {"Realtime": "The WebSocket: who is there, and what is new as it happens."}


class RealtimeTicket(msgspec.Struct, frozen=True, kw_only=True):
    """`new WebSocket(url, subprotocols)`"""

    url: str
    subprotocols: list[str]
    expires_in_seconds: int


@post(
    "/realtime/ticket", status_code=200, guards=[signed_in], opt=rate_limit("realtime-ticket", per_minute=60),
    tags=list(TAGS), summary="A ticket that opens one WebSocket, once, within half a minute",
)  # fmt: skip
async def ticket(backends: Given[Backends], caller: Given[Caller]) -> RealtimeTicket:
    if caller.user_id is None or caller.session_id is None:
        raise NotSignedIn("Sign in first.")
    signed = issue(backends.tokens, caller.user_id, UUID(caller.session_id), backends.clock.now())
    return RealtimeTicket(
        url=backends.settings.site_url.replace("http", "ws", 1) + "/ws",
        subprotocols=[SUBPROTOCOL, TICKET_PREFIX + signed],
        expires_in_seconds=int(LIVES.total_seconds()),
    )


routes = [ticket]
