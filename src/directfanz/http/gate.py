"""What a request must pass before any route sees it: well-formed text, no forgery, and who it is from."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import unquote_to_bytes

from directfanz.backends import Backends
from directfanz.errors import Detail, Forbidden, InvalidInput, NotSignedIn
from directfanz.http.arrival import Arrival
from directfanz.http.caller import SESSION_COOKIE, Caller

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class Authenticator(Protocol):
    """Given by whoever composes the process; `http` knows no domain."""

    async def __call__(
        self, backends: Backends, cookie: str | None, bearer: str | None, address: str, user_agent: str
    ) -> Caller | None: ...


class CrossSite(Forbidden):
    code = "cross_site"


class Gate:
    def __init__(self, backends: Backends, authenticate: Authenticator) -> None:
        self._backends = backends
        self._authenticate = authenticate
        self._origin = backends.settings.site_url.encode()

    async def admit(self, arrival: Arrival) -> None:
        """Raises, or leaves the caller in `arrival`."""
        head = arrival.head
        refuse_unprintable(arrival.path, arrival.query)
        if cookie := head.get(b"cookie"):
            arrival.cookies = cookies_in(cookie)
        bearer = bearer_in(head.get(b"authorization")) if arrival.is_api else None
        if arrival.method not in SAFE_METHODS and bearer is None:
            refuse_forgery(arrival, self._origin)
        session = arrival.cookies.get(SESSION_COOKIE)
        if bearer is None and session is None:
            return
        arrival.caller = await self._authenticate(
            self._backends, None if bearer else session, bearer, arrival.address, arrival.user_agent
        )
        if bearer is not None and arrival.caller is None:
            raise NotSignedIn("This access token is unknown, expired or revoked.")


def refuse_forgery(arrival: Arrival, origin_here: bytes) -> None:
    """A browser says where a change comes from. Without cookies, and outside pages, silence is a program's."""
    site, origin = arrival.head.get(b"sec-fetch-site"), arrival.head.get(b"origin")
    if site in (b"same-origin", b"none") or (site is None and origin == origin_here):
        return
    if site is None and origin is None and arrival.is_api and SESSION_COOKIE not in arrival.cookies:
        return
    raise CrossSite("This change did not come from a page of this site. Open the page here and try again.")


def refuse_unprintable(path: str, query: bytes) -> None:
    if "\0" in path:
        raise InvalidInput("The address holds a NUL character.")
    if b"%00" in query or b"\0" in query:
        names = [part.partition(b"=")[0] for part in query.split(b"&") if b"%00" in part or b"\0" in part]
        name = unquote_to_bytes(names[0]).decode("utf-8", "replace").replace("\0", "")[:60]
        raise InvalidInput(
            "The query holds a NUL character.", Detail(name, "This holds a NUL character.", "Leave it out.")
        )


def cookies_in(header: bytes) -> dict[str, str]:
    """The first of each name wins: a browser sends the most specific first."""
    found: dict[str, str] = {}
    for part in header.decode("latin-1").split(";"):
        name, _, value = part.strip().partition("=")
        found.setdefault(name, value.strip('"'))
    return found


def bearer_in(header: bytes | None) -> str | None:
    if header is None:
        return None
    scheme, _, token = header.decode("latin-1").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotSignedIn("Send an access token as `Authorization: Bearer <token>`.")
    return token.strip()
