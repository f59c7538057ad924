"""uvicorn's HTTP protocol, with a door of its own for hot reads.

The parser is uvicorn's and every request goes through it. A plain read that `Lane` knows becomes a `Visit`; all others get
their scope and their task from uvicorn.
"""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from directfanz.processes.web.visit import UNUSUAL, Lane, Visit


class WebProtocol(HttpToolsProtocol):
    def __init__(self, lane: Lane, **given: Any) -> None:
        super().__init__(**given)
        self._lane = lane
        self._peer = ""
        # When the last answer left, by the loop's time; None while a request is arriving or under way.
        self._idle_since: float | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._peer = self.client[0] if self.client else ""

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()

    # --- the parser's side ---

    def on_message_begin(self) -> None:
        """The scope is made when it turns out that somebody needs it."""
        self.url = b""
        self.headers = []
        self.expect_100_continue = False

    def on_headers_complete(self) -> None:
        cycle: Any = self.cycle
        visit = self._visit() if cycle is None or cycle.response_complete else None
        if visit is not None:
            self.cycle = visit
            return
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers += headers  # the scope holds this list
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        cycle: Any = self.cycle
        if type(cycle) is Visit:
            cycle.begin()
        else:
            super().on_message_complete()

    def _visit(self) -> Any:
        parser = self.parser
        if parser.get_method() != b"GET":
            return None
        path, _, query = self.url.partition(b"?")
        found = self._lane.find(path)
        if found is None or b"#" in query:
            return None
        head = dict(self.headers)
        if not UNUSUAL.isdisjoint(head):
            return None
        route, read = found
        arrival = self._lane.frame.welcome("GET", path.decode("ascii"), query, head, self._peer)
        arrival.route = route
        keeps = parser.should_keep_alive() and (b"connection" not in head or parser.get_http_version() != "1.0")
        return Visit(self, self._lane, read, arrival, keeps)

    # --- between requests ---

    def on_response_complete(self) -> None:
        """uvicorn's, but for the timer: one per connection that looks now and then, instead of one per request."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
            return
        self._idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._look_again_in(self.timeout_keep_alive)

    def _unset_keepalive_if_required(self) -> None:
        self._idle_since = None

    def timeout_keep_alive_handler(self) -> None:
        self.timeout_keep_alive_task = None
        if self._idle_since is None:
            return  # the end of what is under way sets the timer again
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._look_again_in(left)
        else:
            self.transport.close()

    def _look_again_in(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)
