"""Who is asking, and the guards that let them in.

    @get("/profile", guards=[signed_in, require_scope("profile:read")])
    async def profile(backends: Given[Backends], caller: Given[Caller]) -> Profile: ...

A session may do all that its person may. A personal access token may only call routes that name a scope it holds: a
route without `require_scope` is closed to tokens, so that forgetting one opens nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from directfanz.errors import Forbidden, NotSignedIn
from directfanz.http.arrival import Arrival, HasScope, arrival_of

Role = Literal["fan", "creator", "admin"]
SESSION_COOKIE = "df_session"
SIGN_IN_PATH = "/sign-in"
CONFIRM_PATH = "/confirm"


class ConfirmFirst(Forbidden):
    """What was asked for is so delicate that the person has to show again that it is them."""

    code = "confirm_first"


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """A stranger has no `user_id`. `scopes` is None for a session, which holds them all."""

    address: str = ""
    user_agent: str = ""
    user_id: UUID | None = None
    role: Role | None = None
    handle: str | None = None
    name: str | None = None
    avatar: str | None = None
    theme: str = "system"
    timezone: str | None = None
    session_id: str | None = None
    token_id: UUID | None = None
    scopes: frozenset[str] | None = None
    # Until when the last sign-in or confirmation counts for delicate matters.
    fresh_until: datetime | None = None

    @property
    def signed_in(self) -> bool:
        return self.user_id is not None

    def require_user(self) -> UUID:
        if self.user_id is None:
            raise NotSignedIn("Sign in first.")
        return self.user_id

    def holds(self, scope: str) -> bool:
        return self.scopes is None or scope in self.scopes

    def is_fresh(self, now: datetime) -> bool:
        return self.fresh_until is not None and now < self.fresh_until


@dataclass(frozen=True, slots=True)
class Needs:
    """A guard that can be read as well as run: the OpenAPI description is made from the same words."""

    roles: tuple[Role, ...] = ()
    scope: str | None = None
    fresh: bool = False
    any_token: bool = False

    async def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        """Async, because Litestar sends a plain function to a thread."""
        caller = caller_of(connection)
        caller.require_user()
        if caller.token_id is not None:
            self._require_token_scope(caller, handler)
        if self.roles and caller.role not in self.roles:
            raise Forbidden(f"This needs the role {' or '.join(self.roles)}.")
        if self.fresh and not caller.is_fresh(connection.app.state.backends.clock.now()):
            raise ConfirmFirst("Confirm that it is you, then try again.")

    @property
    def takes_tokens(self) -> bool:
        return self.any_token or self.scope is not None

    def _require_token_scope(self, caller: Caller, handler: BaseRouteHandler) -> None:
        if self.scope is not None:
            if not caller.holds(self.scope):
                raise Forbidden(f"This token lacks the scope {self.scope}. Make one that has it.")
        elif not any(isinstance(guard, Needs) and guard.takes_tokens for guard in handler.resolve_guards()):
            raise Forbidden("No access token may do this. Use the pages, signed in.")


signed_in = Needs()
signed_in_or_token = Needs(any_token=True)
recently_confirmed = Needs(fresh=True)


def require_role(*roles: Role) -> Needs:
    return Needs(roles=roles)


def require_scope(scope: str) -> Needs:
    """Also for sessions: it says that one must be signed in."""
    return Needs(scope=scope)


def caller_of(request: HasScope) -> Caller:
    """The authenticated caller, or a stranger with an address."""
    return caller_in(arrival_of(request))


def caller_in(arrival: Arrival) -> Caller:
    if arrival.caller is None:
        arrival.caller = Caller(address=arrival.address, user_agent=arrival.user_agent)
    return arrival.caller
