"""What becomes of a job that raised."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directfanz.backends.jobs.contract import Retry
from directfanz.backends.jobs.verdict import pause_before_retry
from directfanz.errors import (
    ConfigurationError,
    Conflict,
    InvalidInput,
    NotFound,
    RateLimited,
    Rejected,
    TimedOut,
    Unavailable,
)

RETRY = Retry(tries=4, first_seconds=2, longest_seconds=10)


def longest(low: float, high: float) -> float:
    return high


def shortest(low: float, high: float) -> float:
    return low


def test_each_pause_is_twice_the_one_before_up_to_the_longest() -> None:
    retry = Retry(tries=9, first_seconds=2, longest_seconds=30)
    pauses = [pause_before_retry(retry, ValueError(), tries, longest) for tries in range(8)]
    assert pauses == [2, 4, 8, 16, 30, 30, 30, 30]


def test_jitter_takes_at_most_half() -> None:
    assert pause_before_retry(RETRY, ValueError(), 0, shortest) == 1


def test_the_last_try_is_the_last() -> None:
    assert pause_before_retry(RETRY, ValueError(), 2, longest) is not None
    assert pause_before_retry(RETRY, ValueError(), 3, longest) is None


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (Rejected("no"), False),
        (NotFound("no"), False),
        (InvalidInput("no"), False),
        (Conflict("no"), False),
        (Unavailable("later"), True),
        (TimedOut("later"), True),
        (RateLimited("later"), True),
        (ConfigurationError("a deploy may mend it"), True),
        (ValueError("unknown"), True),
    ],
)
def test_what_no_repetition_mends_ends_at_once(error: Exception, again: bool) -> None:
    assert (pause_before_retry(RETRY, error, 0, longest) is not None) == again


def test_a_neighbour_that_says_when_to_come_back_is_heard() -> None:
    error = RateLimited("slow down", retry_after_seconds=600)
    assert pause_before_retry(RETRY, error, 0, longest) == 600


@given(tries=st.integers(0, 100_000))
def test_a_worker_that_stops_gives_its_jobs_back_whatever_they_have_been_through(tries: int) -> None:
    assert pause_before_retry(RETRY, asyncio.CancelledError(), tries, longest) == 0


@given(tries=st.integers(0, 10_000), first=st.floats(0.01, 100), most=st.floats(0.01, 10_000))
def test_a_pause_is_never_longer_than_the_longest(tries: int, first: float, most: float) -> None:
    retry = Retry(tries=100_000, first_seconds=first, longest_seconds=most)
    pause = pause_before_retry(retry, ValueError(), tries, longest)
    assert pause is not None
    assert 0 <= pause <= most
