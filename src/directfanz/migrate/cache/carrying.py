"""Keys that live in the cache alone, such as sessions: the same value and the same time to live on the other side.

Passes are made until one finds nothing new; the last one belongs inside the fence. No notification is trusted, every pass looks at all
keys of the pattern.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import msgspec
import redis

from directfanz.migrate.errors import SideName, blame

AT_ONCE = 1000
TTL_SLACK_MS = 2000
FOREVER = -1


class CachePass(msgspec.Struct, frozen=True):
    keys: int
    carried: int
    deleted: int


class CacheVerdict(msgspec.Struct, frozen=True):
    keys: int
    missing: list[str]
    extra: list[str]
    differing: list[str]

    @property
    def equal(self) -> bool:
        return not (self.missing or self.extra or self.differing)


class Shelf:
    """One cache, and the keys of one pattern in it."""

    def __init__(self, side: SideName, address: str, pattern: str) -> None:
        self.side, self.pattern = side, pattern
        self._client = redis.Redis.from_url(address, socket_timeout=30, socket_connect_timeout=5)

    def close(self) -> None:
        self._client.close()

    def keys(self) -> list[bytes]:
        try:
            return sorted(set(self._client.scan_iter(match=self.pattern, count=AT_ONCE)))
        except redis.RedisError as error:
            raise blame(self.side, str(error)) from error

    def read(self, keys: list[bytes]) -> dict[bytes, tuple[bytes, int]]:
        """(value, milliseconds to live) of those that are still there."""
        pipe = self._client.pipeline(transaction=False)
        for key in keys:
            pipe.dump(key)
            pipe.pttl(key)
        answers = self._run(pipe)
        pairs = zip(keys, answers[::2], answers[1::2], strict=True)
        return {key: (value, life) for key, value, life in pairs if value is not None and life != -2}

    def write(self, entries: dict[bytes, tuple[bytes, int]]) -> None:
        pipe = self._client.pipeline(transaction=False)
        for key, (value, life) in entries.items():
            pipe.restore(key, max(life, 0), value, replace=True)
        self._run(pipe)

    def delete(self, keys: list[bytes]) -> None:
        pipe = self._client.pipeline(transaction=False)
        for key in keys:
            pipe.delete(key)
        self._run(pipe)

    def set_many(self, entries: dict[str, str], seconds: int) -> None:
        pipe = self._client.pipeline(transaction=False)
        for key, value in entries.items():
            pipe.set(key, value, ex=seconds)
        self._run(pipe)

    def _run(self, pipe: Any) -> list[Any]:
        try:
            answers: list[Any] = pipe.execute()
        except redis.RedisError as error:
            raise blame(self.side, str(error)) from error
        return answers


def carry(source: Shelf, target: Shelf) -> CachePass:
    keys, carried = source.keys(), 0
    for some in _slices(keys):
        here, there = source.read(some), target.read(some)
        new = {key: entry for key, entry in here.items() if not _same(entry, there.get(key))}
        target.write(new)
        carried += len(new)
    gone = sorted(set(target.keys()) - set(keys))
    target.delete(gone)
    return CachePass(len(keys), carried, len(gone))


def verify_cache(source: Shelf, target: Shelf) -> CacheVerdict:
    here, there = set(source.keys()), set(target.keys())
    differing: list[str] = []
    for some in _slices(sorted(here & there)):
        left, right = source.read(some), target.read(some)
        differing += [_text(key) for key in some if key in left and not _same(left[key], right.get(key))]
    return CacheVerdict(len(here), [*map(_text, sorted(here - there))], [*map(_text, sorted(there - here))], differing)


def forever(shelf: Shelf) -> list[str]:
    """Keys without an end: primary data, or a leak. Somebody must say which before a rebuild may leave them behind."""
    found: list[str] = []
    for some in _slices(shelf.keys()):
        found += [_text(key) for key, (_, life) in shelf.read(some).items() if life == FOREVER]
    return found


def _same(here: tuple[bytes, int], there: tuple[bytes, int] | None) -> bool:
    if there is None or here[0] != there[0]:
        return False
    return here[1] == there[1] or (FOREVER not in (here[1], there[1]) and abs(here[1] - there[1]) < TTL_SLACK_MS)


def _slices(keys: list[bytes]) -> Iterator[list[bytes]]:
    walking = iter(keys)
    while some := list(islice(walking, AT_ONCE)):
        yield some


def _text(key: bytes) -> str:
    return key.decode(errors="backslashreplace")
