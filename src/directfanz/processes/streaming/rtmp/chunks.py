"""The chunk stream: messages, cut into chunks and woven together. No I/O."""

from __future__ import annotations

from typing import NamedTuple

from directfanz.processes.streaming.rtmp.errors import ProtocolError

SET_CHUNK_SIZE, ABORT, AUDIO, VIDEO = 1, 2, 8, 9
FIRST_CHUNK_SIZE = 128
MAX_CHUNK_SIZE = 1 << 24
MAX_COMMAND_BYTES = 64 << 10
MAX_AUDIO_BYTES = 1 << 20
MAX_VIDEO_BYTES = 8 << 20
MAX_HALF_DONE_BYTES = 2 * MAX_VIDEO_BYTES
MAX_CHANNELS = 32
EXTENDED = 0xFFFFFF
TIME_MASK = 0xFFFFFFFF
_HEADER_BYTES = (11, 7, 3, 0)
_LIMITS = {VIDEO: MAX_VIDEO_BYTES, AUDIO: MAX_AUDIO_BYTES}
_COMPACT_BYTES = 1 << 16


class Message(NamedTuple):
    kind: int
    timestamp: int  # milliseconds, of 32 bits that wrap
    stream: int
    body: bytes


class _Channel:
    """What a chunk leaves out it has in common with the one before it on its channel."""

    __slots__ = ("body", "delta", "field", "is_extended", "kind", "length", "stream", "timestamp")

    def __init__(self) -> None:
        self.timestamp = self.delta = self.length = self.kind = self.stream = self.field = 0
        self.is_extended = False
        self.body: bytearray | None = None


class _Header(NamedTuple):
    end: int  # where the payload begins
    timestamp: int
    delta: int
    length: int
    kind: int
    stream: int
    field: int
    is_extended: bool


