"""One RTMP connection. The protocol is `rtmp.session`'s; here are its bytes, its limits and its time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from directfanz.domains.live.errors import NotAdmitted
from directfanz.domains.live.models import Protocol
from directfanz.errors import DirectFanzError
from directfanz.processes.streaming.channel import Channel
from directfanz.processes.streaming.codecs import Unsupported
from directfanz.processes.streaming.rtmp.chunks import Message
from directfanz.processes.streaming.rtmp.errors import ProtocolError
from directfanz.processes.streaming.rtmp.handshake import BLOCK
from directfanz.processes.streaming.rtmp.session import Asked, Ended, Event, Session

if TYPE_CHECKING:
    from directfanz.processes.streaming.ingest.door import Door

HANDSHAKE_SECONDS = 5.0
PUBLISH_SECONDS = 10.0
SILENT_SECONDS = 10.0
ADMISSION_SECONDS = 15.0
RATE_SECONDS = 10
GOODBYE_SECONDS = 2.0
APP = "live"
log = logging.getLogger("directfanz.streaming.ingest")


class Connection(asyncio.Protocol):
    def __init__(self, door: Door, protocol: Protocol) -> None:
        self._door = door
        self._protocol: Protocol = protocol
        self._session = Session(os.urandom(BLOCK - 8))
        self._transport: asyncio.Transport | None = None
        self._channel: Channel | None = None
        self._asking: asyncio.Task[None] | None = None
        self._began = self.last_media = door.clock.monotonic()
        self._rates: deque[int] = deque(maxlen=RATE_SECONDS)
        self._is_over = False
        self.received = 0
        self._counted = 0
        self.address = ""

    # --- asyncio ------------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are none by class
        self.address = str((transport.get_extra_info("peername") or ("",))[0])
        if not self._door.enter(self):
            self._is_over = True
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._door.leave(self)
        self._unswept()
        if self._asking is not None:
            self._asking.cancel()
        self._let_go("the connection was lost" if exc else "the encoder hung up")
        self._is_over = True
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self.received += len(data)
        if self._channel is not None:
            self.last_media = self._door.clock.monotonic()
        self._guarded(self._session.receive(data))

    # --- told ---------------------------------------------------------------------------------------------------------

    def cut_off(self, reason: str) -> None:
        """The stream goes to another, or is over."""
        self._session.end(reason)
        self._close(reason)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def tick(self, now: float) -> None:
        """Once a second."""
        if self._is_over:
            return
        if not self._session.is_publishing:
            patience = PUBLISH_SECONDS + ADMISSION_SECONDS if self._asking else PUBLISH_SECONDS
            patience = patience if self._session.is_shaken else HANDSHAKE_SECONDS
            if now - self._began > patience:
                self._abort("it did not say in time what it wants")
            return
        if now - self.last_media > SILENT_SECONDS:
            self._abort("no picture and no sound for 10 s")
            return
        self._rates.append(self.received - self._counted)
        self._counted = self.received
        kbps = sum(self._rates) * 8 / 1000 / len(self._rates)
        if len(self._rates) == RATE_SECONDS and kbps > self._door.most_kbps:
            self._refuse_media(f"{kbps:.0f} kbit/s are more than the {self._door.most_kbps} that a stream may have.")

    # --- inside -------------------------------------------------------------------------------------------------------

    def _guarded(self, events: Iterable[Event]) -> None:
        """Nothing that a peer sends reaches the loop's handler of errors."""
        if self._is_over:
            return
        try:
            for event in events:
                if isinstance(event, Message):
                    if self._channel is not None:
                        self._door.house.take(self._channel, event.kind, event.timestamp, event.body)
                else:
                    self._happens(event)
                if self._has_ended():
                    return
            self._send()
        except Unsupported as error:
            self._refuse_media(str(error))
        except ProtocolError as error:
            self._send()
            self._abort(f"malformed: {error}")
        except Exception:
            log.exception("a publisher's bytes could not be handled")
            self._abort("malformed")

    def _has_ended(self) -> bool:
        return self._is_over

    def _happens(self, event: Asked | Ended) -> None:
        if isinstance(event, Asked):
            assert self._transport is not None
            self._transport.pause_reading()
            self._asking = asyncio.get_running_loop().create_task(self._ask(event))
        else:
            self._close("the encoder stopped")

    async def _ask(self, asked: Asked) -> None:
        try:
            if asked.app != APP:
                raise NotAdmitted(f"The address ends in /{APP}: copy it again from your live console.")
            async with asyncio.timeout(ADMISSION_SECONDS):
                channel = await self._door.house.admit(asked.key, self, self._protocol)
        except DirectFanzError as error:
            self._turn_away(error.message)
            return
        except TimeoutError:
            self._turn_away("The server is busy. Try again in a moment.")
            return
        except Exception:
            log.exception("a publisher could not be let in")
            self._turn_away("Something went wrong here. Try again in a moment.")
            return
        finally:
            self._asking = None
        self._channel = channel
        if self._is_over or self._transport is None:
            self._let_go("the encoder hung up")
            return
        self.last_media = self._door.clock.monotonic()
        if not self._door.sweep.add(self._transport, self.data_received):
            self._transport.resume_reading()
        self._guarded(self._session.accept())

    def _turn_away(self, reason: str) -> None:
        log.info("a publisher was turned away: %s", reason)
        self._door.refused()
        self._session.refuse(reason)
        self._close(reason)

    def _refuse_media(self, reason: str) -> None:
        """Of a publisher that was let in: the creator reads it in the console, the encoder shows it too."""
        if self._channel is not None:
            self._door.house.note(self._channel, "refused", reason)
        self._session.end(reason)
        self._close(reason)

    def _abort(self, reason: str) -> None:
        self._let_go(reason)
        self._is_over = True
        self._door.cut(reason)
        if self._transport is not None:
            self._transport.abort()

    def _close(self, reason: str) -> None:
        """With the last words on their way. What still comes is read and thrown away: closing on it would reset the connection, and
        the encoder would not learn why."""
        self._send()
        self._let_go(reason)
        self._is_over = True
        self._unswept()
        if self._transport is not None:
            if self._transport.can_write_eof():
                with contextlib.suppress(OSError):  # it hung up at the same moment
                    self._transport.write_eof()
            else:
                self._transport.close()
            if not self._transport.is_reading():
                self._transport.resume_reading()
            asyncio.get_running_loop().call_later(GOODBYE_SECONDS, self._transport.abort)

    def _unswept(self) -> None:
        if self._transport is not None:
            self._door.sweep.drop(self._transport)

    def _let_go(self, reason: str) -> None:
        channel, self._channel = self._channel, None
        if channel is not None:
            self._door.house.left(channel, self, reason)

    def _send(self) -> None:
        out = self._session.to_send()
        if out and self._transport is not None and not self._transport.is_closing():
            self._transport.write(out)
