"""One publisher's conversation: bytes in, events out, answers to send. No I/O, so that it can be proved and fuzzed.

    session = Session(noise)
    for event in session.receive(data): ...
    transport.write(session.to_send())

After `Asked` it waits: media is taken only after `accept`, and `refuse` says why in words that the encoder shows.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from directfanz.processes.streaming.rtmp import amf0
from directfanz.processes.streaming.rtmp.chunks import AUDIO, VIDEO, ChunkReader, Message, chunked
from directfanz.processes.streaming.rtmp.errors import ProtocolError
from directfanz.processes.streaming.rtmp.handshake import Handshake

ACKNOWLEDGE, USER_CONTROL, WINDOW, BANDWIDTH = 3, 4, 5, 6
DATA_AMF3, COMMAND_AMF3, DATA, COMMAND = 15, 17, 18, 20
MEDIA = frozenset({AUDIO, VIDEO})
OUR_CHUNK_SIZE = 4096
OUR_WINDOW = 2_500_000
SMALLEST_WINDOW, LARGEST_WINDOW = 1 << 16, 1 << 24
PING, PONG, STREAM_BEGIN = 6, 7, 0
STREAM_ID = 1
LONGEST_NAME = 256
MAX_COMMANDS = 64  # before media; an encoder needs five
FOURCCS = ["avc1", "hvc1", "av01", "mp4a", "Opus"]
CAN_DECODE = 1
_NO_DATA_FRAME = amf0.encode("@setDataFrame")


class Asked(NamedTuple):
    """Somebody wants to publish: `app` and `key` as they wrote them."""

    app: str
    key: str


class Ended(NamedTuple):
    """They said that they stop."""


# A message is AUDIO, VIDEO or DATA here; its body is an FLV tag's.
Event = Asked | Message | Ended


class Session:
    def __init__(self, noise: bytes) -> None:
        self._handshake: Handshake | None = Handshake(noise)
        self._chunks = ChunkReader()
        self._out = bytearray()
        self._state = "talking"  # talking, asked, publishing, over
        self._app: str | None = None
        self._key = ""
        self._commands = 0
        self._received = self._acknowledged = 0
        self._window = OUR_WINDOW

    @property
    def is_shaken(self) -> bool:
        return self._handshake is None

    @property
    def is_publishing(self) -> bool:
        return self._state == "publishing"

    @property
    def waiting(self) -> int:
        return self._chunks.waiting

    def receive(self, data: bytes) -> Iterator[Event]:
        """Consume it to the end: bytes are parsed as it goes."""
        self._count(len(data))
        if self._handshake is not None:
            answer, rest = self._handshake.receive(data)
            self._out += answer
            if rest is None:
                return
            self._handshake, data = None, rest
        self._chunks.feed(data)
        yield from self._events()

    def accept(self) -> Iterator[Event]:
        """They may publish; what came meanwhile follows."""
        self._require("asked")
        self._state = "publishing"
        self._send(2, USER_CONTROL, 0, struct.pack(">HI", STREAM_BEGIN, STREAM_ID))
        self._status("status", "NetStream.Publish.Start", "publishing")
        yield from self._events()

    def refuse(self, reason: str, code: str = "NetStream.Publish.BadName") -> None:
        self._state = "over"
        self._status("error", code, reason)

    def end(self, reason: str) -> None:
        """While publishing: why it is over, for those encoders that show it."""
        if self._state == "publishing":
            self._status("error", "NetStream.Publish.Failed", reason)
        self._state = "over"

    def to_send(self) -> bytes:
        if not self._out:
            return b""
        out = bytes(self._out)
        self._out.clear()
        return out

    # --- inside -------------------------------------------------------------------------------------------------------

    def _count(self, size: int) -> None:
        self._received += size
        if self._handshake is None and self._received - self._acknowledged >= self._window:
            self._acknowledged = self._received
            self._send(2, ACKNOWLEDGE, 0, struct.pack(">I", self._received & 0xFFFFFFFF))

    def _events(self) -> Iterator[Event]:
        while self._state in ("talking", "publishing"):
            message = self._chunks.next()
            if message is None:
                return
            if message.kind in MEDIA:
                if message.body and self._state == "publishing":
                    yield message
            elif (event := self._event(message)) is not None:
                yield event

    def _event(self, message: Message) -> Event | None:
        kind = message.kind
        if kind in (DATA, DATA_AMF3):
            return self._data(message)
        if kind in (COMMAND, COMMAND_AMF3):
            return self._command(amf0.decode_all(message.body[kind == COMMAND_AMF3 :]))
        if kind == WINDOW:
            asked = int.from_bytes(message.body[:4], "big")
            self._window = max(SMALLEST_WINDOW, min(asked, LARGEST_WINDOW))
        elif kind == USER_CONTROL and message.body[:2] == struct.pack(">H", PING):
            self._send(2, USER_CONTROL, 0, struct.pack(">H", PONG) + message.body[2:6])
        return None

    def _data(self, message: Message) -> Message | None:
        body = message.body.removeprefix(_NO_DATA_FRAME)
        return Message(DATA, message.timestamp, message.stream, body) if self._state == "publishing" else None

    def _command(self, values: list[amf0.Value]) -> Event | None:
        self._commands += 1
        if self._commands > MAX_COMMANDS:
            raise ProtocolError("too many commands")
        name = values[0] if values else None
        number = values[1] if len(values) > 1 and isinstance(values[1], float) else 0.0
        if name == "connect":
            self._connect(number, values)
        elif name == "createStream":
            self._send_command(3, 0, "_result", number, None, STREAM_ID)
        elif name == "releaseStream":
            self._send_command(3, 0, "_result", number, None)
        elif name == "FCPublish":
            told = {"code": "NetStream.Publish.Start", "description": ""}
            self._send_command(3, 0, "onFCPublish", 0, None, told)
        elif name == "publish":
            return self._publish(values)
        elif name in ("FCUnpublish", "deleteStream", "closeStream"):
            return Ended() if self._state == "publishing" else None
        elif name in ("play", "play2"):
            self._status("error", "NetStream.Play.StreamNotFound", "Only encoders connect here; watch on the page.")
            raise ProtocolError("asked to play")
        return None

    def _connect(self, number: float, values: list[amf0.Value]) -> None:
        told = values[2] if len(values) > 2 and isinstance(values[2], dict) else {}
        app = told.get("app", "")
        if self._app is not None or not isinstance(app, str) or len(app) > LONGEST_NAME:
            raise ProtocolError("connect out of order")
        self._app = app.split("?")[0].strip("/")
        self._send(2, WINDOW, 0, struct.pack(">I", OUR_WINDOW))
        self._send(2, BANDWIDTH, 0, struct.pack(">IB", OUR_WINDOW, 2))
        self._send(2, 1, 0, struct.pack(">I", OUR_CHUNK_SIZE))
        self._send_command(3, 0, "_result", number, _SERVER, _CONNECTED)

    def _publish(self, values: list[amf0.Value]) -> Asked:
        key = values[3] if len(values) > 3 else None
        if self._state != "talking" or self._app is None or not isinstance(key, str) or len(key) > LONGEST_NAME:
            raise ProtocolError("publish out of order")
        self._state = "asked"
        return Asked(self._app, key.split("?")[0].strip())

    def _require(self, state: str) -> None:
        if self._state != state:
            raise ProtocolError(f"{self._state}, not {state}")

    def _status(self, level: str, code: str, description: str) -> None:
        told = {"level": level, "code": code, "description": description}
        self._send_command(5, STREAM_ID, "onStatus", 0, None, told)

    def _send_command(self, channel: int, stream: int, *values: amf0.Value) -> None:
        self._send(channel, COMMAND, stream, amf0.encode(*values))

    def _send(self, channel: int, kind: int, stream: int, body: bytes) -> None:
        self._out += chunked(channel, Message(kind, 0, stream, body), OUR_CHUNK_SIZE)


_SERVER = {"fmsVer": "FMS/3,5,7,7009", "capabilities": 31, "mode": 1}
_CONNECTED = {
    "level": "status",
    "code": "NetConnection.Connect.Success",
    "description": "Connected.",
    "objectEncoding": 0,
    # Enhanced RTMP: what may be sent beyond H.264 and AAC.
    "fourCcList": FOURCCS,
    "videoFourCcInfoMap": dict.fromkeys(("avc1", "hvc1", "av01"), CAN_DECODE),
    "audioFourCcInfoMap": dict.fromkeys(("mp4a", "Opus"), CAN_DECODE),
    "capsEx": 1,
}
