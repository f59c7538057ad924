"""One socket that listens to channels. It tells its owner what happens and decides nothing."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from typing import Any, Protocol, cast

import hiredis

from directfanz.backends.cache.connection import Options, greetings, pack
from directfanz.backends.cache.faults import Address, CacheUnavailable, NotDone, fault

_NOTHING: Any = object()
_GREETING = ""  # stands in the line of questions where no channel does


class Owner(Protocol):
    def heard(self, channel: str, message: bytes) -> None: ...

    def joined(self, ear: Ear, channel: str) -> None: ...

    def left(self, ear: Ear, channel: str) -> None:
        """Not at our wish: the channel lives elsewhere now."""
        ...

    def closed(self, ear: Ear) -> None: ...


class Ear(asyncio.Protocol):
    def __init__(self, address: Address, owner: Owner) -> None:
        self.address = address
        self.channels: set[str] = set()
        self.is_closed = False
        self.last_heard = asyncio.get_running_loop().time()
        self._owner = owner
        self._reader = hiredis.Reader(replyError=fault, notEnoughData=_NOTHING)
        self._transport: asyncio.Transport | None = None
        self._questions: deque[str] = deque()
        self._leaving: Counter[str] = Counter()

    def greet(self, options: Options) -> None:
        for words in greetings(options):
            self._questions.append(_GREETING)
            self._say(*words)

    def join(self, channel: str) -> None:
        self.channels.add(channel)
        self._questions.append(channel)
        self._say("SSUBSCRIBE", channel)  # one each: several in one command must share a slot

    def leave(self, channel: str) -> None:
        self.channels.discard(channel)
        self._leaving[channel] += 1
        self._say("SUNSUBSCRIBE", channel)

    def ping(self) -> None:
        self._say("PING")

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _say(self, *words: str | bytes | int) -> None:
        if self._transport is not None:
            self._transport.write(pack(words))

    # --- asyncio's side ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by name

    def data_received(self, data: bytes) -> None:
        self.last_heard = asyncio.get_running_loop().time()
        try:
            self._reader.feed(data)
            while (reply := self._reader.gets()) is not _NOTHING:
                self._take(reply)
        except (hiredis.ProtocolError, UnicodeDecodeError, IndexError):
            self.abort()  # not what a node says to a listener

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self.is_closed = True
        self._owner.closed(self)

    def _take(self, reply: Any) -> None:
        match reply:
            case [b"smessage", bytes(channel), bytes(message)]:
                self._owner.heard(channel.decode(), message)
            case [b"ssubscribe", bytes(channel), int()]:
                self._questions.popleft()
                self._owner.joined(self, channel.decode())
            case [b"sunsubscribe", bytes(channel), int()]:
                self._take_leave(channel.decode())
            case Exception():
                self._take_refusal(reply)
            case b"OK":
                self._questions.popleft()

    def _take_leave(self, channel: str) -> None:
        if self._leaving[channel] > 0:
            self._leaving[channel] -= 1
            if not self._leaving[channel]:
                del self._leaving[channel]
        else:
            del self._leaving[channel]  # looking made an entry
            self.channels.discard(channel)
            self._owner.left(self, channel)

    def _take_refusal(self, problem: Exception) -> None:
        channel = self._questions.popleft()
        if channel == _GREETING or not isinstance(problem, NotDone):
            self.abort()
        else:
            self.channels.discard(channel)
            self._owner.left(self, channel)


async def open_ear(address: Address, owner: Owner, options: Options) -> Ear:
    loop, ear = asyncio.get_running_loop(), Ear(address, owner)
    try:
        async with asyncio.timeout(options.timeout_seconds):
            await loop.create_connection(lambda: ear, address.host, address.port, ssl=options.tls)
    except (OSError, TimeoutError) as error:
        ear.abort()
        raise CacheUnavailable(f"The cache at {address} cannot be reached: {error}.") from None
    ear.greet(options)
    return ear
