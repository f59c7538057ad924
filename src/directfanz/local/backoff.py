"""How long to wait before a part is started again."""

from __future__ import annotations

FIRST_SECONDS = 0.2
LONGEST_SECONDS = 10.0
FORGIVEN_AFTER_SECONDS = 10.0


class Backoff:
    """Doubles from 0.2 to 10 seconds; a part that stayed up for 10 seconds starts afresh."""

    def __init__(self) -> None:
        self._next = FIRST_SECONDS
        self.failures = 0

    def after(self, up_seconds: float) -> float:
        if up_seconds >= FORGIVEN_AFTER_SECONDS:
            self._next, self.failures = FIRST_SECONDS, 0
        wait, self._next = self._next, min(self._next * 2, LONGEST_SECONDS)
        self.failures += 1
        return wait
