"""When a card that was refused is tried again, and when it is given up."""

from __future__ import annotations

from datetime import datetime, timedelta

RETRY_DAYS = (1, 3, 5, 7)  # after the first refusal
UNREACHABLE_AGAIN = timedelta(hours=1)


def next_try(failed_at: datetime, tries: int) -> datetime | None:
    """`tries` were made after the first refusal. None: it is over."""
    return failed_at + timedelta(days=RETRY_DAYS[tries]) if tries < len(RETRY_DAYS) else None
