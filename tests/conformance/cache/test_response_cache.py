"""Answers kept for a while, made once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from directfanz.backends.cache.contract import Cache
from directfanz.backends.cache.response_cache import ResponseCache, answer_key
from directfanz.backends.clock.manual import ManualClock
from directfanz.errors import Unavailable
from directfanz.platform_toml import Platform
from tests.support.telemetry import Figures


class Kitchen:
    """Makes numbered answers, when it is let, and counts how many are in the making."""

    def __init__(self) -> None:
        self.made = 0
        self.begun = asyncio.Event()
        self.may_end = asyncio.Event()
        self.may_end.set()
        self.problem: Exception | None = None

    async def make(self) -> bytes:
        self.begun.set()
        await self.may_end.wait()
        if self.problem is not None:
            raise self.problem
        self.made += 1
        return f"answer {self.made}".encode()


@pytest.fixture
def figures(platform: Platform) -> Figures:
    return Figures(platform)


@pytest.fixture
def answers(cache: Cache, clock: ManualClock, figures: Figures) -> ResponseCache:
    return ResponseCache(cache, clock, figures)


@pytest.fixture
def kitchen() -> Kitchen:
    return Kitchen()


@pytest.fixture
def ask(answers: ResponseCache, kitchen: Kitchen, name: str) -> Callable[..., Awaitable[bytes]]:
    async def asked(cache: ResponseCache = answers, **options: object) -> bytes:
        options = {"ttl_seconds": 30} | options
        return await cache.get_or_make("feed", name, kitchen.make, **options)  # type: ignore[arg-type]  # as given

    return asked


Ask = Callable[..., Awaitable[bytes]]


async def test_it_is_made_once_and_served_many_times(ask: Ask, figures: Figures) -> None:
    assert [await ask() for _ in range(5)] == [b"answer 1"] * 5
    assert figures.value("cache_reads_total", outcome="miss") == 1
    assert figures.value("cache_reads_total", outcome="hit") == 4


async def test_it_ends(ask: Ask, clock: ManualClock) -> None:
    await ask()
    await clock.advance(timedelta(seconds=31))
    assert await ask() == b"answer 2"


async def test_other_parameters_are_another_answer(ask: Ask, answers: ResponseCache, kitchen: Kitchen) -> None:
    await ask()
    assert await answers.get_or_make("feed", "other", kitchen.make, ttl_seconds=0.05) == b"answer 2"


async def test_a_thousand_who_come_at_once_cost_one(ask: Ask, kitchen: Kitchen) -> None:
    kitchen.may_end.clear()
    asking = [asyncio.ensure_future(ask()) for _ in range(1000)]
    await kitchen.begun.wait()
    kitchen.may_end.set()
    assert set(await asyncio.gather(*asking)) == {b"answer 1"}


async def test_two_processes_make_it_once(
    ask: Ask, cache: Cache, clock: ManualClock, figures: Figures, kitchen: Kitchen
) -> None:
    kitchen.may_end.clear()
    processes = [ResponseCache(cache, clock, figures) for _ in range(4)]
    asking = [asyncio.ensure_future(ask(process)) for process in processes for _ in range(25)]
    await kitchen.begun.wait()
    for _ in range(20):
        await cache.ping()  # time for the others to find that one makes it
    kitchen.may_end.set()
    assert set(await asyncio.gather(*asking)) == {b"answer 1"}
    assert kitchen.made == 1


async def test_a_maker_that_fails_lets_the_next_one_try(ask: Ask, kitchen: Kitchen) -> None:
    kitchen.problem = Unavailable("The database is away.")
    with pytest.raises(Unavailable, match="database"):
        await ask()
    kitchen.problem = None
    async with asyncio.timeout(1):
        assert await ask() == b"answer 1"


async def test_a_caller_who_leaves_does_not_stop_it_for_others(ask: Ask, kitchen: Kitchen) -> None:
    kitchen.may_end.clear()
    gone, here = asyncio.ensure_future(ask()), asyncio.ensure_future(ask())
    await kitchen.begun.wait()
    gone.cancel()
    kitchen.may_end.set()
    assert await here == b"answer 1"


async def test_stale_answers_are_served_while_one_renews(
    ask: Ask, answers: ResponseCache, clock: ManualClock, kitchen: Kitchen
) -> None:
    await ask(stale_seconds=60)
    await clock.advance(timedelta(seconds=31))
    kitchen.may_end.clear()
    kitchen.begun.clear()
    assert [await ask(stale_seconds=60) for _ in range(5)] == [b"answer 1"] * 5
    await kitchen.begun.wait()
    kitchen.may_end.set()
    await answers.close()
    assert await ask(stale_seconds=60) == b"answer 2"
    assert kitchen.made == 2


async def test_a_failed_renewal_keeps_the_stale_answer(
    ask: Ask, answers: ResponseCache, clock: ManualClock, kitchen: Kitchen
) -> None:
    await ask(stale_seconds=60)
    await clock.advance(timedelta(seconds=31))
    kitchen.problem = Unavailable("The database is away.")
    assert await ask(stale_seconds=60) == b"answer 1"
    await answers.close()
    assert await ask(stale_seconds=60) == b"answer 1"


async def test_a_changed_tag_is_a_miss(ask: Ask, answers: ResponseCache, name: str) -> None:
    tags = {"tags": [f"{name}:creator", f"{name}:post"]}
    assert await ask(**tags) == await ask(**tags) == b"answer 1"
    await answers.invalidate(f"{name}:post")
    assert await ask(**tags) == await ask(**tags) == b"answer 2"
    await answers.invalidate("something else")
    assert await ask(**tags) == b"answer 2"


async def test_what_changes_while_it_is_made_invalidates_it(
    ask: Ask, answers: ResponseCache, kitchen: Kitchen, name: str
) -> None:
    kitchen.may_end.clear()
    before = asyncio.ensure_future(ask(tags=[name]))
    await kitchen.begun.wait()
    await answers.invalidate(name)
    after = asyncio.ensure_future(ask(tags=[name]))
    kitchen.may_end.set()
    assert await before == b"answer 1"
    assert await after == b"answer 2", "who asks after the change never gets what was begun before it"
    assert await ask(tags=[name]) == b"answer 2"


async def test_forget(ask: Ask, answers: ResponseCache, name: str) -> None:
    await ask()
    await answers.forget("feed", name)
    assert await ask() == b"answer 2"


async def test_what_another_version_left_is_made_anew(ask: Ask, cache: Cache, name: str) -> None:
    await cache.set(answer_key("feed", name), b"\xc1 not ours")
    assert await ask() == b"answer 1"


async def test_without_a_cache_it_is_made_each_time(ask: Ask, cache: Cache, figures: Figures) -> None:
    await cache.close()
    assert [await ask(), await ask()] == [b"answer 1", b"answer 2"]
    assert figures.value("cache_reads_total", outcome="away") == 2


async def test_an_answer_cannot_outlive_its_tags(ask: Ask) -> None:
    with pytest.raises(ValueError, match="3600"):
        await ask(ttl_seconds=3000, stale_seconds=3000)
