"""What is known of a request before any route sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

import msgspec

if TYPE_CHECKING:
    from directfanz.http.caller import Caller

STATE_KEY = "arrival"
API_PREFIX = "/api/"
ZONE_COOKIE = "df_zone"


class HasScope(Protocol):
    """A Litestar request or connection."""

    @property
    def scope(self) -> Any: ...


class Arrival(msgspec.Struct, eq=False):
    """Made once per request by the frame; the layers inside add what they learn."""

    request_id: str
    method: str
    path: str
    query: bytes
    head: Mapping[bytes, bytes]
    address: str
    started: float
    route: str = "unmatched"
    caller: Caller | None = None
    cookies: Mapping[str, str] = {}
    body_complete: bool = False
    notices: list[tuple[str, str]] = []
    notices_read: bool = False
    # Headers that a layer wants on the answer, whatever the route says.
    extra: list[tuple[bytes, bytes]] = []

    @property
    def is_api(self) -> bool:
        return self.path.startswith(API_PREFIX)

    @property
    def user_agent(self) -> str:
        return self.head.get(b"user-agent", b"").decode("latin-1")[:400]

    @property
    def zone(self) -> ZoneInfo | None:
        """Where the reader's clock hangs: as the browser's script says in a cookie, else as the profile says."""
        told = self.caller.timezone if self.caller else None
        return zone_named(self.cookies.get(ZONE_COOKIE, "")) or zone_named(told or "")


def arrival_of(request: HasScope) -> Arrival:
    arrival: Arrival = request.scope["state"][STATE_KEY]
    return arrival


def zone_named(name: str) -> ZoneInfo | None:
    """None for anything that is not the name of a zone: a cookie is a stranger's word."""
    if not name or len(name) > 64 or name.startswith(("/", ".")) or ".." in name:
        return None
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return None
