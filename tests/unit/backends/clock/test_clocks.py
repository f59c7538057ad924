"""The machine's clock, and the one that tests move."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directfanz.backends.clock.manual import ManualClock
from directfanz.backends.clock.system import SystemClock

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


async def test_the_machines_clock_is_in_utc_and_never_goes_back() -> None:
    clock = SystemClock()
    assert clock.now().tzinfo is UTC
    before = clock.monotonic()
    await clock.sleep(0.01)
    assert clock.monotonic() - before >= 0.01


def test_a_clock_needs_a_zone_and_speaks_utc() -> None:
    with pytest.raises(ValueError, match="time zone"):
        ManualClock(datetime(2026, 3, 2, 9))  # noqa: DTZ001 - that is the point
    berlin = ManualClock(datetime(2026, 3, 2, 10, tzinfo=timezone(timedelta(hours=1))))
    assert berlin.now() == START
    assert berlin.now().tzinfo is UTC


async def test_time_stands_still_until_it_is_moved() -> None:
    clock = ManualClock(START)
    sleeper = asyncio.create_task(clock.sleep(3600))
    await asyncio.sleep(0)
    assert (clock.now(), clock.monotonic()) == (START, 0)

    await clock.advance(timedelta(minutes=59))
    assert not sleeper.done()
    await clock.advance(timedelta(minutes=1))
    assert sleeper.done()
    assert (clock.now(), clock.monotonic()) == (START + timedelta(hours=1), 3600)


async def test_sleepers_wake_in_order_and_see_their_own_time() -> None:
    clock, woken = ManualClock(START), list[tuple[str, float]]()

    async def sleep(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock.monotonic()))

    tasks = [
        asyncio.create_task(sleep(name, seconds)) for name, seconds in (("c", 30), ("a", 10), ("b", 10), ("d", 99))
    ]
    await asyncio.sleep(0)
    await clock.advance(timedelta(seconds=60))

    assert woken == [("a", 10), ("b", 10), ("c", 30)]
    tasks[3].cancel()


async def test_who_sleeps_in_turns_lives_a_year_in_one_advance() -> None:
    clock, days = ManualClock(START), list[datetime]()

    async def daily() -> None:
        while True:
            await clock.sleep(86_400)
            days.append(clock.now())

    task = asyncio.create_task(daily())
    await asyncio.sleep(0)
    await clock.advance(timedelta(days=365))

    assert days == [START + timedelta(days=n) for n in range(1, 366)]
    task.cancel()


async def test_no_time_is_still_a_turn_for_others() -> None:
    clock, turns = ManualClock(START), list[str]()

    async def other() -> None:
        turns.append("other")

    task = asyncio.create_task(other())
    await clock.sleep(0)
    assert turns == ["other"]
    await task


async def test_a_sleeper_that_was_cancelled_wakes_nobody() -> None:
    clock = ManualClock(START)
    sleeper = asyncio.create_task(clock.sleep(10))
    await asyncio.sleep(0)
    sleeper.cancel()
    await asyncio.gather(sleeper, return_exceptions=True)
    await clock.advance(timedelta(seconds=20))
    assert clock.monotonic() == 20


async def test_time_does_not_go_back() -> None:
    clock = ManualClock(START)
    with pytest.raises(ValueError, match="back"):
        await clock.advance(timedelta(seconds=-1))


@given(st.lists(st.floats(0.001, 1000), max_size=20), st.lists(st.floats(0, 500), max_size=20))
def test_nobody_wakes_early_or_late(sleeps: list[float], advances: list[float]) -> None:
    async def live() -> None:
        clock, woken = ManualClock(START), dict[int, float]()

        async def sleep(number: int, seconds: float) -> None:
            await clock.sleep(seconds)
            woken[number] = clock.monotonic()

        tasks = [asyncio.create_task(sleep(number, seconds)) for number, seconds in enumerate(sleeps)]
        await asyncio.sleep(0)
        for seconds in advances:
            await clock.advance(timedelta(seconds=seconds))
        now = clock.monotonic()
        for number, seconds in enumerate(sleeps):
            if number in woken:
                assert abs(woken[number] - seconds) < 1e-5
            else:
                assert seconds > now - 1e-5
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(live())
