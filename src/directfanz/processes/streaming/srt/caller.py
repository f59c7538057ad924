"""One SRT caller that was let in: its packets go to an ffmpeg of its own, which takes the stream out of them and writes FLV."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from asyncio.subprocess import PIPE, Process
from collections import deque
from typing import TYPE_CHECKING

from directfanz.processes.streaming.channel import Channel
from directfanz.processes.streaming.codecs import Unsupported
from directfanz.processes.streaming.rtmp.errors import ProtocolError
from directfanz.processes.streaming.srt import packets
from directfanz.processes.streaming.srt.flv import FlvReader
from directfanz.processes.streaming.srt.packets import CONCLUSION, INDUCTION, Handshake

if TYPE_CHECKING:
    from directfanz.processes.streaming.srt.gateway import Address, Gateway

HOST = "127.0.0.1"
CHILD_SECONDS, ASK_EVERY_SECONDS = 6.0, 0.05
SILENT_SECONDS = 10.0
RATE_SECONDS = 10
READ_BYTES = 1 << 16
PIPE_LIMIT = 1 << 20
LAST_WORDS = 400
AUDIO = 8
# MPEG-TS has no settings of AAC in front, they stand before each frame: ffmpeg begins its FLV with empty ones and writes the real ones
# when the first sound is there.
NO_SETTINGS_YET = b"\xaf\0"
log = logging.getLogger("directfanz.streaming.srt")


def arguments(program: str, port: int) -> list[str]:
    """Everything is copied. `nobuffer` and a short look, so that the first picture comes soon."""
    source = f"srt://{HOST}:{port}?mode=listener&transtype=live&listen_timeout={int(CHILD_SECONDS * 1e6)}"
    return [
        program, "-hide_banner", "-nostdin", "-loglevel", "error", "-fflags", "+nobuffer", "-probesize", "500000",
        "-analyzeduration", "1000000", "-f", "mpegts", "-i", source, "-map", "0:v:0?", "-map", "0:a:0?", "-c", "copy",
        "-f", "flv", "-flvflags", "no_duration_filesize", "-flush_packets", "1", "pipe:1",
    ]  # fmt: skip


class Caller(asyncio.DatagramProtocol):
    """A publisher. Between it and its ffmpeg stands one socket, and of its packets only handshakes are changed: they hold the cookie."""

    def __init__(self, gateway: Gateway, address: Address, asked: Handshake) -> None:
        self._gateway = gateway
        self.address = address
        self._asked = asked
        self._child: Process | None = None
        self._inner: asyncio.DatagramTransport | None = None
        self._cookie: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._channel: Channel | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._rates: deque[int] = deque(maxlen=RATE_SECONDS)
        self._counted = self.received = 0
        self.last_media = gateway.clock.monotonic()
        self.is_over = False

    # --- told ---------------------------------------------------------------------------------------------------------

    async def begin(self, channel: Channel, program: str) -> None:
        """TimeoutError when its ffmpeg does not come up."""
        self._channel = channel
        port = free_port()
        self._child = await asyncio.create_subprocess_exec(
            *arguments(program, port), stdin=asyncio.subprocess.DEVNULL, stdout=PIPE, stderr=PIPE, limit=PIPE_LIMIT
        )
        loop = asyncio.get_running_loop()
        self._inner, _ = await loop.create_datagram_endpoint(lambda: self, remote_addr=(HOST, port))
        self._tasks = [loop.create_task(self._pump()), loop.create_task(self._complaints())]
        async with asyncio.timeout(CHILD_SECONDS):
            while not self._cookie.done():  # until it listens
                self._inner.sendto(
                    packets.written(self._asked._replace(kind=INDUCTION, version=4, cookie=0, extension=2, rest=b""))
                )
                await asyncio.wait({self._cookie}, timeout=ASK_EVERY_SECONDS)
        self.heard(packets.written(self._asked))

    def heard(self, data: bytes) -> None:
        """From the encoder."""
        self.received += len(data)
        if packets.is_goodbye(data):
            self.end("the encoder stopped")
            return
        if self._inner is None or not self._cookie.done():
            return
        shake = packets.read(data) if data[:2] == b"\x80\0" else None
        if shake is not None and shake.kind == CONCLUSION:
            data = packets.written(shake._replace(cookie=self._cookie.result()))
        self._inner.sendto(data)

    def cut_off(self, reason: str) -> None:
        if self._channel is not None and not self.is_over:
            self._gateway.send(packets.goodbye(self._asked.socket), self.address)
        self.end(reason)

    def tick(self, now: float) -> None:
        """Once a second."""
        if now - self.last_media > SILENT_SECONDS:
            self.cut_off("no picture and no sound for 10 s")
            return
        self._rates.append(self.received - self._counted)
        self._counted = self.received
        kbps = sum(self._rates) * 8 / 1000 / len(self._rates)
        if len(self._rates) == RATE_SECONDS and kbps > self._gateway.most_kbps:
            self._refuse(f"{kbps:.0f} kbit/s are more than the {self._gateway.most_kbps} that a stream may have.")

    def end(self, reason: str) -> None:
        if self.is_over:
            return
        self.is_over = True
        channel, self._channel = self._channel, None
        if channel is not None:
            self._gateway.house.left(channel, self, reason)
        self._gateway.forget(self)

    async def close(self) -> None:
        """After its end: nothing of it stays."""
        if self._child is not None and self._child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._child.kill()
            await self._child.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._inner is not None:
            self._inner.close()

    # --- from its ffmpeg ----------------------------------------------------------------------------------------------

    def datagram_received(self, data: bytes, addr: object) -> None:
        shake = packets.read(data) if data[:2] == b"\x80\0" else None
        if shake is not None and shake.kind == INDUCTION:
            if not self._cookie.done():
                self._cookie.set_result(shake.cookie)
            return
        self._gateway.send(data, self.address)

    def error_received(self, exc: Exception) -> None:
        """It does not listen yet, or not any more; its end is seen at its pipe."""

    async def _pump(self) -> None:
        assert self._child is not None
        assert self._child.stdout is not None
        reader = FlvReader()
        try:
            while data := await self._child.stdout.read(READ_BYTES):
                for tag in reader.feed(data):
                    self._take(tag.kind, tag.time, tag.body)
        except (Unsupported, ProtocolError, ValueError) as error:
            self._refuse(str(error))
        except Exception:
            log.exception("what an SRT encoder sent could not be handled")
            self.cut_off("malformed")
        else:
            self.cut_off("the encoder stopped")

    def _take(self, kind: int, time: int, body: bytes) -> None:
        if self._channel is not None and not (kind == AUDIO and body == NO_SETTINGS_YET):
            self.last_media = self._gateway.clock.monotonic()
            self._gateway.house.take(self._channel, kind, time, body)

    def _refuse(self, reason: str) -> None:
        if self._channel is not None:
            self._gateway.house.note(self._channel, "refused", reason)
        self.cut_off(reason)

    async def _complaints(self) -> None:
        assert self._child is not None
        assert self._child.stderr is not None
        while line := await self._child.stderr.readline():
            log.info("%s: %s", self.address[0], line.decode("utf-8", "replace").strip()[:LAST_WORDS])


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind((HOST, 0))
        port: int = found.getsockname()[1]
        return port
