"""What the process counts of its answers."""

from __future__ import annotations

from collections.abc import Callable

from directfanz.backends.telemetry.contract import Telemetry

CLASSES = ("", "1xx", "2xx", "3xx", "4xx", "5xx")


class Measures:
    """Requests, their time and how many are under way, by route and status class."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._requests = telemetry.counter("http_requests_total")
        self._seconds = telemetry.histogram("http_request_seconds")
        self._gauge = telemetry.gauge("http_in_flight")
        self._known: dict[tuple[str, int], tuple[Callable[[], None], Callable[[float], None]]] = {}
        self.in_flight = 0

    def done(self, route: str, status: int, seconds: float) -> None:
        one_more, record = self._known.get((route, status)) or self._learn(route, status)
        one_more()
        record(seconds)

    def _learn(self, route: str, status: int) -> tuple[Callable[[], None], Callable[[float], None]]:
        """Routes are templates and statuses are few, so this stays small."""
        kind = CLASSES[status // 100]
        known = self._requests.labelled(route=route, status=kind), self._seconds.labelled(route=route)
        self._known[route, status] = known
        return known

    def tell_in_flight(self) -> None:
        """Now and then, and when somebody asks: a gauge is read far less often than it moves."""
        self._gauge.set(self.in_flight)
