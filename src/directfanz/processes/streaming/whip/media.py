"""From what WebRTC brings to what the packager takes: frames with start codes and Opus packets become bodies of FLV tags. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from directfanz.processes.streaming.rtmp.chunks import AUDIO, VIDEO

VIDEO_CLOCK, AUDIO_CLOCK = 90_000, 48_000
_SLICE, _KEY, _SPS, _PPS = 1, 5, 7, 8
OPUS_HEAD = (
    b"OpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x00"  # two channels, 48 kHz, 312 samples before the first
)


class Tag(NamedTuple):
    kind: int
    time: int  # milliseconds
    body: bytes


class Pictures:
    """H.264. A browser that changes the size sends other parameter sets: then decoders are told anew."""

    def __init__(self) -> None:
        self._sets: dict[int, bytes] = {}
        self._told: tuple[bytes, bytes] | None = None
        self.has_key = False

    def tags(self, frame: bytes, time: int) -> Iterator[Tag]:
        slices, is_key = [], False
        for unit in units(frame):
            kind = unit[0] & 31
            if kind in (_SPS, _PPS):
                self._sets[kind] = unit
            elif kind in (_SLICE, _KEY):
                is_key = is_key or kind == _KEY
                slices.append(len(unit).to_bytes(4, "big") + unit)
        if len(self._sets) < 2 or not slices or not (is_key or self.has_key):
            return
        sets = self._sets[_SPS], self._sets[_PPS]
        if is_key and sets != self._told:
            self._told = sets
            yield Tag(VIDEO, time, b"\x17\0\0\0\0" + record(*sets))
        if self._told is None:
            return
        self.has_key = True
        yield Tag(VIDEO, time, (b"\x17" if is_key else b"\x27") + b"\x01\0\0\0" + b"".join(slices))


class Sounds:
    def __init__(self) -> None:
        self._told = False

    def tags(self, packet: bytes, time: int) -> Iterator[Tag]:
        if not self._told:
            self._told = True
            yield Tag(AUDIO, time, b"\x90Opus" + OPUS_HEAD)
        if packet:
            yield Tag(AUDIO, time, b"\x91Opus" + packet)


class Clock:
    """Sound and picture count each from their own first moment, which came when it came."""

    def __init__(self) -> None:
        self._began: dict[int, float] = {}
        self._first: float | None = None

    def time(self, kind: int, ticks: int, now: float) -> int:
        self._first = now if self._first is None else self._first
        rate = VIDEO_CLOCK if kind == VIDEO else AUDIO_CLOCK
        began = self._began.setdefault(kind, now - ticks / rate)
        return max(0, round((began - self._first + ticks / rate) * 1000))


def units(frame: bytes) -> Iterator[bytes]:
    """What stands between the start codes."""
    begin = frame.find(b"\0\0\x01")
    while begin >= 0:
        following = frame.find(b"\0\0\x01", begin + 3)
        unit = frame[begin + 3 :] if following < 0 else frame[begin + 3 : following].rstrip(b"\0")
        if unit:
            yield unit
        begin = following


def record(sps: bytes, pps: bytes) -> bytes:
    """What `avcC` holds."""
    sets = b"\xff\xe1" + len(sps).to_bytes(2, "big") + sps + b"\x01" + len(pps).to_bytes(2, "big") + pps
    return b"\x01" + sps[1:4] + sets
