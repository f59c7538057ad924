"""Channels: at most once, in order, to those who listen at that moment."""

from __future__ import annotations

import asyncio

import pytest

from directfanz.backends.cache import pubsub
from directfanz.backends.cache.contract import Cache, Subscription
from tests.support.meanwhile import until


async def take(subscription: Subscription, count: int) -> list[tuple[str, bytes]]:
    taken = []
    async with asyncio.timeout(10):
        async for message in subscription:
            taken.append(message)
            if len(taken) == count:
                return taken
    raise AssertionError("a subscription does not end by itself")


async def test_messages_arrive_in_order(cache: Cache, name: str) -> None:
    async with cache.subscribe(name) as subscription:
        for number in range(500):
            await cache.publish(name, str(number).encode())
        assert await take(subscription, 500) == [(name, str(number).encode()) for number in range(500)]
        assert subscription.gaps == 0


async def test_nothing_is_kept_for_who_comes_later(cache: Cache, name: str) -> None:
    assert await cache.publish(name, b"before") == 0
    async with cache.subscribe(name) as subscription:
        assert await cache.publish(name, b"after") == 1
        assert await take(subscription, 1) == [(name, b"after")]


async def test_channels_of_all_shards(cache: Cache, name: str) -> None:
    channels = [f"{name}:{number}" for number in range(40)]
    async with cache.subscribe(*channels) as subscription:
        for channel in channels:
            assert await cache.publish(channel, channel.encode()) == 1
        messages = await take(subscription, 40)
    assert sorted(messages) == sorted((channel, channel.encode()) for channel in channels)


async def test_every_listener_gets_it(cache: Cache, name: str) -> None:
    async with cache.subscribe(name) as one, cache.subscribe(name) as other:
        await cache.publish(name, b"\x00\xff")
        assert await take(one, 1) == await take(other, 1) == [(name, b"\x00\xff")]


async def test_channels_come_and_go(cache: Cache, name: str) -> None:
    async with cache.subscribe() as subscription:
        await subscription.add(name, f"{name}:b")
        await subscription.add(name)
        await cache.publish(name, b"1")
        assert await take(subscription, 1) == [(name, b"1")]
        await subscription.remove(name, "never there")
        await cache.publish(name, b"2")
        await cache.publish(f"{name}:b", b"3")
        assert await take(subscription, 1) == [(f"{name}:b", b"3")]
        await subscription.remove(name)
        await subscription.add(name)
        await cache.publish(name, b"4")
        assert await take(subscription, 1) == [(name, b"4")]
        assert subscription.gaps == 0


async def test_a_thousand_channels_at_once(cache: Cache, name: str) -> None:
    async with cache.subscribe() as subscription:
        await asyncio.gather(*(subscription.add(f"{name}:{number}") for number in range(1000)))
        await cache.publish(f"{name}:999", b"x")
        assert await take(subscription, 1) == [(f"{name}:999", b"x")]


async def test_who_reads_too_slowly_loses_the_oldest_and_is_told(
    cache: Cache, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pubsub, "MAX_QUEUED", 3)
    async with cache.subscribe(name, f"{name}:end") as subscription:
        for number in range(5):
            await cache.publish(name, str(number).encode())
        await until(lambda: subscription.gaps >= 2)
        assert [message for _, message in await take(subscription, 3)] == [b"2", b"3", b"4"]
