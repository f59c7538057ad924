"""What a hostile, broken or odd peer sends, against the protocol alone. The connections' own limits are tried in
tests/integration/streaming/test_torture.py."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directfanz.processes.streaming.codecs import Unsupported, audio_config, video_config
from directfanz.processes.streaming.rtmp import amf0, tags
from directfanz.processes.streaming.rtmp.chunks import (
    MAX_HALF_DONE_BYTES,
    MAX_VIDEO_BYTES,
    ChunkReader,
    Message,
    chunked,
)
from directfanz.processes.streaming.rtmp.errors import ProtocolError
from directfanz.processes.streaming.rtmp.handshake import BLOCK
from directfanz.processes.streaming.rtmp.session import Asked, Session

NOISE = bytes(BLOCK - 8)
HELLO = b"\x03" + bytes(BLOCK) + bytes(BLOCK)
values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=4),
    max_leaves=12,
)
messages = st.builds(
    Message, st.sampled_from([8, 9, 18, 20]), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.binary(max_size=9000)
)  # fmt: skip


def drained(reader: ChunkReader) -> list[Message]:
    found = []
    while (message := reader.next()) is not None:
        found.append(message)
    return found


def normal(value: amf0.Value) -> amf0.Value:
    if isinstance(value, list):
        return [normal(each) for each in value]
    if isinstance(value, dict):
        return {name: normal(each) for name, each in value.items()}
    return value


@settings(max_examples=100)
@given(st.lists(values, max_size=5))
def test_what_is_said_in_amf_is_heard(said: list[amf0.Value]) -> None:
    assert amf0.decode_all(amf0.encode(*said)) == normal(said)


@settings(max_examples=100)
@given(st.binary(max_size=400))
def test_no_bytes_make_the_parsers_fail_in_another_way_than_their_own(data: bytes) -> None:
    for read in (amf0.decode_all, tags.metadata_of):
        with contextlib.suppress(ProtocolError):
            read(data)
    for parse in (tags.video_of, tags.audio_of):
        with contextlib.suppress(ProtocolError):
            parse(data or b"\0")
    for configure, codecs in ((video_config, ("avc1", "hvc1", "av01", "xxxx")), (audio_config, ("mp4a", "Opus"))):
        for codec in codecs:
            with contextlib.suppress(Unsupported):
                configure(codec, data)


@settings(max_examples=100)
@given(st.lists(messages, max_size=6), st.sampled_from([1, 128, 4096, 65536]), st.data())
def test_messages_arrive_however_the_bytes_are_cut(sent: list[Message], size: int, data: st.DataObject) -> None:
    reader = ChunkReader()
    reader.chunk_size = size
    stream = b"".join(chunked(4 + number % 3, message, size) for number, message in enumerate(sent))
    heard: list[Message] = []
    at = 0
    while at < len(stream):
        step = data.draw(st.integers(1, max(1, len(stream) // 3)))
        reader.feed(stream[at : at + step])
        heard += drained(reader)
        at += step
    assert heard == sent


def test_messages_that_are_woven_together_come_apart() -> None:
    picture, sound = Message(9, 5, 1, b"v" * 300), Message(8, 6, 1, b"a" * 200)
    one, other = chunked(6, picture), chunked(4, sound)
    woven = one[:140] + other[:140] + one[140:269] + other[140:] + one[269:]
    reader = ChunkReader()
    reader.feed(woven)
    assert drained(reader) == [sound, picture]


@pytest.mark.parametrize("chunk", [128, 4096])
@pytest.mark.parametrize("repeats", [True, False])
def test_times_beyond_4_h_39_min_are_kept(chunk: int, repeats: bool) -> None:
    """An extended timestamp is repeated by most writers in each chunk of the message, by some not."""
    reader = ChunkReader()
    reader.chunk_size = chunk
    for time in (0xFFFFFF - 7, 0xFFFFFF, 0xFFFFFF + 26, 0xFFFFFFFF - 3, 5):
        data = chunked(6, Message(9, time, 1, b"\x27\x01" * 5000), chunk)
        if not repeats and time >= 0xFFFFFF:
            data = data.replace(b"\xc6" + time.to_bytes(4, "big"), b"\xc6")
        reader.feed(data)
        assert [message.timestamp for message in drained(reader)] == [time]


def test_a_delta_beyond_24_bits_is_read() -> None:
    reader = ChunkReader()
    reader.feed(chunked(6, Message(9, 10, 1, b"x")))
    reader.feed(b"\x46\xff\xff\xff\x00\x00\x01\x09\x01\x00\x00\x00y")  # form 1: a delta of 0x1000000
    assert [(m.timestamp, m.body) for m in drained(reader)] == [(10, b"x"), (10 + 0x1000000, b"y")]


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (b"\xc5" * 500, "never began"),
        (b"\x04\0\0\0\xff\xff\xff\x09\1\0\0\0", "more than"),
        (b"\x04\0\0\0\x01\x00\x01\x14\1\0\0\0", "more than"),
        (chunked(2, Message(1, 0, 0, bytes(4))), "chunk size"),
        (chunked(3, Message(20, 0, 0, b"\x03\x00\x01a" * 300)), "nested"),
        (chunked(3, Message(20, 0, 0, b"\x0a\xff\xff\xff\xff")), "too many"),
        (chunked(3, Message(20, 0, 0, amf0.encode("publish", 1.0, None, "key"))), "out of order"),
        (chunked(3, Message(20, 0, 0, amf0.encode("play", 1.0, None, "key"))), "play"),
        (chunked(3, Message(20, 0, 0, amf0.encode("hm"))) * 100, "too many commands"),
    ],
)
def test_what_breaks_the_protocol_is_told_why(sent: bytes, why: str) -> None:
    session = Session(NOISE)
    list(session.receive(HELLO))
    with pytest.raises(ProtocolError, match=why):
        list(session.receive(sent))


def fed(reader: ChunkReader, pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        reader.feed(piece)
        drained(reader)


def test_half_messages_do_not_pile_up() -> None:
    small = (100_000).to_bytes(3, "big") + b"\x09\1\0\0\0" + b"z" * 128
    with pytest.raises(ProtocolError, match="too many chunk streams"):
        fed(ChunkReader(), (b"\x01" + number.to_bytes(2, "little") + b"\0\0\0" + small for number in range(5000)))
    large, reader = MAX_VIDEO_BYTES.to_bytes(3, "big") + b"\x09\1\0\0\0" + b"z" * 128, ChunkReader()
    with pytest.raises(ProtocolError, match="begun at once"):
        fed(reader, (bytes([number]) + b"\0\0\0" + large for number in range(4, 40)))
    assert reader.waiting <= MAX_HALF_DONE_BYTES + 1000


def test_http_on_this_port_is_no_rtmp() -> None:
    with pytest.raises(ProtocolError, match="not RTMP"):
        list(Session(NOISE).receive(b"GET / HTTP/1.1\r\n\r\n"))


def conversation() -> bytes:
    said = [
        Message(1, 0, 0, (4096).to_bytes(4, "big")),
        Message(20, 0, 0, amf0.encode("connect", 1.0, {"app": "live", "objectEncoding": 0.0})),
        Message(20, 0, 0, amf0.encode("createStream", 2.0, None)),
        Message(20, 0, 1, amf0.encode("publish", 3.0, None, "live_key", "live")),
    ]
    return chunked(2, said[0]) + b"".join(chunked(3, message, 4096) for message in said[1:])


def test_no_media_is_taken_before_the_key_was_looked_at() -> None:
    session = Session(NOISE)
    list(session.receive(HELLO))
    events = list(session.receive(conversation() + chunked(6, Message(9, 0, 1, b"\x17\x01early"), 4096)))
    assert events == [Asked("live", "live_key")]
    assert list(session.receive(chunked(6, Message(9, 1, 1, b"\x17\x01more"), 4096))) == []
    assert [event.body for event in session.accept() if isinstance(event, Message)] == [
        b"\x17\x01early",
        b"\x17\x01more",
    ]
    assert b"NetStream.Publish.Start" in session.to_send()


def test_a_refusal_says_why() -> None:
    session = Session(NOISE)
    list(session.receive(HELLO + conversation()))
    session.refuse("This key was replaced.")
    out = session.to_send()
    assert b"NetStream.Publish.BadName" in out
    assert b"This key was replaced." in out
    assert list(session.receive(chunked(6, Message(9, 0, 1, b"\x17\x01"), 4096))) == []


def test_bits_that_flip_never_break_the_server() -> None:
    chance = random.Random(7)
    base = HELLO + conversation() + chunked(6, Message(9, 0, 1, bytes(3000)), 4096)
    for _ in range(300):
        data = bytearray(base)
        for _ in range(chance.randrange(1, 12)):
            data[chance.randrange(2 * BLOCK, len(data))] = chance.randrange(256)
        session = Session(NOISE)
        try:
            for event in session.receive(bytes(data)):
                if isinstance(event, Asked):
                    list(session.accept())
        except ProtocolError:
            pass
        assert session.waiting <= MAX_HALF_DONE_BYTES + len(data)


def test_what_enhanced_rtmp_can_is_told() -> None:
    session = Session(NOISE)
    list(session.receive(HELLO + conversation()))
    out = session.to_send()
    for fourcc in (b"avc1", b"hvc1", b"av01", b"Opus"):
        assert fourcc in out


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (b"\x17\x00\x00\x00\x00rec", tags.Video("avc1", "config", True, 0, b"rec")),
        (b"\x27\x01\xff\xff\xd8nal", tags.Video("avc1", "frame", False, -40, b"nal")),
        (b"\x90hvc1rec", tags.Video("hvc1", "config", True, 0, b"rec")),
        (b"\xa1hvc1\x00\x00\x21nal", tags.Video("hvc1", "frame", False, 33, b"nal")),
        (b"\x93av01obu", tags.Video("av01", "frame", True, 0, b"obu")),
        (b"\x96\x03avc1\x00nal", tags.Video("avc1", "frame", True, 0, b"nal")),
        (b"\x96\x13avc1\x00\x00\x00\x03one\x01\x00\x00\x03two", tags.Video("avc1", "frame", True, 0, b"one")),
        (b"\x97\x02abc\x03avc1nal", tags.Video("avc1", "frame", True, 0, b"nal")),
    ],
)
def test_video_tags(body: bytes, wanted: tags.Video) -> None:
    assert tags.video_of(body) == wanted


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (b"\xaf\x00\x12\x10", tags.Audio("mp4a", "config", b"\x12\x10")),
        (b"\xaf\x01aac", tags.Audio("mp4a", "frame", b"aac")),
        (b"\x90Opusrec", tags.Audio("Opus", "config", b"rec")),
        (b"\x91Opusraw", tags.Audio("Opus", "frame", b"raw")),
        (b"\x2fmp3", tags.Audio("MP3", "frame", b"mp3")),
    ],
)
def test_audio_tags(body: bytes, wanted: tags.Audio) -> None:
    assert tags.audio_of(body) == wanted
