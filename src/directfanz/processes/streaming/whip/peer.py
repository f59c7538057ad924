"""One browser that publishes. Its frames are passed on as they were encoded: aiortc is kept from decoding them, by a private part of it
(so its version is held, and a test looks whether frames come)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any, NamedTuple

import aiortc.rtcrtpreceiver as receiver
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpReceiver, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from directfanz.domains.live.errors import NotAdmitted
from directfanz.processes.streaming.channel import Channel
from directfanz.processes.streaming.codecs import Unsupported
from directfanz.processes.streaming.rtmp.chunks import AUDIO, VIDEO
from directfanz.processes.streaming.rtmp.errors import ProtocolError
from directfanz.processes.streaming.whip.media import Clock, Pictures, Sounds

if TYPE_CHECKING:
    from directfanz.processes.streaming.house import House

KEY_FRAME_SECONDS = 2.0
CONNECT_SECONDS = 20.0
SILENT_SECONDS = 10.0
log = logging.getLogger("directfanz.streaming.whip")


class _Frame(NamedTuple):
    """Travels through aiortc's queue in the place of a decoded one."""

    data: bytes
    ticks: int


class _PassedOn:
    def decode(self, frame: Any) -> list[_Frame]:
        return [_Frame(bytes(frame.data), frame.timestamp)]


setattr(receiver, "get_decoder", lambda codec: _PassedOn())  # noqa: B010 - it is not theirs to give


class Peer:
    def __init__(self, house: House) -> None:
        self._house = house
        self._clock = house.clock
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._pictures, self._sounds, self._times = Pictures(), Sounds(), Clock()
        self._channel: Channel | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._over = asyncio.Event()
        self._reason = "the browser left"
        self.received = 0
        self._began = self.last_media = self._clock.monotonic()

    async def answer(self, offer: str) -> str:
        """`NotAdmitted` for an offer that nothing can be made of."""
        connection = self._connection
        connection.on("track", self._on_track)
        connection.on("connectionstatechange", self._on_state)
        try:
            await connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
            for each in connection.getTransceivers():
                each.direction = "recvonly"
                if each.kind == "video":
                    each.setCodecPreferences(_h264())
            await connection.setLocalDescription(await connection.createAnswer())
        except Exception as error:  # whatever a strange offer makes of the parser
            log.info("an offer was refused: %s", error)
            raise NotAdmitted(
                "This browser cannot send what is taken here: H.264 (Constrained Baseline) and Opus."
            ) from None
        return str(connection.localDescription.sdp)

    async def run(self, channel: Channel) -> None:
        """Until it is over."""
        self._channel = channel
        self._tasks.append(asyncio.create_task(self._watch()))
        await self._over.wait()

    def cut_off(self, reason: str) -> None:
        self._reason = reason
        self._over.set()

    async def close(self) -> None:
        channel, self._channel = self._channel, None
        if channel is not None:
            self._house.left(channel, self, self._reason)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(Exception):  # of sockets that are gone already
            await self._connection.close()

    # --- told by aiortc -----------------------------------------------------------------------------------------------

    def _on_track(self, track: Any) -> None:
        self._tasks.append(asyncio.create_task(self._pump(track)))

    def _on_state(self) -> None:
        if self._connection.connectionState in ("failed", "closed"):
            self.cut_off("the connection was lost")

    async def _pump(self, track: Any) -> None:
        kind = VIDEO if track.kind == "video" else AUDIO
        try:
            while True:
                frame = await track.recv()
                if isinstance(frame, _Frame):
                    self._take(kind, frame)
        except MediaStreamError:
            self.cut_off("the browser stopped")
        except (Unsupported, ProtocolError) as error:
            if self._channel is not None:
                self._house.note(self._channel, "refused", str(error))
            self.cut_off(str(error))
        except Exception:
            log.exception("a browser's frames could not be handled")
            self.cut_off("malformed")

    def _take(self, kind: int, frame: _Frame) -> None:
        now = self._clock.monotonic()
        self.last_media = now
        self.received += len(frame.data)
        if self._channel is None:
            return  # connected before it was let in: a moment later
        made = self._pictures if kind == VIDEO else self._sounds
        for tag in made.tags(frame.data, self._times.time(kind, frame.ticks, now)):
            self._house.take(self._channel, tag.kind, tag.time, tag.body)

    # --- time ---------------------------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        """A browser sends key frames only when it is asked; each begins a segment."""
        while True:
            await self._clock.sleep(KEY_FRAME_SECONDS if self._pictures.has_key else KEY_FRAME_SECONDS / 8)
            now = self._clock.monotonic()
            if self.received == 0 and now - self._began > CONNECT_SECONDS:
                self.cut_off("no picture and no sound arrived: the way for media may be closed")
            elif self.received and now - self.last_media > SILENT_SECONDS:
                self.cut_off("no picture and no sound for 10 s")
            await self._ask_for_key()

    async def _ask_for_key(self) -> None:
        for each in self._connection.getReceivers():
            if each.track is not None and each.track.kind == "video":
                for source in list(getattr(each, "_RTCRtpReceiver__remote_streams", {})):
                    with contextlib.suppress(ConnectionError):
                        await each._send_rtcp_pli(source)


def _h264() -> list[Any]:
    found: Any = RTCRtpReceiver.getCapabilities("video")
    return [codec for codec in found.codecs if codec.mimeType in ("video/H264", "video/rtx")]
