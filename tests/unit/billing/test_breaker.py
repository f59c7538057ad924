from __future__ import annotations

from datetime import timedelta

import pytest

from directfanz.backends.billing.breaker import Breaker
from directfanz.backends.clock.manual import ManualClock
from directfanz.errors import Unavailable


def opened(clock: ManualClock) -> Breaker:
    breaker = Breaker("Stripe", clock, failures=3, rest_seconds=10)
    for _ in range(3):
        breaker.require()
        breaker.failed()
    return breaker


def test_it_stays_closed_while_some_succeed(clock: ManualClock) -> None:
    breaker = Breaker("Stripe", clock, failures=3)
    for _ in range(5):
        breaker.failed()
        breaker.failed()
        breaker.answered()
    breaker.require()


def test_after_failures_in_a_row_nobody_asks(clock: ManualClock) -> None:
    with pytest.raises(Unavailable) as refused:
        opened(clock).require()
    assert refused.value.retry_after_seconds == 10


async def test_one_tries_when_it_has_rested(clock: ManualClock) -> None:
    breaker = opened(clock)
    await clock.advance(timedelta(seconds=10))
    breaker.require()
    with pytest.raises(Unavailable):  # the second waits for the first
        breaker.require()
    breaker.answered()
    breaker.require()
    breaker.require()


async def test_it_rests_again_when_that_one_fails(clock: ManualClock) -> None:
    breaker = opened(clock)
    await clock.advance(timedelta(seconds=10))
    breaker.require()
    breaker.failed()
    await clock.advance(timedelta(seconds=9))
    with pytest.raises(Unavailable):
        breaker.require()
    await clock.advance(timedelta(seconds=1))
    breaker.require()


async def test_one_that_tried_and_never_came_back_does_not_block_for_good(clock: ManualClock) -> None:
    breaker = opened(clock)
    await clock.advance(timedelta(seconds=10))
    breaker.require()  # and is cancelled
    await clock.advance(timedelta(seconds=10))
    breaker.require()
