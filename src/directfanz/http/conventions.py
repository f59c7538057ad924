"""What every Litestar route keeps without saying so: its limit, its trace, its ETag and its Idempotency-Key."""

from __future__ import annotations

from typing import Any, NamedTuple

from litestar import Litestar
from litestar.routes import HTTPRoute

from directfanz.backends import Backends
from directfanz.backends.cache.rate_limit import RateLimiter
from directfanz.backends.telemetry.contract import Telemetry
from directfanz.http.arrival import STATE_KEY, Arrival
from directfanz.http.caller import caller_in
from directfanz.http.etags import etag_of, matches
from directfanz.http.gate import SAFE_METHODS
from directfanz.http.idempotency import Idempotency, send_whole
from directfanz.http.limits import API_WRITES, OPTION, Limit, told

CONVENTIONS = "conventions"  # where the application keeps what they work with
_NOT_MODIFIED_KEEPS = frozenset({b"cache-control", b"etag", b"vary", b"link"})


class Held(NamedTuple):
    """What the conventions work with, one for an application."""

    telemetry: Telemetry
    idempotency: Idempotency
    limiter: RateLimiter

    @classmethod
    def of(cls, backends: Backends) -> Held:
        limiter = RateLimiter(backends.cache, backends.clock, backends.telemetry)
        return cls(backends.telemetry, Idempotency(backends), limiter)


class Conventions:
    """Litestar middleware: it runs after routing and around the handler, whose errors arrive as answers."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        arrival: Arrival = scope["state"][STATE_KEY]
        arrival.route = scope["path_template"]
        held: Held = scope["litestar_app"].state[CONVENTIONS]
        limit = self._limit_of(scope, arrival)
        if limit is not None:
            who = limit.counted_as(caller_in(arrival))
            verdict = await held.limiter.take(who, limit.name, limit.rate, when_down=limit.when_down)
            arrival.extra += told(verdict)
            verdict.require()
        with held.telemetry.span(f"{arrival.method} {arrival.route}"):
            await self._call(held.idempotency, arrival, scope, receive, send)

    async def _call(self, idempotency: Idempotency, arrival: Arrival, scope: Any, receive: Any, send: Any) -> None:
        if arrival.method == "OPTIONS":
            await send_whole(send, 204, [(b"allow", _methods(scope["litestar_app"], arrival.route))], b"")
        elif not arrival.is_api:
            await self.app(scope, receive, send)
        elif arrival.method in ("GET", "HEAD"):
            await self.app(scope, receive, Versioned(arrival, send))
        elif (key := arrival.head.get(b"idempotency-key")) is not None:
            await idempotency.once(key, arrival, self.app, scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _limit_of(self, scope: Any, arrival: Arrival) -> Limit | None:
        declared: Limit | None = scope["route_handler"].opt.get(OPTION)
        if declared is not None or arrival.method in SAFE_METHODS or not arrival.is_api:
            return declared
        return API_WRITES


def _methods(app: Litestar, path: str) -> bytes:
    """Of all handlers at a path; Litestar's own answer knows those of one."""
    routes = [route for route in app.routes if isinstance(route, HTTPRoute) and route.path_format == path]
    return ", ".join(sorted({method for route in routes for method in route.methods})).encode()


class Versioned:
    """Adds the ETag of a whole 200 answer, and leaves out the body that the client has already."""

    __slots__ = ("_arrival", "_send", "_start")

    def __init__(self, arrival: Arrival, send: Any) -> None:
        self._arrival = arrival
        self._send = send
        self._start: Any = None

    async def __call__(self, message: Any) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            self._start = message
            return
        if self._start is not None:
            message = await self._begin(message)
        await self._send(message)

    async def _begin(self, message: Any) -> Any:
        start, self._start = self._start, None
        if not message.get("more_body") and b"etag" not in dict(start["headers"]):
            etag = etag_of(message.get("body", b""))
            start["headers"] = [*start["headers"], (b"etag", etag)]
            wanted = self._arrival.head.get(b"if-none-match")
            if wanted is not None and matches(wanted, etag):
                start["status"] = 304
                start["headers"] = [each for each in start["headers"] if each[0] in _NOT_MODIFIED_KEEPS]
                message = {"type": "http.response.body", "body": b""}
        await self._send(start)
        return message
