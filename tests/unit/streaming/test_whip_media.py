"""What a browser's frames become."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from directfanz.processes.streaming.codecs import audio_config
from directfanz.processes.streaming.packaging.source import Source
from directfanz.processes.streaming.packaging.track import Track
from directfanz.processes.streaming.rtmp.chunks import AUDIO, VIDEO
from directfanz.processes.streaming.rtmp.tags import audio_of, video_of
from directfanz.processes.streaming.whip.media import Clock, Pictures, Sounds, units

# 320x180 and 640x360, constrained baseline.
SMALL = bytes.fromhex("6742c00dda05066c05a808080a000003000200000300791e2854 90".replace(" ", ""))
PPS = bytes.fromhex("68ce0fc8")
UNIT = st.binary(min_size=1, max_size=40).filter(
    lambda each: b"\0\0" not in each and each[-1:] != b"\0" and each[0] != 0
)


@settings(max_examples=100)
@given(st.lists(UNIT, min_size=1, max_size=6), st.booleans())
def test_units_are_what_stands_between_start_codes(wanted: list[bytes], long: bool) -> None:
    code = b"\0\0\0\x01" if long else b"\0\0\x01"
    assert list(units(b"".join(code + each for each in wanted))) == wanted


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_nothing_that_comes_breaks_it(frame: bytes) -> None:
    list(Pictures().tags(frame, 0))
    list(Sounds().tags(frame, 0))


def frame(kind: int, *sets: bytes) -> bytes:
    return b"".join(b"\0\0\0\x01" + each for each in (*sets, bytes([kind]) + b"slice"))


def test_a_picture_begins_with_a_key_and_is_told_anew_when_its_size_changes() -> None:
    pictures = Pictures()
    assert list(pictures.tags(frame(1), 0)) == []  # nothing is known yet
    first = list(pictures.tags(frame(0x65, SMALL, PPS), 10))
    assert [(video_of(tag.body).kind, video_of(tag.body).is_key) for tag in first] == [
        ("config", True),
        ("frame", True),
    ]
    assert [video_of(tag.body).kind for tag in pictures.tags(frame(0x41), 43)] == ["frame"]
    assert [video_of(tag.body).kind for tag in pictures.tags(frame(0x65, SMALL, PPS), 76)] == ["frame"]
    other = SMALL[:3] + b"\x1f" + SMALL[4:]
    assert [video_of(tag.body).kind for tag in pictures.tags(frame(0x65, other, PPS), 109)] == ["config", "frame"]


def test_sound_says_what_it_is_once() -> None:
    sounds = Sounds()
    tags = [tag for _ in range(3) for tag in sounds.tags(b"\x78packet", 0)]
    assert [audio_of(tag.body).kind for tag in tags] == ["config", "frame", "frame", "frame"]
    assert audio_config("Opus", audio_of(tags[0].body).data).rate == 48_000


def test_each_kind_counts_from_when_it_came() -> None:
    clock = Clock()
    assert clock.time(AUDIO, 0, 100.0) == 0
    assert clock.time(VIDEO, 0, 100.25) == 250
    assert clock.time(VIDEO, 90_000, 109.0) == 1250  # its own clock counts, not when it arrived
    assert clock.time(AUDIO, 48_000 * 60 * 60 * 14, 0.0) == 14 * 3600 * 1000


def test_the_packager_takes_them() -> None:
    source = Source(Track("source", "video", 0.5), Track("audio", "audio", 0.5), 2.0, lambda: 0.0)
    pictures, sounds = Pictures(), Sounds()
    for number in range(180):
        key = number % 60 == 0
        for tag in pictures.tags(frame(0x65, SMALL, PPS) if key else frame(0x41), number * 33):
            source.take(tag.kind, tag.time, tag.body)
        for tag in sounds.tags(b"\x78packet", number * 33):
            source.take(tag.kind, tag.time, tag.body)
    assert [segment.is_done for segment in source.video.segments] == [True, True, False]
    assert source.audio.segments
