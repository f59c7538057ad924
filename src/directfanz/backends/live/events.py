"""What happened between two looks at a stream: the same words, whoever has it. Pure."""

from __future__ import annotations

from typing import Literal

from directfanz.backends.live.contract import State

Event = Literal["armed", "began", "interrupted", "stopped", "failed", "lost"]
_TAKES = frozenset({"armed", "live"})


def between(before: State, after: State) -> list[Event]:
    """In the order in which they must have happened; looks may be far apart, so that some were not seen."""
    if before == after:
        return []
    found: list[Event] = []
    if before == "live":
        found.append("interrupted")
    if after in _TAKES and before not in _TAKES:
        found.append("armed")
    if after == "live":
        found.append("began")
    elif after == "failed":
        found.append("failed")
    elif after == "gone":
        found.append("lost")
    elif after in ("idle", "stopping") and before in ("armed", "live"):
        found.append("stopped")
    return found