class ChunkReader:
    """Fed with bytes, asked for messages. A chunk is taken when all of it is there, so nothing is half done."""

    def __init__(self) -> None:
        self.chunk_size = FIRST_CHUNK_SIZE
        self._buffer = bytearray()
        self._at = 0
        self._channels: dict[int, _Channel] = {}

    def feed(self, data: bytes) -> None:
        self._buffer += data

    @property
    def waiting(self) -> int:
        """Bytes that are held, or promised, for messages that are not whole yet."""
        return len(self._buffer) - self._at + self._half_done()

    def next(self) -> Message | None:
        while True:
            done = self._chunk()
            if done is None:
                self._compact()
                return None
            if isinstance(done, Message) and not self._is_ours(done):
                return done

    def _chunk(self) -> Message | bool | None:
        """A message that is whole now; True for a chunk that was taken; None when more bytes are needed."""
        buffer, at = self._buffer, self._at
        basic = self._basic(at)
        if basic is None:
            return None
        form, channel_id, at = basic
        channel = self._channels.get(channel_id)
        if channel is None:
            channel = self._opened(form, channel_id)
        header = self._header(form, channel, at)
        if header is None:
            return None
        have = 0 if channel.body is None else len(channel.body)
        end = header.end + min(self.chunk_size, header.length - have)
        if have == 0:
            self._require_room(header)
        elif header.length != channel.length:
            raise ProtocolError("the length of a message changed on its way")
        if end > len(buffer):
            return None
        self._channels[channel_id] = channel
        self._at = end
        return _taken(channel, header, buffer, end)

    def _require_room(self, header: _Header) -> None:
        limit = _LIMITS.get(header.kind, MAX_COMMAND_BYTES)
        if header.length > limit:
            raise ProtocolError(f"a message of {header.length} bytes, more than {limit}")
        if header.length > self.chunk_size and self._half_done() + header.length > MAX_HALF_DONE_BYTES:
            raise ProtocolError("too many messages begun at once")

    def _half_done(self) -> int:
        return sum(channel.length for channel in self._channels.values() if channel.body is not None)

    def _basic(self, at: int) -> tuple[int, int, int] | None:
        buffer = self._buffer
        if at >= len(buffer):
            return None
        first = buffer[at]
        form, channel_id = first >> 6, first & 63
        if channel_id > 1:
            return form, channel_id, at + 1
        end = at + 2 + channel_id
        if end > len(buffer):
            return None
        more = buffer[at + 2] << 8 if channel_id else 0
        return form, 64 + buffer[at + 1] + more, end

    def _opened(self, form: int, channel_id: int) -> _Channel:
        if form > 1:
            raise ProtocolError("a chunk that continues what never began")
        if len(self._channels) >= MAX_CHANNELS:
            raise ProtocolError("too many chunk streams at once")
        return _Channel()

    def _header(self, form: int, channel: _Channel, at: int) -> _Header | None:
        buffer = self._buffer
        end = at + _HEADER_BYTES[form]
        if end > len(buffer):
            return None
        length, kind, stream = channel.length, channel.kind, channel.stream
        if form == 3:
            return self._continued(channel, end)
        field = int.from_bytes(buffer[at : at + 3], "big")
        if form < 2:
            length, kind = int.from_bytes(buffer[at + 3 : at + 6], "big"), buffer[at + 6]
        if form == 0:
            stream = int.from_bytes(buffer[at + 7 : at + 11], "little")
        is_extended = field == EXTENDED
        if is_extended:
            if end + 4 > len(buffer):
                return None
            field = int.from_bytes(buffer[end : end + 4], "big")
            end += 4
        timestamp = field if form == 0 else (channel.timestamp + field) & TIME_MASK
        return _Header(end, timestamp, 0 if form == 0 else field, length, kind, stream, field, is_extended)

    def _continued(self, channel: _Channel, end: int) -> _Header | None:
        """Without a header. Most writers repeat an extended timestamp here, some do not: whoever does, repeats the same."""
        if channel.is_extended:
            if end + 4 > len(self._buffer):
                return None
            if int.from_bytes(self._buffer[end : end + 4], "big") == channel.field:
                end += 4
        timestamp = channel.timestamp
        if channel.body is None:
            timestamp = (timestamp + channel.delta) & TIME_MASK
        return _Header(
            end, timestamp, channel.delta, channel.length, channel.kind, channel.stream, channel.field, channel.is_extended
        )  # fmt: skip

    def _is_ours(self, message: Message) -> bool:
        if message.kind == SET_CHUNK_SIZE:
            size = int.from_bytes(message.body[:4], "big")
            if not 1 <= size <= MAX_CHUNK_SIZE and size != 0x7FFFFFFF:
                raise ProtocolError(f"a chunk size of {size}")
            self.chunk_size = min(size, MAX_CHUNK_SIZE)
            return True
        if message.kind == ABORT:
            channel = self._channels.get(int.from_bytes(message.body[:4], "big"))
            if channel is not None:
                channel.body = None
            return True
        return False

    def _compact(self) -> None:
        if self._at == len(self._buffer):
            self._buffer.clear()
            self._at = 0
        elif self._at > _COMPACT_BYTES:
            del self._buffer[: self._at]
            self._at = 0


def _taken(channel: _Channel, header: _Header, buffer: bytearray, end: int) -> Message | bool:
    begins = channel.body is None
    if begins:
        channel.timestamp, channel.delta, channel.length, channel.kind = header[1:5]
        channel.stream, channel.field, channel.is_extended = header[5:]
    with memoryview(buffer) as view:
        payload = view[header.end : end]
        if begins and len(payload) == channel.length:
            body = bytes(payload)
        else:
            body = None
            if channel.body is None:
                channel.body = bytearray()
            channel.body += payload
        payload.release()
    if body is None:
        assert channel.body is not None
        if len(channel.body) < channel.length:
            return True
        body = bytes(channel.body)
        channel.body = None
    return Message(channel.kind, channel.timestamp, channel.stream, body)


def chunked(channel_id: int, message: Message, chunk_size: int = FIRST_CHUNK_SIZE) -> bytes:
    """A message as chunks of one channel (2 to 63)."""
    kind, timestamp, stream, body = message
    extended = timestamp.to_bytes(4, "big") if timestamp >= EXTENDED else b""
    out = bytearray([channel_id])
    out += min(timestamp, EXTENDED).to_bytes(3, "big") + len(body).to_bytes(3, "big")
    out += bytes([kind]) + stream.to_bytes(4, "little") + extended
    out += body[:chunk_size]
    for at in range(chunk_size, len(body), chunk_size):
        out.append(0xC0 | channel_id)
        out += extended
        out += body[at : at + chunk_size]
    return bytes(out)
