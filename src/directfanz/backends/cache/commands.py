"""The contract's commands, on whatever finds the right node: one node or a cluster."""

from __future__ import annotations

import asyncio
import hashlib
import random
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from typing import Any

from directfanz.backends.cache.connection import Words
from directfanz.backends.cache.contract import Key, Value
from directfanz.backends.cache.faults import (
    Asking,
    CacheRefused,
    CacheUnavailable,
    Lost,
    Moved,
    NotDone,
    ScriptMissing,
)
from directfanz.backends.cache.look import Look, Then
from directfanz.backends.telemetry.contract import Counter
from directfanz.errors import DirectFanzError

# A failover takes 1 to 3 seconds; safe commands are repeated for so long and then give up.
FAILOVER_SECONDS = 5.0
FIRST_PAUSE_SECONDS = 0.01
# Of many keys so many are asked for at once, so that others' questions come between.
BATCH = 1000
LONGEST_PAUSE_SECONDS = 0.25

_INCREMENT = """
local made = redis.call('EXISTS', KEYS[1]) == 0
local value = redis.call('INCRBY', KEYS[1], ARGV[1])
if made then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return value
"""


class Commands(ABC):
    def __init__(self, errors: Counter) -> None:
        self._errors = errors

    @abstractmethod
    def _send(self, key: Key, words: Words) -> asyncio.Future[Any]:
        """The answer to come, from the node that holds the key. Every fault is in it."""

    @abstractmethod
    async def _learn(self, key: Key, fault: CacheUnavailable) -> None:
        """Use what a fault tells: a key has moved, a node is gone."""

    @abstractmethod
    def _away_since(self, key: Key) -> float | None:
        """Since when the key's node is away, by the loop's time."""

    async def get(self, key: Key) -> bytes | None:
        words = ("GET", key)
        try:
            found: bytes | None = await self._send(key, words)
        except CacheUnavailable as fault:
            found = await self._again(key, words, fault, safe=True)
        return found

    async def get_many(self, keys: Sequence[Key]) -> list[bytes | None]:
        found: list[bytes | None] = []
        for begin in range(0, len(keys), BATCH):
            found += await self._each("GET", keys[begin : begin + BATCH])
        return found

    def look(self, keys: Sequence[Key], then: Then) -> None:
        asked = [self._send(key, ("GET", key)) for key in keys]
        look = Look(then)

        def told(all_of_them: asyncio.Future[list[Any]]) -> None:
            found = [] if all_of_them.cancelled() else all_of_them.result()
            look.set_result(found if found and not any(isinstance(each, BaseException) for each in found) else None)

        asyncio.gather(*asked, return_exceptions=True).add_done_callback(told)

    async def set(
        self,
        key: Key,
        value: Value,
        *,
        ttl_seconds: float | None = None,
        only_if_absent: bool = False,
        durable: bool = False,
    ) -> bool:
        words: Words = ("SET", key, value)
        if ttl_seconds is not None:
            words += ("PX", _milliseconds(ttl_seconds))
        if only_if_absent:
            words += ("NX",)
        if durable:
            return await self._set_durably(key, words, safe=not only_if_absent) is not None
        return await self._call(key, words, safe=not only_if_absent) is not None

    async def delete(self, *keys: Key) -> int:
        return sum([sum(await self._each("DEL", keys[begin : begin + BATCH])) for begin in range(0, len(keys), BATCH)])

    async def expire(self, key: Key, ttl_seconds: float) -> bool:
        return bool(await self._call(key, ("PEXPIRE", key, _milliseconds(ttl_seconds)), safe=True))

    async def increment(self, key: Key, by: int = 1, *, ttl_seconds: float | None = None) -> int:
        if ttl_seconds is not None:
            return int(await self.script(_INCREMENT, [key], [by, _milliseconds(ttl_seconds)]))
        return int(await self._call(key, ("INCRBY", key, by), safe=False))

    async def script(self, source: str, keys: Sequence[Key], arguments: Sequence[Value]) -> Any:
        tail: Words = (len(keys), *keys, *arguments)
        try:
            return await self._call(keys[0], ("EVALSHA", _sha1(source), *tail), safe=False)
        except ScriptMissing:
            return await self._call(keys[0], ("EVAL", source, *tail), safe=False)

    async def command(self, *words: Value, key: Key) -> Any:
        return await self._call(key, words, safe=False)

    async def publish(self, channel: str, message: bytes) -> int:
        return int(await self._call(channel, ("SPUBLISH", channel, message), safe=False))

    async def _call(self, key: Key, words: Words, *, safe: bool) -> Any:
        try:
            return await self._send(key, words)
        except CacheUnavailable as fault:
            return await self._again(key, words, fault, safe=safe)

    async def _each(self, command: str, keys: Sequence[Key]) -> list[Any]:
        """One safe command on many keys. All leave in one write per node, and all are awaited before one may fail."""
        asked = [self._send(key, (command, key)) for key in keys]
        results: list[Any] = []
        problem: DirectFanzError | None = None
        try:
            for key, answer in zip(keys, asked, strict=True):
                try:
                    results.append(await answer)
                except CacheUnavailable as fault:
                    problem = fault if problem else await self._append_again(results, key, (command, key), fault)
                except CacheRefused as refusal:
                    problem = problem or refusal
        finally:
            for answer in asked:
                answer.cancel()
        if problem is not None:
            raise problem
        return results

    async def _append_again(
        self, results: list[Any], key: Key, words: Words, fault: CacheUnavailable
    ) -> DirectFanzError | None:
        try:
            results.append(await self._again(key, words, fault, safe=True))
        except (CacheUnavailable, CacheRefused) as problem:
            return problem
        return None

    async def _set_durably(self, key: Key, words: Words, *, safe: bool) -> Any:
        """A single node writes to its disk; a cluster overrides this."""
        return await self._call(key, words, safe=safe)

    def _resend(self, key: Key, words: Words, fault: CacheUnavailable) -> Awaitable[Any]:
        return self._send(key, words)

    async def _again(self, key: Key, words: Words, fault: CacheUnavailable, *, safe: bool) -> Any:
        return await self._repeat(key, lambda last: self._resend(key, words, last), fault, safe=safe)

    async def _repeat(
        self, key: Key, attempt: Callable[[CacheUnavailable], Awaitable[Any]], fault: CacheUnavailable, *, safe: bool
    ) -> Any:
        """Until it is done, or must not be repeated, or there is no hope left."""
        loop, pause = asyncio.get_running_loop(), FIRST_PAUSE_SECONDS
        began = loop.time()
        while self._worth_repeating(fault, safe=safe):
            away_since = self._away_since(key)
            if loop.time() > (began if away_since is None else min(began, away_since)) + FAILOVER_SECONDS:
                break
            await self._learn(key, fault)
            if not isinstance(fault, Moved | Asking):  # who tells where to go need not be waited for
                await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - no secret depends on it
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            try:
                return await attempt(fault)
            except CacheUnavailable as next_fault:
                fault = next_fault
        if not isinstance(fault, ScriptMissing):
            self._errors.add(1)
        raise fault

    @staticmethod
    def _worth_repeating(fault: CacheUnavailable, *, safe: bool) -> bool:
        if isinstance(fault, ScriptMissing):
            return False
        return isinstance(fault, NotDone) or (safe and isinstance(fault, Lost))


def _milliseconds(seconds: float) -> int:
    if seconds <= 0:
        raise ValueError("a time to live is longer than nothing")
    return max(1, int(seconds * 1000))


@lru_cache(maxsize=256)
def _sha1(source: str) -> str:
    return hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()
