"""The chunk stream: messages, cut into chunks and woven together. No I/O."""

from __future__ import annotations

from typing import Literal, NamedTuple

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


class Message(NamedTuple):
    kind: int
    timestamp: int  # milliseconds, of 32 bits that wrap
    stream: int
    body: bytes


class _Channel:
    """What a chunk leaves out it has in common with the one before it on its channel."""

    __slots__ = ("delta", "field", "is_extended", "kind", "left", "length", "pieces", "stream", "timestamp")

    def __init__(self) -> None:
        self.timestamp = self.delta = self.length = self.kind = self.stream = self.field = 0
        self.is_extended = False
        self.left = 0  # of the message that has begun
        self.pieces: list[bytes] = []


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
    """Fed with bytes, asked for messages. A chunk is taken when all of it is there, so nothing is half done; until then what comes is
    only laid aside. Each byte is copied twice: out of what came, and into the message."""

    def __init__(self) -> None:
        self.chunk_size = FIRST_CHUNK_SIZE
        self._buffer = b""
        self._at = 0
        self._more: list[bytes] = []
        self._held = 0  # bytes that were fed and not taken
        self._need = 0  # of them, for the next chunk to be whole
        self._channels: dict[int, _Channel] = {}

    def feed(self, data: bytes) -> None:
        self._more.append(data)
        self._held += len(data)

    @property
    def waiting(self) -> int:
        """Bytes that are held, or promised, for messages that are not whole yet."""
        return self._held + self._half_done()

    def next(self) -> Message | None:
        while True:
            if self._more:
                if self._held < self._need:
                    return None
                self._gather()
            done = self._chunk()
            if done is None:
                return None
            if done is not True and not (done.kind <= ABORT and self._is_ours(done)):
                return done

    def _gather(self) -> None:
        left = self._buffer[self._at :]
        self._buffer = b"".join((left, *self._more)) if left or len(self._more) > 1 else bytes(self._more[0])
        self._at = self._need = 0
        self._more.clear()

    def _chunk(self) -> Message | Literal[True] | None:
        """A message that is whole now; True for a chunk that was taken; None when more bytes are needed."""
        buffer, at = self._buffer, self._at
        if at >= len(buffer):
            return self._wait(1)
        first = buffer[at]
        channel = self._channels.get(first & 63)
        if channel is None or channel.is_extended or first & 63 < 2:
            return self._headed(at)
        # What nearly all chunks are: a message goes on, or the next one begins beside the one before it.
        if first >= 0xC0 and channel.left:
            begin = at + 1
            end = begin + min(self.chunk_size, channel.left)
            return self._took(channel, begin, end) if end <= len(buffer) else self._wait(end - at)
        if first < 0x80 and not channel.left:
            return self._next_message(channel, at, first >> 6)
        return self._headed(at)

    def _next_message(self, channel: _Channel, at: int, form: int) -> Message | Literal[True] | None:
        """As `_headed`, for the long headers of a channel that is known."""
        buffer, begin = self._buffer, at + (8 if form else 12)
        if begin > len(buffer):
            return self._wait(0)
        header = int.from_bytes(buffer[at + 1 : at + 8], "big")
        field, length, kind = header >> 32, header >> 8 & 0xFFFFFF, header & 255
        size = self.chunk_size
        if field == EXTENDED or length > _LIMITS.get(kind, MAX_COMMAND_BYTES):
            return self._headed(at)
        if length > size and self._half_done() + length > MAX_HALF_DONE_BYTES:
            return self._headed(at)
        end = begin + (length if length < size else size)
        if end > len(buffer):
            return self._wait(end - at)
        if form:
            channel.delta = field
            channel.timestamp = (channel.timestamp + field) & TIME_MASK
        else:
            channel.delta, channel.timestamp = 0, field
            channel.stream = int.from_bytes(buffer[at + 8 : begin], "little")
        channel.length = channel.left = length
        channel.kind, channel.field = kind, field
        return self._took(channel, begin, end)

    def _headed(self, at: int) -> Message | Literal[True] | None:
        basic = self._basic(at)
        if basic is None:
            return self._wait(0)
        form, channel_id, begin = basic
        channel = self._channels.get(channel_id)
        if channel is None:
            channel = self._opened(form, channel_id)
        header = self._header(form, channel, begin)
        if header is None:
            return self._wait(0)
        if not channel.left:
            self._require_room(header)
        elif header.length != channel.length:
            raise ProtocolError("the length of a message changed on its way")
        end = header.end + min(self.chunk_size, channel.left or header.length)
        if end > len(self._buffer):
            return self._wait(end - at)
        self._channels[channel_id] = channel
        if not channel.left:
            channel.timestamp, channel.delta, channel.length, channel.kind = header[1:5]
            channel.stream, channel.field, channel.is_extended = header[5:]
            channel.left = channel.length
        return self._took(channel, header.end, end)

    def _took(self, channel: _Channel, begin: int, end: int) -> Message | Literal[True]:
        payload = self._buffer[begin:end]
        self._held -= end - self._at
        self._at = end
        channel.left -= end - begin
        if channel.left:
            channel.pieces.append(payload)
            return True
        if channel.pieces:
            channel.pieces.append(payload)
            payload = b"".join(channel.pieces)
            channel.pieces.clear()
        return Message(channel.kind, channel.timestamp, channel.stream, payload)

    def _wait(self, need: int) -> Message | None:
        """`need`: for the next chunk; 0 when not even that is known."""
        self._need = need or self._held + 1
        return None

    def _require_room(self, header: _Header) -> None:
        limit = _LIMITS.get(header.kind, MAX_COMMAND_BYTES)
        if header.length > limit:
            raise ProtocolError(f"a message of {header.length} bytes, more than {limit}")
        if header.length > self.chunk_size and self._half_done() + header.length > MAX_HALF_DONE_BYTES:
            raise ProtocolError("too many messages begun at once")

    def _half_done(self) -> int:
        found = 0
        for channel in self._channels.values():
            if channel.left:
                found += channel.length
        return found

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
        if not channel.left:
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
                channel.left = 0
                channel.pieces.clear()
            return True
        return False


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
