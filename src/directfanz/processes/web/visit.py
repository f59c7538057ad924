"""The short way of a hot read: from the server's protocol and back to it, without ASGI in between.

What is usual is answered at once from one look into the cache: no task, no future, no scope. Whatever is not usual (a cache
that does not say, a session to be looked at closely, a trace that is kept) takes the read's long way in a task of its own.
Id, limits, headers, measurements and log line are the frame's either way.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, NamedTuple

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from directfanz.backends import Backends
from directfanz.backends.cache.look import Found
from directfanz.backends.telemetry.context import request_id as current_request_id
from directfanz.errors import Unavailable
from directfanz.http.answers import Answer
from directfanz.http.arrival import Arrival
from directfanz.http.frame import MAX_IN_FLIGHT, Direct, Frame
from directfanz.http.reply import lines_of

if TYPE_CHECKING:
    from directfanz.processes.web.protocol import WebProtocol

log = logging.getLogger("directfanz.http")
# A request that names one of these is more than a plain read: the server and the router know what to do with it.
UNUSUAL = frozenset({b"content-length", b"transfer-encoding", b"expect", b"upgrade"})


class Glance(NamedTuple):
    """How the usual case of a read is answered. Neither function waits; each gives None for what is not usual."""

    keys: Callable[[Arrival], Sequence[str] | None]
    answer: Callable[[Arrival, Sequence[bytes | None]], Answer | None]


class HotRead(NamedTuple):
    call: Direct
    glance: Glance | None = None


class Lane:
    """What all visits of a process share."""

    def __init__(self, frame: Frame, backends: Backends, reads: Mapping[str, HotRead]) -> None:
        self.frame = frame
        self.measures = frame.measures
        self.look = backends.cache.look
        self.kept_root, self.span = backends.telemetry.kept_root, backends.telemetry.span
        self.tail = b"\r\n%b\r\n" % frame.security.api_block
        self.last_tail = b"\r\nconnection: close" + self.tail
        self._exact = {path.encode(): (path, read) for path, read in reads.items() if "{" not in path}
        self._by_folder = {
            path[: path.index("{")].encode(): (path, read) for path, read in reads.items() if "{" in path
        }
        self._told: Sequence[tuple[bytes, bytes]] = ()
        self._first_lines: dict[int, bytes] = {}

    def find(self, path: bytes) -> tuple[str, HotRead] | None:
        """Only what needs no decoding."""
        found = self._exact.get(path)
        if found is None:
            found = self._by_folder.get(path[: path.rfind(b"/") + 1])
            if found is not None and (b"%" in path or b"#" in path or not path.isascii()):
                return None
        return found

    def first_lines(self, status: int, told: Sequence[tuple[bytes, bytes]]) -> bytes:
        """The status and what the server tells by itself: the date, which is another one once a second."""
        if told is not self._told:
            self._told = told
            self._first_lines.clear()
        lines = self._first_lines.get(status)
        if lines is None:
            lines = STATUS_LINE[status] + b"".join([b"%b: %b\r\n" % header for header in told])
            self._first_lines[status] = lines
        return lines


class Visit:
    """One request. uvicorn takes it for its own record of a request under way, and asks it no more than what is here."""

    __slots__ = (
        "_lane", "_protocol", "_read", "arrival", "disconnected", "keep_alive", "more_body", "response_complete",
    )  # fmt: skip

    def __init__(self, protocol: WebProtocol, lane: Lane, read: HotRead, arrival: Arrival, keep_alive: bool) -> None:
        self._protocol = protocol
        self._lane = lane
        self._read = read
        self.arrival = arrival
        self.keep_alive = keep_alive
        self.response_complete = False
        self.disconnected = False

    @property
    def message_event(self) -> Visit:
        return self

    def set(self) -> None:
        """Nobody waits for the body of a request that has none."""

    def begin(self) -> None:
        lane, arrival = self._lane, self.arrival
        lane.measures.in_flight += 1
        if lane.measures.in_flight > MAX_IN_FLIGHT:
            self._end(*lane.frame.answers.to(arrival, Unavailable("Too many requests are under way.")))
            return
        trace, glance = lane.kept_root(arrival.route), self._read.glance
        if glance is None or trace is not None or self._protocol.flow.write_paused:
            self._take_the_long_way(trace)
        elif (keys := self._asked(glance)) is None:
            self._take_the_long_way(None)
        else:
            lane.look(keys, self._found)

    def _asked(self, glance: Glance) -> Sequence[str] | None:
        try:
            return glance.keys(self.arrival)
        except Exception:  # the long way makes a proper answer of it
            log.exception("a glance failed")
            return None

    def _found(self, found: Found) -> None:
        answer, glance = None, self._read.glance
        if found is not None and glance is not None:
            try:
                answer = glance.answer(self.arrival, found)
            except Exception:
                log.exception("a glance failed")
        if answer is None:
            self._take_the_long_way(None)
        else:
            self._end(*answer)

    def _take_the_long_way(self, trace: AbstractContextManager[None] | None) -> None:
        tasks = self._protocol.tasks
        task = self._protocol.loop.create_task(self._long_way(trace))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def _long_way(self, trace: AbstractContextManager[None] | None) -> None:
        lane, arrival = self._lane, self.arrival
        current_request_id.set(arrival.request_id)
        try:
            try:
                with trace or lane.span(arrival.route):
                    answer = await self._read.call(arrival)
            except Exception as error:
                answer = lane.frame.answers.to(arrival, error)
            if self._protocol.flow.write_paused and not self.disconnected:
                await self._protocol.flow.drain()
            self._end(*answer)
        finally:
            if not self.response_complete:
                self._give_up()

    def _end(self, status: int, headers: list[tuple[bytes, bytes]] | bytes, body: bytes) -> None:
        lane, protocol, arrival = self._lane, self._protocol, self.arrival
        head = headers if isinstance(headers, bytes) else lines_of(headers)
        size = len(body)
        self.response_complete = True
        if lane.frame.draining:
            self.keep_alive = False
        transport = protocol.transport
        if not transport.is_closing():
            first = lane.first_lines(status, protocol.server_state.default_headers)
            length = b"" if status == 304 else b"\r\ncontent-length: %d" % size
            tail = lane.tail if self.keep_alive else lane.last_tail
            request_id = arrival.request_id.encode()
            transport.write(b"".join((first, head, b"x-request-id: ", request_id, length, tail, body)))
        if not self.keep_alive:
            transport.close()
        protocol.on_response_complete()
        lane.measures.in_flight -= 1
        lane.frame.tell(arrival, status, size)

    def _give_up(self) -> None:
        """The process stops before there is an answer: half a connection helps nobody."""
        self.response_complete = True
        self._protocol.transport.close()
        self._lane.measures.in_flight -= 1
        self._lane.frame.tell(self.arrival, 500, 0)
