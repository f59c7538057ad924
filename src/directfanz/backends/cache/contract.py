"""The cache: fast, shared, and allowed to forget everything but sessions.

- Keys and values are bytes or text; values come back as bytes. A missing key is None.
- Each command is atomic on its key. Commands on several keys are many commands: a cluster spreads them.
- Keys that must live on one node share a `{tag}`.
- `Unavailable` when no answer came in time. A write that timed out may have happened. What certainly did not happen is
  repeated for up to 5 s, the time of a failover; what may have happened is repeated only when twice is as good as
  once (`get`, `set`, `delete`, `expire`; not `increment`, `only_if_absent`, scripts and `command`). After a repetition
  `delete` may count a key that it deleted itself as gone before.
- Sub-millisecond when healthy; every try is bounded by `timeout_seconds`. Once a node has been away for 5 s, calls fail at once.
- `Rejected` for a command that is wrong in itself, such as a counter's on a text.
- `durable`: acknowledged only when a second node holds it too, as long as there is one. For what cannot be rebuilt.
- `publish` reaches those subscribed at that moment, at most once, in order per channel; nothing is kept.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from directfanz.backends.cache.look import Then

Key = str | bytes
Value = str | bytes | int


class Cache(Protocol):
    async def get(self, key: Key) -> bytes | None: ...

    async def get_many(self, keys: Sequence[Key]) -> list[bytes | None]:
        """One round trip per node."""
        ...

    def look(self, keys: Sequence[Key], then: Then) -> None:
        """`get_many` for who has no task to wait in. One try: `then` is called once, with what was found, or with None when
        the cache did not say. That may be before this returns."""
        ...

    async def set(
        self,
        key: Key,
        value: Value,
        *,
        ttl_seconds: float | None = None,
        only_if_absent: bool = False,
        durable: bool = False,
    ) -> bool:
        """False when `only_if_absent` and there was one."""
        ...

    async def delete(self, *keys: Key) -> int: ...

    async def expire(self, key: Key, ttl_seconds: float) -> bool: ...

    async def increment(self, key: Key, by: int = 1, *, ttl_seconds: float | None = None) -> int:
        """The new value. The time to live is set when the key is made, and is not moved later."""
        ...

    async def script(self, source: str, keys: Sequence[Key], arguments: Sequence[Value]) -> Any:
        """A Lua script, atomic; all keys share one `{tag}`."""
        ...

    async def command(self, *words: Value, key: Key) -> Any:
        """Any other command on one key: sets, hashes, sorted sets, streams."""
        ...

    async def publish(self, channel: str, message: bytes) -> int: ...

    def subscribe(self, *channels: str) -> AbstractAsyncContextManager[Subscription]:
        """Listens when the block begins; a socket of its own, so open one and add to it."""
        ...

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    async def ping(self) -> None: ...


class Subscription(Protocol):
    """Messages as (channel, bytes). It outlives a reconnect and a failover, and says so: `gaps` has grown once all its
    channels are back, so who then looks up what it may have missed misses nothing. A reader more than 20,000 messages
    late loses the oldest, which is a gap too."""

    gaps: int

    def __aiter__(self) -> AsyncIterator[tuple[str, bytes]]: ...

    async def add(self, *channels: str) -> None:
        """Listens when it returns. `Unavailable` when that takes too long: then it comes later, by itself."""
        ...

    async def remove(self, *channels: str) -> None: ...
