"""What the bodies of RTMP's media messages say: FLV tags of old, and enhanced RTMP with its four-letter codecs."""

from __future__ import annotations

from typing import Literal, NamedTuple

from directfanz.processes.streaming.rtmp import amf0
from directfanz.processes.streaming.rtmp.errors import ProtocolError
from directfanz.processes.streaming.rtmp.reader import Reader

Kind = Literal["config", "frame", "other"]
OLD_VIDEO = {
    2: "Sorenson H.263",
    3: "Screen video",
    4: "VP6",
    5: "VP6 with alpha",
    6: "Screen video 2",
    7: "avc1",
    12: "hvc1",
}
OLD_AUDIO = {0: "PCM", 1: "ADPCM", 2: "MP3", 3: "PCM", 4: "Nellymoser", 5: "Nellymoser", 6: "Nellymoser", 7: "G.711",
             8: "G.711", 10: "mp4a", 11: "Speex", 14: "MP3"}  # fmt: skip
KEY_FRAME, COMMAND_FRAME = 1, 5
ENHANCED_AUDIO = 9
_START, _FRAMES, _END, _FRAMES_X, _METADATA, _TS_START, _MULTITRACK, _MODEX = range(8)
ONE_TRACK, MANY_TRACKS, MANY_CODECS = 0, 1, 2


class Video(NamedTuple):
    codec: str
    kind: Kind
    is_key: bool
    composition: int  # milliseconds from decoding to showing
    data: bytes


class Audio(NamedTuple):
    codec: str
    kind: Kind
    data: bytes


def video_of(body: bytes) -> Video:
    first = body[0]
    if not first & 0x80:
        return _old_video(body)
    reader = Reader(body)
    reader.u8()
    packet, codec = _described(reader, first & 0x0F)
    frame = first >> 4 & 7
    if frame == COMMAND_FRAME or packet in (_END, _METADATA, _TS_START):
        return Video(codec, "other", False, 0, b"")
    if packet == _START:
        return Video(codec, "config", True, 0, _rest(reader))
    if packet not in (_FRAMES, _FRAMES_X):
        raise ProtocolError(f"video packet of kind {packet}")
    composition = _signed24(reader) if packet == _FRAMES and codec in ("avc1", "hvc1") else 0
    return Video(codec, "frame", frame == KEY_FRAME, composition, _rest(reader))


def audio_of(body: bytes) -> Audio:
    form = body[0] >> 4
    if form != ENHANCED_AUDIO:
        return _old_audio(body, form)
    reader = Reader(body)
    packet, codec = _described(reader, reader.u8() & 0x0F, multitrack=5)
    kind: Kind = "config" if packet == _START else "frame" if packet == _FRAMES else "other"
    return Audio(codec, kind, _rest(reader))


def metadata_of(body: bytes) -> dict[str, amf0.Value]:
    """What `onMetaData` says; empty when it says something else."""
    values = amf0.decode_all(body)
    if len(values) >= 2 and values[0] == "onMetaData" and isinstance(values[1], dict):
        return values[1]
    return {}


def _old_video(body: bytes) -> Video:
    codec = OLD_VIDEO.get(body[0] & 0x0F, f"video codec {body[0] & 0x0F}")
    frame = body[0] >> 4
    if frame == COMMAND_FRAME:
        return Video(codec, "other", False, 0, b"")
    if codec not in ("avc1", "hvc1"):
        return Video(codec, "frame", frame == KEY_FRAME, 0, body[1:])
    if len(body) < 5:
        raise ProtocolError("a video packet that is cut off")
    kind: Kind = "frame" if body[1] == 1 else "config" if body[1] == 0 else "other"
    return Video(codec, kind, frame == KEY_FRAME, int.from_bytes(body[2:5], "big", signed=True), body[5:])


def _old_audio(body: bytes, form: int) -> Audio:
    codec = OLD_AUDIO.get(form, f"audio codec {form}")
    if codec != "mp4a":
        return Audio(codec, "frame", body[1:])
    if len(body) < 2:
        raise ProtocolError("an audio packet that is cut off")
    return Audio(codec, "config" if body[1] == 0 else "frame", body[2:])


def _described(reader: Reader, packet: int, multitrack: int = _MULTITRACK) -> tuple[int, str]:
    """The packet's kind and codec. Of several tracks the first is taken: it is the one that all encoders mean by default."""
    while packet == _MODEX:
        size = reader.u8() + 1
        reader.take(reader.u16() + 1 if size == 256 else size)
        packet = reader.u8() & 0x0F
    if packet != multitrack:
        return packet, reader.text(4)
    described = reader.u8()
    tracks, packet = described >> 4, described & 0x0F
    codec = reader.text(4) if tracks != MANY_CODECS else ""
    if tracks == MANY_CODECS:
        codec = reader.text(4)
    number = reader.u8()
    if tracks in (MANY_TRACKS, MANY_CODECS):
        size = reader.u24()
        reader.data = reader.data[: reader.at + size]
    elif tracks != ONE_TRACK:
        raise ProtocolError(f"multitrack of kind {tracks}")
    return (packet if number == 0 else _METADATA), codec


def _signed24(reader: Reader) -> int:
    return int.from_bytes(reader.take(3), "big", signed=True)


def _rest(reader: Reader) -> bytes:
    return reader.take(reader.left)
