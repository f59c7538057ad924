"""Rate limits: what passes, what the headers say, and what happens without a cache."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directfanz.backends.cache.contract import Cache
from directfanz.backends.cache.rate_limit import Limit, RateLimiter
from directfanz.backends.clock.manual import ManualClock
from directfanz.backends.telemetry.metrics import Registry
from directfanz.errors import RateLimited, Unavailable
from directfanz.kit.ids import new_token
from directfanz.platform_toml import Platform
from tests.support.telemetry import Figures


@pytest.fixture
def limiter(cache: Cache, clock: ManualClock, platform: Platform) -> RateLimiter:
    return RateLimiter(cache, clock, Figures(platform))


async def test_a_burst_passes_and_then_one_at_a_time(limiter: RateLimiter, clock: ManualClock, name: str) -> None:
    limit = Limit(60, 60, burst=3)
    verdicts = [await limiter.take(name, "api", limit) for _ in range(4)]
    assert [verdict.allowed for verdict in verdicts] == [True, True, True, False]
    assert [verdict.remaining for verdict in verdicts] == [2, 1, 0, 0]
    assert [verdict.reset_seconds for verdict in verdicts] == [1, 2, 3, 3]
    assert verdicts[3].retry_after_seconds == 1
    assert verdicts[0].limit == 3
    await clock.advance(timedelta(seconds=1))
    assert (await limiter.take(name, "api", limit)).allowed
    assert not (await limiter.take(name, "api", limit)).allowed
    await clock.advance(timedelta(seconds=3))
    assert (await limiter.take(name, "api", limit)).remaining == 2


async def test_refusals_do_not_count(limiter: RateLimiter, clock: ManualClock, name: str) -> None:
    limit = Limit(1, 10)
    assert (await limiter.take(name, "api", limit)).allowed
    for _ in range(20):
        assert (await limiter.take(name, "api", limit)).retry_after_seconds == 10
    await clock.advance(timedelta(seconds=10))
    assert (await limiter.take(name, "api", limit)).allowed


async def test_people_and_endpoints_are_counted_apart(limiter: RateLimiter, name: str) -> None:
    limit = Limit(1, 60)
    assert (await limiter.take(f"{name}:ada", "api", limit)).allowed
    assert (await limiter.take(f"{name}:ben", "api", limit)).allowed
    assert (await limiter.take(f"{name}:ada", "search", limit)).allowed
    assert not (await limiter.take(f"{name}:ada", "api", limit)).allowed


async def test_exactly_the_burst_passes_however_many_come_at_once(limiter: RateLimiter, name: str) -> None:
    verdicts = await asyncio.gather(*(limiter.take(name, "api", Limit(5, 3600)) for _ in range(50)))
    assert sum(verdict.allowed for verdict in verdicts) == 5


async def test_a_success_forgives(limiter: RateLimiter, name: str) -> None:
    await limiter.take(name, "sign-in", Limit(1, 60))
    await limiter.forget(name, "sign-in")
    assert (await limiter.take(name, "sign-in", Limit(1, 60))).allowed


async def test_a_refusal_says_when_to_come_back(limiter: RateLimiter, name: str) -> None:
    await limiter.take(name, "api", Limit(2, 60, burst=1))
    with pytest.raises(RateLimited) as refusal:
        (await limiter.take(name, "api", Limit(2, 60, burst=1))).require()
    assert refusal.value.retry_after_seconds == 30


async def test_without_a_cache_all_pass_but_where_secrets_are_guarded(
    cache: Cache, limiter: RateLimiter, name: str
) -> None:
    await cache.close()
    assert (await limiter.take(name, "api", Limit(1, 60))).allowed
    assert (await limiter.take(name, "api", Limit(1, 60))).allowed
    with pytest.raises(Unavailable):
        await limiter.take(name, "sign-in", Limit(1, 60), when_down="refuse")


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    requests=st.integers(1, 20),
    seconds=st.integers(1, 600),
    burst=st.integers(1, 20),
    waits=st.lists(st.integers(0, 60_000), min_size=1, max_size=25),
)
async def test_no_window_lets_more_pass_than_promised(
    cache: Cache, platform: Platform, requests: int, seconds: int, burst: int, waits: list[int]
) -> None:
    """In any stretch of time: at most the burst, and one more for each interval that fits into it."""
    clock, who = ManualClock(datetime(2026, 3, 2, tzinfo=UTC)), new_token(9)
    limiter, limit = RateLimiter(cache, clock, Figures(platform)), Limit(requests, seconds, burst)
    passed: list[float] = []
    for wait in waits:
        await clock.advance(timedelta(milliseconds=wait))
        verdict = await limiter.take(who, "api", limit)
        if verdict.allowed:
            passed.append(clock.monotonic())
        else:
            assert verdict.retry_after_seconds > 0
    interval = seconds / requests
    for first in range(len(passed)):
        for last in range(first, len(passed)):
            allowed = burst + (passed[last] - passed[first]) / interval + 1e-3
            assert last - first + 1 <= allowed


def test_the_figures_are_declared(platform: Platform) -> None:
    Registry(platform.metrics).counter("rate_limited_total")
