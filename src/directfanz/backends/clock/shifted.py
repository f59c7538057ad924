"""The machine's clock, ahead by the seconds that a file holds: to try on a laptop what happens in a month.

Only the calendar moves, for all processes at once and within a moment; what is measured and waited for goes on as it does.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from directfanz.backends.clock.system import SystemClock

LOOK_SECONDS = 0.1


class ShiftedClock(SystemClock):
    def __init__(self, file: Path) -> None:
        self._file = file
        self._looked = float("-inf")
        self._ahead = timedelta()

    def now(self) -> datetime:
        if self.monotonic() - self._looked >= LOOK_SECONDS:
            self._looked = self.monotonic()
            self._ahead = max(self._ahead, _read(self._file))
        return super().now() + self._ahead


def _read(file: Path) -> timedelta:
    """Nothing yet, or half written: as before."""
    try:
        return timedelta(seconds=float(file.read_text()))
    except (OSError, ValueError, OverflowError):
        return timedelta()
