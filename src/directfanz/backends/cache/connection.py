"""One socket to one cache node, shared by all callers.

Whatever is asked for within one turn of the event loop leaves in one write, and answers come back in order, so a
caller costs one future and nothing else: no task, no timer, no lock. Time limits are kept by one slow tick that
looks at the oldest question only.
"""

from __future__ import annotations

import asyncio
import itertools
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import hiredis

from directfanz.backends.cache.faults import Address, CacheRefused, CacheUnavailable, Lost, NotDone, fault
from directfanz.backends.cache.look import Look
from directfanz.errors import ConfigurationError, DirectFanzError

MAX_IN_FLIGHT = 10_000
MAX_UNSENT_BYTES = 32 * 1024 * 1024
# The socket's own buffer; above it, what is asked waits here until the node has read.
HIGH_WATER_BYTES = 1024 * 1024
TICKS_PER_TIMEOUT = 4
SAMPLE_EVERY_SECONDS = 0.01
_NOTHING: Any = object()  # hiredis' default for "no reply yet" is False, which a reply can be

Word = str | bytes | int
Words = tuple[Word, ...]
Answer = asyncio.Future[Any] | Look
# hiredis describes its argument as a tuple of one.
pack = cast("Callable[[Words], bytes]", hiredis.pack_command)


@dataclass(frozen=True, slots=True)
class Options:
    """How every connection of one client is made."""

    timeout_seconds: float = 1.0
    password: str | None = None
    database: int = 0
    tls: ssl.SSLContext | None = None
    name: str = "directfanz"
    # Told the seconds of a round trip, now and then.
    sample: Callable[[float], None] = lambda _seconds: None


