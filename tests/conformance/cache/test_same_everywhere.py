"""P10: every cache operation that the platform uses acts the same on one node and on a cluster."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directfanz.backends.cache import address
from directfanz.backends.cache.cluster import ValkeyCluster
from directfanz.backends.cache.commands import Commands
from directfanz.backends.cache.connection import Options
from directfanz.backends.cache.valkey import ValkeyCache
from directfanz.errors import DirectFanzError
from directfanz.kit.ids import new_token
from directfanz.platform_toml import Platform
from tests.support.engines import Engines
from tests.support.telemetry import Figures
from tests.support.valkey_cluster import PASSWORD, OwnCluster

KEYS = st.sampled_from(["a", "b", "c", "{tag}d", "{tag}e"])
VALUES = st.integers(-(2**40), 2**40) | st.binary(max_size=20) | st.text(max_size=10)
TTL = st.none() | st.sampled_from([500, 1000.5])
WRITE_BOTH = "redis.call('SET', KEYS[1], ARGV[1]); return {redis.call('GET', KEYS[2]), #ARGV}"
Step = tuple[str, tuple[Any, ...]]

steps = st.one_of(
    st.tuples(st.just("get"), st.tuples(KEYS)),
    st.tuples(st.just("get_many"), st.tuples(st.lists(KEYS, max_size=5))),
    st.tuples(st.just("set"), st.tuples(KEYS, VALUES, TTL, st.booleans(), st.booleans())),
    st.tuples(st.just("delete"), st.tuples(st.lists(KEYS, max_size=5))),
    st.tuples(st.just("expire"), st.tuples(KEYS, st.integers(100, 1000))),
    st.tuples(st.just("increment"), st.tuples(KEYS, st.integers(-(2**62), 2**62), TTL)),
    st.tuples(st.just("script"), st.tuples(VALUES)),
    st.tuples(
        st.just("command"),
        st.one_of(
            st.tuples(st.just("HSET"), KEYS, st.just("field"), VALUES),
            st.tuples(st.just("HGETALL"), KEYS),
            st.tuples(st.just("SADD"), KEYS, VALUES),
            st.tuples(st.just("SCARD"), KEYS),
            st.tuples(st.just("ZADD"), KEYS, st.integers(0, 9), VALUES),
            st.tuples(st.just("ZRANGE"), KEYS, st.just(0), st.just(-1), st.just("WITHSCORES")),
            st.tuples(st.just("PEXPIRETIME"), KEYS),
            st.tuples(st.just("TYPE"), KEYS),
        ),
    ),
    st.tuples(st.just("publish"), st.tuples(KEYS, st.binary(max_size=10))),
)


async def take(  # noqa: C901 - one line per operation
    cache: Commands, run: str, step: Step
) -> Any:
    """The outcome of one step, faults included; the keys of a run are its own."""
    name, arguments = step

    def key(text: str) -> str:
        return f"p10:{run}:{text}"

    match name, arguments:
        case "get", (k,):
            return await cache.get(key(k))
        case "get_many", (ks,):
            return await cache.get_many([key(k) for k in ks])
        case "set", (k, value, ttl, absent, durable):
            return await cache.set(key(k), value, ttl_seconds=ttl, only_if_absent=absent, durable=durable)
        case "delete", (ks,):
            return await cache.delete(*(key(k) for k in ks))
        case "expire", (k, seconds):
            return await cache.expire(key(k), seconds)
        case "increment", (k, by, ttl):
            return await cache.increment(key(k), by, ttl_seconds=ttl)
        case "script", (value,):
            return await cache.script(WRITE_BOTH, [key("{tag}d"), key("{tag}e")], [value])
        case "command", (word, k, *rest):
            answer = await cache.command(word, key(k), *rest, key=key(k))
            return answer > 0 if word == "PEXPIRETIME" else answer
        case "publish", (k, message):
            return await cache.publish(key(k), message)
    raise AssertionError(step)


async def outcome(cache: Commands, run: str, step: Step) -> Any:
    try:
        return await take(cache, run, step)
    except DirectFanzError as error:
        return type(error), error.message.replace(run, "")


@pytest.fixture
async def both(platform: Platform, engines: Engines, cluster: OwnCluster) -> AsyncIterator[tuple[Commands, Commands]]:
    errors = Figures(platform).counter("cache_errors_total")
    one = ValkeyCache(address(f"127.0.0.1:{engines.valkey_port}"), Options(password=engines.valkey_password), errors)
    many = ValkeyCluster([address(seed) for seed in cluster.seeds], Options(password=PASSWORD), errors)
    await one.start()
    await many.start()
    yield one, many
    await one.close()
    await many.close()


@pytest.mark.property("P10")
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=st.lists(steps, min_size=1, max_size=25))
async def test_any_sequence_of_operations_has_the_same_outcome(
    both: tuple[Commands, Commands], story: list[Step]
) -> None:
    one, many = both
    run = new_token(9)
    for step in story:
        assert await outcome(one, run, step) == await outcome(many, run, step), step
