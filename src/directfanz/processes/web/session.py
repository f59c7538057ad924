"""Who a session or token belongs to: what a program asks first, and a page now and then."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import get

from directfanz.http.caller import Caller, Role, signed_in_or_token
from directfanz.http.dependencies import Given


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    user_id: UUID
    role: Role
    handle: str
    name: str
    avatar: str | None
    # Of a token; a session holds them all.
    scopes: list[str] | None
    # Until when delicate changes need no confirmation.
    fresh_until: datetime | None


@get("/session", guards=[signed_in_or_token], tags=["Signing in"])
async def session(caller: Given[Caller]) -> SessionView:
    """Who is calling. It reads the session alone, so it is the cheapest way to learn whether one still lives."""
    return view_of(caller)


def view_of(caller: Caller) -> SessionView:
    return SessionView(
        user_id=caller.require_user(),
        role=caller.role or "fan",
        handle=caller.handle or "",
        name=caller.name or "",
        avatar=caller.avatar,
        scopes=None if caller.scopes is None else sorted(caller.scopes),
        fresh_until=caller.fresh_until,
    )


routes = [session]
