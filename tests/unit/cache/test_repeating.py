"""What is repeated after which fault: nothing that may happen twice is done twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from directfanz.backends.cache.commands import Commands
from directfanz.backends.cache.connection import Words, failed
from directfanz.backends.cache.contract import Key
from directfanz.backends.cache.faults import (
    Address,
    CacheFull,
    CacheRefused,
    CacheUnavailable,
    Lost,
    Moved,
    NotDone,
    ScriptMissing,
)
from directfanz.errors import DirectFanzError
from directfanz.platform_toml import Platform
from tests.support.telemetry import Figures


class Faulty(Commands):
    """Answers with the faults it was given, then with 1."""

    def __init__(self, figures: Figures, *faults: DirectFanzError) -> None:
        super().__init__(figures.counter("cache_errors_total"))
        self.faults = list(faults)
        self.sent: list[Words] = []
        self.away_since: float | None = None

    def _send(self, key: Key, words: Words) -> asyncio.Future[Any]:
        self.sent.append(words)
        if self.faults:
            return failed(self.faults.pop(0))
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        answer.set_result(1)
        return answer

    async def _learn(self, key: Key, fault: CacheUnavailable) -> None:
        """There is nobody else to ask."""

    def _away_since(self, key: Key) -> float | None:
        return self.away_since


Call = Callable[[Commands], Awaitable[Any]]
SAFE: list[Call] = [
    lambda cache: cache.get("a"),
    lambda cache: cache.get_many(["a"]),
    lambda cache: cache.set("a", "b"),
    lambda cache: cache.delete("a"),
    lambda cache: cache.expire("a", 1),
]
UNSAFE: list[Call] = [
    lambda cache: cache.set("a", "b", only_if_absent=True),
    lambda cache: cache.set("a", "b", only_if_absent=True, durable=True),
    lambda cache: cache.increment("a"),
    lambda cache: cache.increment("a", ttl_seconds=1),
    lambda cache: cache.script("return 1", ["a"], []),
    lambda cache: cache.command("RPUSH", "a", "b", key="a"),
    lambda cache: cache.publish("a", b""),
]


@pytest.fixture
def figures(platform: Platform) -> Figures:
    return Figures(platform)


@pytest.mark.parametrize("call", SAFE)
async def test_what_may_happen_twice_is_repeated_when_the_answer_was_lost(call: Call, figures: Figures) -> None:
    cache = Faulty(figures, Lost("lost"), Lost("lost"))
    await call(cache)
    assert len(cache.sent) == 3
    assert figures.value("cache_errors_total") == 0


@pytest.mark.parametrize("call", UNSAFE)
async def test_what_may_not_is_never_repeated_when_it_may_have_happened(call: Call, figures: Figures) -> None:
    cache = Faulty(figures, Lost("lost"))
    with pytest.raises(Lost):
        await call(cache)
    assert len(cache.sent) == 1
    assert figures.value("cache_errors_total") == 1


@pytest.mark.parametrize("call", SAFE + UNSAFE)
@pytest.mark.parametrize("fault", [NotDone("away"), Moved("moved", 1, Address("h", 1))])
async def test_what_did_not_happen_is_repeated_always(call: Call, fault: DirectFanzError, figures: Figures) -> None:
    cache = Faulty(figures, fault, fault)
    await call(cache)
    assert len(cache.sent) == 3


@pytest.mark.parametrize("call", SAFE + UNSAFE)
@pytest.mark.parametrize("fault", [CacheFull("full"), CacheRefused("wrong type")])
async def test_what_a_repetition_does_not_help_is_not_repeated(
    call: Call, fault: DirectFanzError, figures: Figures
) -> None:
    cache = Faulty(figures, fault)
    with pytest.raises(type(fault)):
        await call(cache)
    assert len(cache.sent) == 1


@pytest.mark.parametrize("call", SAFE + UNSAFE)
async def test_a_node_long_gone_is_not_waited_for(call: Call, figures: Figures) -> None:
    cache = Faulty(figures, NotDone("away"))
    cache.away_since = asyncio.get_running_loop().time() - 6
    with pytest.raises(NotDone):
        await call(cache)
    assert len(cache.sent) == 1


async def test_a_script_that_is_not_known_is_sent_in_full(figures: Figures) -> None:
    cache = Faulty(figures, ScriptMissing("no script"))
    assert await cache.script("return 1", ["a"], ["b"]) == 1
    assert [words[0] for words in cache.sent] == ["EVALSHA", "EVAL"]
    assert cache.sent[1] == ("EVAL", "return 1", 1, "a", "b")
    assert figures.value("cache_errors_total") == 0


async def test_one_bad_key_of_many_leaves_no_stray_error(figures: Figures) -> None:
    cache = Faulty(figures, CacheRefused("one"), CacheRefused("two"))
    with pytest.raises(CacheRefused, match="one"):
        await cache.get_many(["a", "b", "c"])
    assert len(cache.sent) == 3