class Connection(asyncio.Protocol):
    def __init__(self, address: Address, options: Options) -> None:
        self.address = address
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._loop = asyncio.get_running_loop()
        self._sample = options.sample
        self._tick_seconds = options.timeout_seconds / (TICKS_PER_TIMEOUT + 1)
        self._transport: asyncio.Transport | None = None
        self._reader = hiredis.Reader(replyError=fault, notEnoughData=_NOTHING)
        self._waiting: deque[Answer] = deque()
        self._answered = 0
        self._out: list[bytes] = []
        self._out_bytes = 0
        self._choked = False
        self._ticking = False
        # How many questions had been asked at each of the last ticks, and where the last answer was seen.
        self._asked: deque[int] = deque(maxlen=TICKS_PER_TIMEOUT)
        self._silent_ticks = 0
        self._answered_at_tick = 0
        # One question at a time is followed from its write to its answer.
        self._probe = 0
        self._probe_began = 0.0

    def send(self, words: Words) -> asyncio.Future[Any]:
        """The answer to come. Every fault is in it, an error reply too; nothing is raised here."""
        answer: asyncio.Future[Any] = self._loop.create_future()
        self.ask(words, answer)
        return answer

    def ask(self, words: Words, answer: Answer) -> None:
        waiting, out = self._waiting, self._out
        if self._transport is None:
            answer.set_exception(NotDone(f"The connection to the cache at {self.address} is closed."))
            return
        if len(waiting) >= MAX_IN_FLIGHT or self._out_bytes > MAX_UNSENT_BYTES:
            answer.set_exception(CacheUnavailable("Too many questions to the cache are waiting."))
            return
        packed = pack(words)
        waiting.append(answer)
        if not out:
            self._loop.call_soon(self._flush)
        out.append(packed)
        self._out_bytes += len(packed)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        """What was asked before is still sent."""
        if self._transport is not None:
            self._flush()
            self._transport.close()

    # --- asyncio's side ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by name
        self._transport.set_write_buffer_limits(high=HIGH_WATER_BYTES)

    def data_received(self, data: bytes) -> None:
        reader, waiting = self._reader, self._waiting
        answered = self._answered
        try:
            reader.feed(data)
            while (reply := reader.gets()) is not _NOTHING:
                answer = waiting.popleft()
                answered += 1
                if not answer.done():
                    if isinstance(reply, Exception):
                        answer.set_exception(reply)
                    else:
                        answer.set_result(reply)
        except (hiredis.ProtocolError, IndexError):
            # Not RESP, or an answer to no question: nothing after this can be trusted.
            self.abort()
        self._answered = answered
        if self._probe and answered >= self._probe:
            self._probe = 0
            self._sample(self._loop.time() - self._probe_began)

    def pause_writing(self) -> None:
        self._choked = True

    def resume_writing(self) -> None:
        self._choked = False
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        sent = len(self._waiting) - len(self._out)
        waiting = tuple(self._waiting)
        self._waiting.clear()
        self._out.clear()
        for index, answer in enumerate(waiting):
            if not answer.done():
                answer.set_exception(self._fate(was_sent=index < sent))
        if not self.lost.done():
            self.lost.set_result(None)

    def _fate(self, *, was_sent: bool) -> Exception:
        if was_sent:
            return Lost(f"The connection to the cache at {self.address} broke before the answer.")
        return NotDone(f"The connection to the cache at {self.address} broke.")

    def _flush(self) -> None:
        if self._choked or not self._out or self._transport is None:
            return
        if not self._ticking:
            self._ticking = True
            self._loop.call_later(self._tick_seconds, self._tick)
        if not self._probe and (now := self._loop.time()) - self._probe_began > SAMPLE_EVERY_SECONDS:
            self._probe, self._probe_began = self._answered + len(self._waiting), now
        data = self._out[0] if len(self._out) == 1 else b"".join(self._out)
        self._out.clear()
        self._out_bytes = 0
        self._transport.write(data)

    def _tick(self) -> None:
        """Fails what was asked TICKS_PER_TIMEOUT ticks ago and is not answered; gives a silent socket up."""
        if not self._waiting or self._transport is None:
            self._ticking = False
            self._asked.clear()
            self._silent_ticks = 0
            return
        if len(self._asked) == TICKS_PER_TIMEOUT:
            self._fail_overdue(self._asked[0] - self._answered)
        self._asked.append(self._answered + len(self._waiting))
        self._silent_ticks = self._silent_ticks + 1 if self._answered == self._answered_at_tick else 0
        self._answered_at_tick = self._answered
        if self._silent_ticks > 2 * TICKS_PER_TIMEOUT:
            self.abort()
        else:
            self._loop.call_later(self._tick_seconds, self._tick)

    def _fail_overdue(self, count: int) -> None:
        # They stay in line, because their answers may still come and must not be taken for others'.
        for answer in tuple(itertools.islice(self._waiting, max(count, 0))):
            if not answer.done():
                answer.set_exception(Lost(f"The cache at {self.address} did not answer in time."))


def failed(fault: DirectFanzError) -> asyncio.Future[Any]:
    answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    answer.set_exception(fault)
    return answer


async def open_connection(address: Address, options: Options) -> Connection:
    """Connected and signed in. `ConfigurationError` when the node refuses us for good."""
    loop = asyncio.get_running_loop()
    connection = Connection(address, options)
    try:
        async with asyncio.timeout(options.timeout_seconds):
            await loop.create_connection(
                lambda: connection, address.host, address.port, ssl=options.tls, **_tls_name(address, options)
            )
            await _introduce(connection, options)
    except CacheRefused as error:
        connection.abort()
        raise ConfigurationError(f"The cache at {address} does not let us in: {error.message}") from None
    except (OSError, TimeoutError, CacheUnavailable) as error:
        connection.abort()
        raise NotDone(f"The cache at {address} cannot be reached: {str(error) or 'no answer in time'}") from None
    except BaseException:
        connection.abort()
        raise
    return connection


def _tls_name(address: Address, options: Options) -> dict[str, Any]:
    return {"server_hostname": address.host, "ssl_handshake_timeout": options.timeout_seconds} if options.tls else {}


def greetings(options: Options) -> list[Words]:
    """What is said first on a new connection."""
    words: list[Words] = [("CLIENT", "SETNAME", options.name)]
    if options.database:
        words.insert(0, ("SELECT", options.database))
    if options.password:
        words.insert(0, ("AUTH", options.password))
    return words


async def _introduce(connection: Connection, options: Options) -> None:
    answers = [connection.send(words) for words in greetings(options)]
    results = await asyncio.gather(*answers, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
