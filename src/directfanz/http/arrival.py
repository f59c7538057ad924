"""What is known of a request before any route sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from directfanz.http.caller import Caller

STATE_KEY = "arrival"
API_PREFIX = "/api/"


class HasScope(Protocol):
    """A Litestar request or connection."""

    @property
    def scope(self) -> Any: ...


class Arrival:
    """Made once per request by the frame; the layers inside add what they learn."""

    __slots__ = (
        "address", "body_complete", "caller", "cookies", "is_api", "notices", "notices_read", "path", "request_id",
        "route", "started", "user_agent",
    )  # fmt: skip

    def __init__(self, request_id: str, path: str, address: str, user_agent: str, started: float) -> None:
        self.request_id = request_id
        self.path = path
        self.is_api = path.startswith(API_PREFIX)
        self.address = address
        self.user_agent = user_agent
        self.started = started
        self.route = ""
        self.caller: Caller | None = None
        self.cookies: Mapping[str, str] = {}
        self.body_complete = False
        self.notices: list[tuple[str, str]] = []
        self.notices_read = False

    @property
    def zone(self) -> ZoneInfo | None:
        """Where the reader's clock hangs, as the page's script left it in a cookie."""
        return zone_named(self.cookies.get("df_zone", ""))


def arrival_of(request: HasScope) -> Arrival:
    arrival: Arrival = request.scope["state"][STATE_KEY]
    return arrival


def zone_named(name: str) -> ZoneInfo | None:
    """None for anything that is not the name of a zone: a cookie is a stranger's word."""
    if not name or len(name) > 64 or name.startswith(("/", ".")) or ".." in name:
        return None
    try:
        return ZoneInfo(name)
    except (ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError in the tree of LookupErrors
        return None
    except LookupError:
        return None
