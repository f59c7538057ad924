"""What keeping an object costs in each class, so that rules can be compared. List prices of S3 in us-east-1, US dollars.

`tiered` is S3 Intelligent-Tiering: it watches how each object is read, lowers the price after 30 days unread and again after 90,
raises it with the next read, and asks nothing for reading. Objects under 128 KiB it does not watch, nor lower.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

GIB = 1024**3
Class = Literal["standard", "infrequent", "archive", "tiered"]
PER_GIB_MONTH: dict[str, float] = {"standard": 0.023, "infrequent": 0.0125, "archive": 0.004}
PER_GIB_READ = {"standard": 0.0, "infrequent": 0.01, "archive": 0.03}
PER_MOVE = {"standard": 0.0, "infrequent": 0.01 / 1000, "archive": 0.02 / 1000, "tiered": 0.01 / 1000}
WATCHING_PER_MONTH = 0.0025 / 1000
SMALLEST_WATCHED = 128 * 1024
DAYS_IN_MONTH = 30
UNREAD_FOR_INFREQUENT, UNREAD_FOR_ARCHIVE = 30, 90


def kept_in(where: Class, size: int, days: int, reads: Sequence[int]) -> float:
    """`reads`: the days on which it was read whole."""
    if where == "tiered":
        return sum(_tiered_day(size, day, reads) for day in range(days)) + watching(size, days) + PER_MOVE[where]
    storage = PER_GIB_MONTH[where] * size / GIB * days / DAYS_IN_MONTH
    return storage + PER_GIB_READ[where] * size / GIB * len(reads) + PER_MOVE[where]


def watching(size: int, days: int) -> float:
    return WATCHING_PER_MONTH * days / DAYS_IN_MONTH if size >= SMALLEST_WATCHED else 0.0


def _tiered_day(size: int, day: int, reads: Sequence[int]) -> float:
    last = max((read for read in reads if read <= day), default=0)
    unread = day - last if size >= SMALLEST_WATCHED else 0
    tier = (
        "archive" if unread >= UNREAD_FOR_ARCHIVE else "infrequent" if unread >= UNREAD_FOR_INFREQUENT else "standard"
    )
    return PER_GIB_MONTH[tier] * size / GIB / DAYS_IN_MONTH


def cheapest(size: int, days: int, reads: Sequence[int]) -> Class:
    """Of all classes, had one known beforehand how it would be read."""
    classes: tuple[Class, ...] = ("standard", "infrequent", "archive", "tiered")
    return min(classes, key=lambda where: kept_in(where, size, days, reads))
