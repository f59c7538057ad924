"""How many of the edge's answers were errors since a moment, from its access log: the alarm that takes a deployment back."""

from __future__ import annotations

import json
from pathlib import Path

from directfanz.local.logbook import Tail
from directfanz.platform_toml import Platform

FEWEST = 3  # one unlucky request is no alarm
ALWAYS = 0.01


class EdgeErrors:
    def __init__(self, log: Path, share: float) -> None:
        self._tail = Tail(log)
        self._share = share
        self._answers = 0
        self._errors = 0

    def look(self) -> str | None:
        """What is wrong, as a sentence."""
        for line in self._tail.new_lines():
            self._answers += 1
            self._errors += _status(line) >= 500
        if self._errors >= FEWEST and self._errors > self._share * self._answers:
            return f"{self._errors} of {self._answers} answers were errors since it took over"
        return None


def share_allowed(platform: Platform) -> float:
    """What platform.toml calls too many."""
    shares = (a.above for a in platform.alarms.values() if a.as_share_of == "http_requests_total")
    return next((share for share in shares if share is not None), ALWAYS)


def _status(line: str) -> int:
    try:
        return int(json.loads(line)["status"])
    except (ValueError, KeyError, TypeError):
        return 0
