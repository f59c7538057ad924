"""What the platform tells about itself: log lines, measurements, traces.

- Names are declared in platform.toml (`[metrics.*]`): an undeclared one is a `ConfigurationError`, so that no dashboard or
  alarm waits for a figure that nobody sends.
- Labels are few and bounded: a route template, a status class, an outcome. Never a user, an address or a free text.
- Telling never fails and never blocks: a full buffer drops the oldest and counts what it dropped.
- Nothing personal is told: no mail address, no name, no token. User ids are allowed in logs and traces.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol


class Counter(Protocol):
    def add(self, amount: float = 1, **labels: str) -> None: ...

    def labelled(self, **labels: str) -> Callable[[], None]:
        """What counts one more with these labels, several times cheaper. Made once and kept."""
        ...


class Histogram(Protocol):
    def record(self, value: float, **labels: str) -> None: ...

    def labelled(self, **labels: str) -> Callable[[float], None]:
        """What records under these labels, several times cheaper. Made once and kept."""
        ...


class Gauge(Protocol):
    def set(self, value: float, **labels: str) -> None: ...


class Telemetry(Protocol):
    def counter(self, name: str) -> Counter: ...

    def histogram(self, name: str) -> Histogram: ...

    def gauge(self, name: str) -> Gauge: ...

    def span(self, name: str, **attributes: str | int | float | bool) -> AbstractContextManager[None]:
        """A step of a trace; under the current one, else the root of a new one (sampled)."""
        ...

    def kept_root(self, name: str) -> AbstractContextManager[None] | None:
        """The root of a new trace, if it is one of those that are kept; for who has nothing to trace below it."""
        ...

    def prometheus(self) -> tuple[bytes, str]:
        """The body and content type of the metrics endpoint."""
        ...

    async def close(self) -> None:
        """Sends what is buffered, within a limit of time."""
        ...
