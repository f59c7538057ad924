"""One line of JSON per request, in the form of all log lines.

It names the route, not the path: paths carry tokens of links and other people's names. Neither address nor query is
written. Lines are gathered and handed over a few times a second, so that a request does not pay for waking a writer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime

from msgspec import to_builtins

from directfanz.backends.clock.contract import Clock
from directfanz.backends.telemetry import context
from directfanz.backends.telemetry.logs import LineHandler
from directfanz.http.arrival import Arrival
from directfanz.kit.time import rfc3339

FLUSH_SECONDS = 0.2
MAX_LINES = 500
MAX_WORDED = 5_000


class AccessLog:
    """`told` is called whenever lines are handed over: a few times a second, and once after the last request."""

    def __init__(
        self,
        service: str,
        clock: Clock,
        write: Callable[[bytes], None],
        told: Callable[[], None] = lambda: None,
        every_seconds: float = FLUSH_SECONDS,
    ) -> None:
        self._told = told
        self._every_seconds = every_seconds
        self._start = f'"level":"info","service":"{service}","logger":"directfanz.access"'
        self._clock = clock
        self._write = write
        self._lines: list[str] = []
        self._worded: dict[tuple[str, str, int], tuple[str, str]] = {}
        self._timer: asyncio.TimerHandle | None = None
        # What the clocks said when the first of these lines came, and the last second that was put into words.
        self._began = 0.0
        self._began_ticks = 0.0
        self._second = -1
        self._words = ""

    def line(self, arrival: Arrival, status: int, size: int, ended: float) -> None:
        """`ended` is by the clock that never goes back."""
        if self._timer is None:
            self._begin()
        what = (arrival.method, arrival.route, status)
        begin, end = self._worded.get(what) or self._word(*what)
        caller, kept = arrival.caller, context.trace_id.get()
        user = f',"user_id":"{to_builtins(caller.user_id)}"' if caller is not None and caller.user_id else ""
        trace = f',"trace_id":"{kept}"' if kept else ""
        self._lines.append(
            f'{{"time":"{self._time(ended)}",{begin}"{arrival.request_id}"{trace}{end}'
            f'"bytes":{size},"ms":{(ended - arrival.started) * 1000:.3f}{user}}}}}'
        )
        if len(self._lines) >= MAX_LINES:
            self.flush()

    def flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        lines, self._lines = self._lines, []
        if lines:
            self._write("\n".join(lines).encode())
            self._told()

    def _word(self, method: str, route: str, status: int) -> tuple[str, str]:
        """What is the same in each line of a route. Routes and statuses are few; methods too, past the server's parser."""
        begin = f'{self._start},"message":"{method} {route} {status}","request_id":'
        end = f',"fields":{{"method":"{method}","route":"{route}","status":{status},'
        if len(self._worded) < MAX_WORDED:
            self._worded[method, route, status] = begin, end
        return begin, end

    def _begin(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._every_seconds, self.flush)
        self._began = self._clock.now().timestamp()
        self._began_ticks = self._clock.monotonic()

    def _time(self, ticks: float) -> str:
        """A moment in words costs more than the rest of the line, so each second is worded once."""
        moment = self._began + ticks - self._began_ticks
        second = int(moment)
        if second != self._second:
            self._second = second
            self._words = rfc3339(datetime.fromtimestamp(second, UTC))[:-5]
        return f"{self._words}.{int((moment - second) * 1000):03d}Z"


def process_log() -> Callable[[bytes], None]:
    """Where this process writes its lines; nowhere when logging is not set up, as in tests."""
    handlers = (handler for handler in logging.getLogger().handlers if isinstance(handler, LineHandler))
    handler = next(handlers, None)
    return handler.write if handler is not None else lambda _: None
