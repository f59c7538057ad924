"""What becomes of a job that raised: again, after how long, or never. Pure, so that it can be looked at closely."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from directfanz.backends.jobs.contract import Retry
from directfanz.errors import DirectFanzError, Rejected

# 2^n is cut off long before this; it only keeps the power from growing beyond a float.
_MOST_DOUBLINGS = 30


def pause_before_retry(
    retry: Retry, error: BaseException, tries_before: int, uniform: Callable[[float, float], float]
) -> float | None:
    """Seconds until the next try; None when there is none. `tries_before`: how often it was tried before this time."""
    if isinstance(error, asyncio.CancelledError):
        return 0  # the worker is stopping, not the job failing: any other worker may take it at once
    if _is_final(error) or tries_before + 1 >= retry.tries:
        return None
    longest = min(retry.longest_seconds, retry.first_seconds * 2 ** min(tries_before, _MOST_DOUBLINGS))
    pause = uniform(longest / 2, longest)
    asked = error.retry_after_seconds if isinstance(error, DirectFanzError) else None
    return max(pause, asked or 0)


def _is_final(error: BaseException) -> bool:
    """A known error that no repetition mends. Our own mistakes (500) are tried again: a deploy may mend them."""
    return isinstance(error, Rejected) or (
        isinstance(error, DirectFanzError) and not error.retryable and error.status < 500
    )
