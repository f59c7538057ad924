"""The door for SRT: one UDP port. It answers the handshake's first half itself, reads the key from the second, asks whether it may, and
only then is there anything that costs: a stranger starts no process and holds no memory."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import os
from collections.abc import Coroutine
from typing import cast

from directfanz.backends import Backends
from directfanz.domains.live.errors import NotAdmitted
from directfanz.errors import ConfigurationError, DirectFanzError
from directfanz.processes.streaming.encoding.program import ffmpeg
from directfanz.processes.streaming.house import House
from directfanz.processes.streaming.srt import packets
from directfanz.processes.streaming.srt.caller import Caller
from directfanz.processes.streaming.srt.packets import CONCLUSION, INDUCTION, Handshake

ADMISSION_SECONDS = 15.0
TICK_SECONDS = 1.0
MOST_ASKING = 100
SOCKET = 1
log = logging.getLogger("directfanz.streaming.srt")
Address = tuple[str, int]


class Gateway(asyncio.DatagramProtocol):
    def __init__(self, backends: Backends, house: House) -> None:
        self.house = house
        self.clock = backends.clock
        self.most_kbps = backends.platform.ingest.bitrate_max_kbps
        self._most = backends.platform.ingest.srt_publishers
        self._program = ffmpeg(backends.settings)
        self._secret = os.urandom(32)
        self._transport: asyncio.DatagramTransport | None = None
        self._callers: dict[Address, Caller] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._refused = backends.telemetry.counter("live_publishers_refused_total")

    def __len__(self) -> int:
        return len(self._callers)

    async def listen(self, host: str, port: int) -> int:
        try:
            transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, (host, port))
        except OSError as error:
            raise ConfigurationError(
                f"UDP port {port} on {host} cannot be used: {error.strerror}. Stop what holds it, or set DIRECTFANZ_SRT_PORT."
            ) from None
        self._transport = transport
        found: int = transport.get_extra_info("sockname")[1]
        log.info("SRT encoders are awaited on port %s", found)
        return found

    async def run(self) -> None:
        while True:
            await self.clock.sleep(TICK_SECONDS)
            now = self.clock.monotonic()
            for caller in list(self._callers.values()):
                try:
                    caller.tick(now)
                except Exception:
                    log.exception("an SRT encoder could not be looked after")
                    caller.end("malformed")

    async def close(self) -> None:
        for caller in list(self._callers.values()):
            caller.cut_off("the server is being restarted")
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5)
        if self._transport is not None:
            self._transport.close()

    # --- UDP ----------------------------------------------------------------------------------------------------------

    def datagram_received(self, data: bytes, addr: object) -> None:
        address = cast(Address, addr)
        try:
            self._heard(data, address)
        except ValueError as error:
            log.info("a packet of %s was left alone: %s", address[0], error)
        except Exception:
            log.exception("a packet could not be handled")

    def send(self, data: bytes, address: Address) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data, address)

    def forget(self, caller: Caller) -> None:
        if self._callers.get(caller.address) is caller:
            del self._callers[caller.address]
        self._do(caller.close())

    # --- inside -------------------------------------------------------------------------------------------------------

    def _heard(self, data: bytes, address: Address) -> None:
        caller = self._callers.get(address)
        if caller is not None:
            caller.heard(data)
            return
        shake = packets.read(data)
        if shake is None:
            return
        if shake.kind == INDUCTION:
            self.send(packets.welcome(shake, self._cookie(address), SOCKET), address)
        elif shake.kind == CONCLUSION and shake.version == packets.VERSION and shake.cookie == self._cookie(address):
            self._asks(shake, address)

    def _asks(self, shake: Handshake, address: Address) -> None:
        key = packets.key_of(shake.stream_id())
        if self._program is None or len(self._callers) >= min(self._most, MOST_ASKING):
            self.send(packets.refusal(shake, packets.OVERLOADED), address)
            return
        caller = self._callers[address] = Caller(self, address, shake)
        self._do(self._admit(caller, key, shake))

    async def _admit(self, caller: Caller, key: str, shake: Handshake) -> None:
        try:
            async with asyncio.timeout(ADMISSION_SECONDS):
                channel = await self.house.admit(key, caller, "srt")
            if caller.is_over:  # it hung up while we asked
                self.house.left(channel, caller, "the encoder stopped")
                return
            assert self._program is not None
            await caller.begin(channel, self._program)
        except DirectFanzError as error:
            reason = packets.UNAUTHORIZED if isinstance(error, NotAdmitted) else packets.OVERLOADED
            self._turn_away(caller, shake, reason, error.message)
        except (TimeoutError, OSError):
            self._turn_away(caller, shake, packets.OVERLOADED, "the server is busy")
        except Exception:
            log.exception("an SRT encoder could not be let in")
            self._turn_away(caller, shake, packets.OVERLOADED, "something went wrong here")

    def _turn_away(self, caller: Caller, shake: Handshake, reason: int, words: str) -> None:
        log.info("a publisher was turned away: %s", words)
        self._refused.add()
        self.send(packets.refusal(shake, reason), caller.address)
        caller.end(words)

    def _cookie(self, address: Address) -> int:
        """Of this address alone, so that nobody comes in the name of another; nothing is remembered for it."""
        told = hmac.new(self._secret, f"{address[0]} {address[1]}".encode(), hashlib.sha256).digest()
        return int.from_bytes(told[:4], "big") | 1

    def _do(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("an SRT encoder could not be served", exc_info=error)
