"""Stops asking a neighbour that does not answer, and lets one question through now and then to see whether it is back."""

from __future__ import annotations

from directfanz.backends.clock.contract import Clock
from directfanz.errors import Unavailable

FAILURES = 5
REST_SECONDS = 10.0


class Breaker:
    """Closed: all may ask. Open, after so many failures in a row: nobody, for a while. Then one at a time, until one succeeds."""

    def __init__(
        self, name: str, clock: Clock, *, failures: int = FAILURES, rest_seconds: float = REST_SECONDS
    ) -> None:
        self._name = name
        self._clock = clock
        self._most = failures
        self._rest_seconds = rest_seconds
        self._failed = 0
        self._rests_until = 0.0

    def require(self) -> None:
        """`Unavailable` while it is open. Whoever passes says afterwards how it went."""
        if self._failed < self._most:
            return
        now = self._clock.monotonic()
        if now < self._rests_until:
            wait = max(1, round(self._rests_until - now))
            raise Unavailable(f"{self._name} does not answer; it is asked again in a moment.", retry_after_seconds=wait)
        self._rests_until = now + self._rest_seconds  # this one tries; the others wait for it

    def answered(self) -> None:
        self._failed = 0

    def failed(self) -> None:
        self._failed += 1
        if self._failed >= self._most:
            self._rests_until = self._clock.monotonic() + self._rest_seconds
