"""The outermost layer of the web process, in plain ASGI because every request pays for it.

It gives each request an id and an address, bounds its body and its time, answers what the layers inside could not, adds the
security headers, and writes down what happened. Paths in `direct` are answered here, without Litestar: health, measurements and
the few reads that are asked for most.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from itertools import count
from secrets import token_hex
from typing import Any

from directfanz.backends import Backends
from directfanz.backends.database.age import is_a_strangers_look, may_be_old
from directfanz.backends.telemetry.context import request_id as current_request_id
from directfanz.errors import DirectFanzError, TimedOut, Unavailable
from directfanz.http.access_log import AccessLog
from directfanz.http.addresses import Proxies
from directfanz.http.answers import Answer, Answers
from directfanz.http.arrival import STATE_KEY, Arrival
from directfanz.http.bodies import BodyLimits, BoundedBody
from directfanz.http.gate import Gate
from directfanz.http.headers import SecurityHeaders
from directfanz.http.measures import Measures
from directfanz.http.reply import Reply

Direct = Callable[[Arrival], Awaitable[Answer]]
# Beyond this a request would only wait for its timeout; it is better told to come back.
MAX_IN_FLIGHT = 2_000
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}").fullmatch


class RequestTimeout(DirectFanzError):
    code = "timed_out"
    status = 408


class Frame:
    def __init__(
        self,
        app: Any,
        backends: Backends,
        gate: Gate,
        answers: Answers,
        security: SecurityHeaders,
        direct: Mapping[str, Direct],
        access_log: AccessLog,
        measures: Measures,
    ) -> None:
        self._app = app
        self._backends = backends
        self._gate = gate
        self.answers = answers
        self.security = security
        self._exact = {path: call for path, call in direct.items() if "{" not in path}
        self._by_folder = {path[: path.index("{")]: (path, call) for path, call in direct.items() if "{" in path}
        self.direct_paths = tuple(direct)
        self._log = access_log
        self.measures = measures
        self._proxies = Proxies(backends.settings.trusted_proxies)
        self._limits = BodyLimits(backends.platform)
        self.request_seconds: float = backends.platform.limits.request_timeout_seconds
        self._ids, self._prefix = count(1), token_hex(6)
        self._span = backends.telemetry.span
        self._monotonic = backends.clock.monotonic
        self.draining = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        head: dict[bytes, bytes] = dict(scope["headers"])
        peer = scope["client"][0] if scope["client"] else ""
        arrival = self.welcome(scope["method"], scope["path"], scope["query_string"], head, peer)
        current_request_id.set(arrival.request_id)
        may_be_old.set(is_a_strangers_look(arrival.method, head))
        scope.setdefault("state", {})[STATE_KEY] = arrival
        self.measures.in_flight += 1
        reply = Reply(arrival, send, self.security, self._backends, closing=self.draining)
        try:
            if self.measures.in_flight > MAX_IN_FLIGHT:
                await self._fail(arrival, Unavailable("Too many requests are under way."), reply)
            elif arrival.method in ("GET", "HEAD") and (direct := self._direct(arrival)) is not None:
                await self._answer(arrival, direct, reply)
            else:
                await self._pass_on(arrival, scope, receive, reply)
        finally:
            self.measures.in_flight -= 1
            self.tell(arrival, reply.status or 500, reply.size)

    def welcome(self, method: str, path: str, query: bytes, head: Mapping[bytes, bytes], peer: str) -> Arrival:
        request_id = self._request_id(head, peer)
        address = self._proxies.address_of(peer, head.get(b"x-forwarded-for"))
        return Arrival(request_id, method, path, query, head, address, self._monotonic())

    def _request_id(self, head: Mapping[bytes, bytes], peer: str) -> str:
        """The edge's, so that one id leads through both logs; a stranger's word is not taken."""
        given = head.get(b"x-request-id")
        if given is not None and _REQUEST_ID(given) and self._proxies.trusts(peer):
            return given.decode()
        return f"{self._prefix}-{next(self._ids):08x}"

    def _direct(self, arrival: Arrival) -> Direct | None:
        path = arrival.path
        if (call := self._exact.get(path)) is not None:
            arrival.route = path
            return call
        if (found := self._by_folder.get(path[: path.rfind("/") + 1])) is not None:
            arrival.route = found[0]
            return found[1]
        return None

    async def _answer(self, arrival: Arrival, direct: Direct, reply: Reply) -> None:
        try:
            with self._span(arrival.route):
                status, headers, body = await direct(arrival)
        except Exception as error:
            await reply.whole(*self.answers.to(arrival, error))
            return
        await reply.whole(status, headers, body)

    async def _pass_on(self, arrival: Arrival, scope: Any, receive: Any, reply: Reply) -> None:
        try:
            async with asyncio.timeout(self.request_seconds):
                await self._enter(arrival, scope, receive, reply)
        except TimeoutError:
            late = "The request took too long to arrive." if self._still_arriving(arrival) else ""
            await self._fail(arrival, RequestTimeout(late) if late else TimedOut("The answer took too long."), reply)
        except Exception as error:
            await self._fail(arrival, error, reply)

    async def _enter(self, arrival: Arrival, scope: Any, receive: Any, reply: Reply) -> None:
        method = arrival.method
        if method not in _BODILESS:
            receive = BoundedBody(arrival, receive, self._limits.of(arrival.path))
        await self._gate.admit(arrival)
        if method == "HEAD":
            # Routes answer GET; the server leaves the body out, because its own scope still says HEAD.
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, reply)
        arrival.route = scope.get("path_template", arrival.route)

    def _still_arriving(self, arrival: Arrival) -> bool:
        return arrival.method not in _BODILESS and not arrival.body_complete

    async def _fail(self, arrival: Arrival, error: Exception, reply: Reply) -> None:
        answer = self.answers.to(arrival, error)
        if reply.status:
            raise error  # half an answer is out: the server cuts the connection, so that nobody takes it for whole
        await reply.whole(*answer)

    def tell(self, arrival: Arrival, status: int, size: int) -> None:
        ended = self._monotonic()
        self.measures.done(arrival.route, status, ended - arrival.started)
        self._log.line(arrival, status, size, ended)
