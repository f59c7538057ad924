"""Answers kept for a while, made once.

- While an answer is fresh, everybody gets it. While it is stale, one caller of the whole platform makes it anew and the
  others still get the old one. Where there is none, one makes it and the others wait a little.
- A tag names what an answer was made from, such as `creator:42`; `invalidate` makes every answer with that tag a miss.
  An answer carries the state its tags had before it was made, so what changes meanwhile invalidates it too.
- A cache that is away costs one call per process and key, not the answer.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from directfanz.backends.cache.contract import Cache
from directfanz.backends.clock.contract import Clock
from directfanz.backends.telemetry.contract import Telemetry
from directfanz.errors import Unavailable
from directfanz.kit.ids import new_token

MAX_TTL_SECONDS = 3600.0
# A tag must outlive every answer made before it changed.
TAG_SECONDS = 2 * MAX_TTL_SECONDS
# How long one maker keeps the others from making it too: longer than a query may take.
MAKING_SECONDS = 15.0
WAIT_SECONDS = 5.0
LOOK_EVERY_SECONDS = 0.02
Make = Callable[[], Awaitable[bytes]]
# What each tag of an answer held when it was made; two are the same only if nothing was invalidated between.
States = tuple[bytes | None, ...]


class Kept(msgspec.Struct, array_like=True):
    fresh_until: float
    tags: States
    body: bytes


class ResponseCache:
    def __init__(self, cache: Cache, clock: Clock, telemetry: Telemetry) -> None:
        self._cache = cache
        self._clock = clock
        self._reads = telemetry.counter("cache_reads_total")
        self._making: dict[tuple[str, States | None], asyncio.Task[bytes]] = {}
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(Kept).decode

    async def get_or_make(
        self,
        endpoint: str,
        parameters: str,
        make: Make,
        *,
        ttl_seconds: float,
        stale_seconds: float = 0,
        tags: Sequence[str] = (),
    ) -> bytes:
        """`parameters` holds all that the answer depends on: query, page, the reader's id if it is theirs alone."""
        if ttl_seconds + stale_seconds > MAX_TTL_SECONDS:
            raise ValueError(f"an answer is kept for {MAX_TTL_SECONDS:.0f} seconds at most, stale time included")
        entry = Entry(answer_key(endpoint, parameters), tuple(map(tag_key, tags)), make, ttl_seconds, stale_seconds)
        try:
            kept, states = await self._look(entry)
        except Unavailable:
            self._reads.add(1, outcome="away")
            return await self._make_once(entry, None)
        if kept is None or kept.fresh_until + stale_seconds <= self._now():
            self._reads.add(1, outcome="miss")
            return await self._make_or_wait(entry, states)
        if kept.fresh_until > self._now():
            self._reads.add(1, outcome="hit")
        else:
            self._reads.add(1, outcome="stale")
            await self._renew(entry, states)
        return kept.body

    async def invalidate(self, *tags: str) -> None:
        """After the commit of what changed. A cache that is away raises: then old answers live on until their time."""
        for tag in tags:
            await self._cache.set(tag_key(tag), new_token(9), ttl_seconds=TAG_SECONDS)

    async def forget(self, endpoint: str, parameters: str) -> None:
        await self._cache.delete(answer_key(endpoint, parameters))

    async def close(self) -> None:
        """What is being renewed is finished."""
        await asyncio.gather(*self._making.values(), return_exceptions=True)

    async def _look(self, entry: Entry) -> tuple[Kept | None, States]:
        """The answer, unless a tag has changed since; and the tags' state now. One round trip."""
        raw, *found = await self._cache.get_many([entry.key, *entry.tags])
        states = tuple(found)
        if raw is None:
            return None, states
        try:
            kept = self._decode(raw)
        except msgspec.DecodeError:  # another version's
            return None, states
        return (kept if kept.tags == states else None), states

    async def _make_or_wait(self, entry: Entry, states: States) -> bytes:
        """One maker on the platform. Whoever gets the turn looks once more: the last maker may just have finished."""
        loop = asyncio.get_running_loop()
        until = loop.time() + WAIT_SECONDS
        while (entry.key, states) not in self._making and loop.time() < until:
            mine = await self._is_mine(entry)
            try:
                kept, states = await self._look(entry)
            except Unavailable:
                break
            if kept is not None and kept.fresh_until > self._now():
                if mine:
                    await self._let_others(entry)
                return kept.body
            if mine:
                break
            await asyncio.sleep(LOOK_EVERY_SECONDS)
        return await self._make_once(entry, states)

    async def _renew(self, entry: Entry, states: States) -> None:
        """Beside the answer, which does not wait."""
        if (entry.key, states) not in self._making and await self._is_mine(entry):
            self._begin(entry, states).add_done_callback(_seen)

    async def _is_mine(self, entry: Entry) -> bool:
        """Whether nobody else on the platform is making it."""
        try:
            return await self._cache.set(entry.making_key, b"1", ttl_seconds=MAKING_SECONDS, only_if_absent=True)
        except Unavailable:
            return True

    async def _make_once(self, entry: Entry, states: States | None) -> bytes:
        """One making per process; whoever gives up waiting does not stop it for the others."""
        return await asyncio.shield(self._making.get((entry.key, states)) or self._begin(entry, states))

    def _begin(self, entry: Entry, states: States | None) -> asyncio.Task[bytes]:
        task = asyncio.get_running_loop().create_task(self._make_and_keep(entry, states))
        self._making[entry.key, states] = task
        task.add_done_callback(lambda _: self._making.pop((entry.key, states), None))
        return task

    async def _make_and_keep(self, entry: Entry, states: States | None) -> bytes:
        try:
            body = await entry.make()
        except BaseException:
            await self._let_others(entry)
            raise
        if states is not None:
            kept = Kept(self._now() + entry.ttl_seconds, states, body)
            lives = entry.ttl_seconds + entry.stale_seconds
            try:
                await self._cache.set(entry.key, self._encode(kept), ttl_seconds=lives)
            except Unavailable:
                return body
            await self._let_others(entry)
        return body

    async def _let_others(self, entry: Entry) -> None:
        try:
            await self._cache.delete(entry.making_key)
        except Unavailable:
            self._reads.add(1, outcome="away")  # the key ends by itself

    def _now(self) -> float:
        return self._clock.now().timestamp()


class Entry(msgspec.Struct, frozen=True):
    """One question of `get_or_make`."""

    key: str
    tags: tuple[str, ...]
    make: Make
    ttl_seconds: float
    stale_seconds: float

    @property
    def making_key(self) -> str:
        return f"{self.key}:making"


def answer_key(endpoint: str, parameters: str) -> str:
    # The braces of the documented key, `api:cache:{endpoint}:{hash}`, mark what is filled in; they are no hash tags.
    digest = hashlib.blake2b(parameters.encode(), digest_size=16).hexdigest()
    return f"api:cache:{endpoint}:{digest}"


def tag_key(tag: str) -> str:
    return f"api:cache:tag:{tag}"


def _seen(task: asyncio.Task[bytes]) -> None:
    """Nobody waits for a renewal: the next one who asks tries again."""
    if not task.cancelled():
        task.exception()
