"""Listening to sharded channels, on sockets of their own.

A channel without a home (new, or its socket broke, or its slot moved) is found one by a single task, so there is one
path for starting, adding, failing over and healing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from types import TracebackType

from directfanz.backends.cache.connection import Options
from directfanz.backends.cache.ear import Ear, open_ear
from directfanz.backends.cache.faults import Address, CacheUnavailable
from directfanz.errors import DirectFanzError

MAX_QUEUED = 20_000
# A socket that says nothing for so long is asked, and given up when it stays silent as long again.
SILENCE_SECONDS = 5.0
FIRST_PAUSE_SECONDS = 0.02
LONGEST_PAUSE_SECONDS = 0.5
log = logging.getLogger("directfanz.cache")


class _Channel:
    __slots__ = ("confirmed", "ear", "is_lost")

    def __init__(self) -> None:
        self.ear: Ear | None = None
        self.confirmed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.is_lost = False


class Listening:
    """The contract's `Subscription`, and the `async with` that opens it."""

    def __init__(
        self,
        channels: Iterable[str],
        owner: Callable[[str], Address],
        relearn: Callable[[], Awaitable[None]],
        options: Options,
    ) -> None:
        self.gaps = 0
        self._first = channels
        self._owner = owner
        self._relearn = relearn
        self._options = options
        self._wanted: dict[str, _Channel] = {}
        self._homeless: set[str] = set()
        self._lost: set[str] = set()
        self._ears: dict[Address, Ear] = {}
        self._queue: deque[tuple[str, bytes]] = deque()
        self._arrived = asyncio.Event()
        self._work = asyncio.Event()
        self._map_is_old = False
        self._pause = FIRST_PAUSE_SECONDS
        self._tender: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Listening:
        self._tender = asyncio.get_running_loop().create_task(self._tend(), name="cache subscription")
        try:
            await self.add(*self._first)
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end()

    async def __aiter__(self) -> AsyncIterator[tuple[str, bytes]]:
        while True:
            while self._queue:
                yield self._queue.popleft()
            self._arrived.clear()
            await self._arrived.wait()

    async def add(self, *channels: str) -> None:
        for name in channels:
            if name not in self._wanted:
                self._wanted[name] = _Channel()
                self._homeless.add(name)
        self._work.set()
        waiting = [self._wanted[name].confirmed for name in channels]
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=self._options.timeout_seconds)
            if late:
                raise CacheUnavailable("The cache did not confirm the subscription in time; it will come later.")

    async def remove(self, *channels: str) -> None:
        for name in channels:
            channel = self._wanted.pop(name, None)
            self._homeless.discard(name)
            self._found_again(name)
            if channel is not None and channel.ear is not None:
                channel.ear.leave(name)
            if channel is not None and not channel.confirmed.done():
                channel.confirmed.set_result(None)  # nobody waits for it any more

    # --- what the ears tell ---

    def heard(self, channel: str, message: bytes) -> None:
        if channel not in self._wanted:
            return
        if len(self._queue) >= MAX_QUEUED:
            self._queue.popleft()  # who reads too slowly misses the oldest, and is told so
            self.gaps += 1
        self._queue.append((channel, message))
        self._arrived.set()

    def joined(self, ear: Ear, channel: str) -> None:
        wanted = self._wanted.get(channel)
        if wanted is not None and wanted.ear is ear:
            self._pause = FIRST_PAUSE_SECONDS
            if not wanted.confirmed.done():
                wanted.confirmed.set_result(None)
            self._found_again(channel)

    def left(self, ear: Ear, channel: str) -> None:
        wanted = self._wanted.get(channel)
        if wanted is None or wanted.ear is not ear:
            return
        wanted.ear = None
        self._map_is_old = True
        if wanted.confirmed.done():
            self._lost.add(channel)
        self._homeless.add(channel)
        self._work.set()

    def closed(self, ear: Ear) -> None:
        if self._ears.get(ear.address) is ear:
            del self._ears[ear.address]
        for channel in ear.channels:
            self.left(ear, channel)

    def _found_again(self, channel: str) -> None:
        """Counted when all is back, not when it is lost: who then asks what was missed will miss nothing more."""
        if channel in self._lost:
            self._lost.discard(channel)
            if not self._lost:
                self.gaps += 1

    # --- the one task ---

    async def _tend(self) -> None:
        while True:
            self._work.clear()
            if self._map_is_old:
                # Also after a node that takes us in and throws us out: it must not be asked a thousand times a second.
                self._map_is_old = False
                await asyncio.sleep(self._pause)
                self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)
                with contextlib.suppress(DirectFanzError):
                    await self._relearn()
            if await self._house_all():
                await self._work_or_silence()
            else:
                self._map_is_old = True

    async def _house_all(self) -> bool:
        """One node that is away does not keep the channels of others waiting."""
        by_owner: dict[Address, list[str]] = {}
        for name in self._homeless:
            with contextlib.suppress(CacheUnavailable):  # nobody holds it at the moment
                by_owner.setdefault(self._owner(name), []).append(name)
        for address, names in by_owner.items():
            try:
                await self._house(address, names)
            except CacheUnavailable as error:
                log.debug("subscription: %s", error.message)
        return not self._homeless

    async def _house(self, address: Address, names: list[str]) -> None:
        ear = self._ears.get(address)
        if ear is None:
            ear = await open_ear(address, self, self._options)
            if ear.is_closed:
                raise CacheUnavailable(f"The cache at {address} hung up.")
            self._ears[address] = ear
        for name in names:
            channel = self._wanted.get(name)
            if channel is not None and channel.ear is None:
                channel.ear = ear
                self._homeless.discard(name)
                ear.join(name)

    async def _work_or_silence(self) -> None:
        try:
            async with asyncio.timeout(SILENCE_SECONDS):
                await self._work.wait()
        except TimeoutError:
            now = asyncio.get_running_loop().time()
            for ear in list(self._ears.values()):
                if now - ear.last_heard > 2 * SILENCE_SECONDS:
                    ear.abort()
                else:
                    ear.ping()

    async def _end(self) -> None:
        if self._tender is not None:
            self._tender.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._tender
        for ear in list(self._ears.values()):
            ear.abort()
