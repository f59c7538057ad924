"""Fragments: a `moof` that says what the samples in the `mdat` behind it are."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

from directfanz.processes.streaming.cmaf.boxes import box, full_box
from directfanz.processes.streaming.cmaf.header import TRACK

_SYNC, _NOT_SYNC = 0x2000000, 0x1010000
_ROW = struct.Struct(">IIIi")
# Seconds from NTP's year 1900 to 1970.
NTP_EPOCH = 2_208_988_800


class Sample(NamedTuple):
    """`time`, `duration` and `composition` in the track's timescale."""

    time: int
    duration: int
    is_sync: bool
    composition: int
    data: bytes


def fragment(number: int, samples: Sequence[Sample]) -> bytes:
    """`number` is the one of `mfhd`: a segment's number and the part's within it, see `numbered`."""
    rows = b"".join(
        _ROW.pack(s.duration, len(s.data), _SYNC if s.is_sync else _NOT_SYNC, s.composition) for s in samples
    )
    size = 8 + 16 + 8 + 16 + 20 + 20 + len(rows)
    moof = b"".join((
        struct.pack(">I4s", size, b"moof"),
        struct.pack(">I4sII", 16, b"mfhd", 0, number & 0xFFFFFFFF),
        struct.pack(">I4s", size - 24, b"traf"),
        struct.pack(">I4sII", 16, b"tfhd", 0x020000, TRACK),
        struct.pack(">I4sIQ", 20, b"tfdt", 1 << 24, samples[0].time),
        struct.pack(">I4sIIi", 20 + len(rows), b"trun", 1 << 24 | 0xF01, len(samples), size + 8),
        rows,
    ))  # fmt: skip
    data = sum(len(s.data) for s in samples)
    return b"".join((moof, struct.pack(">I4s", data + 8, b"mdat"), *(s.data for s in samples)))


PARTS_PER_SEGMENT = 256


def numbered(segment: int, part: int) -> int:
    """So that a file can be read back segment by segment when nothing but the file is left."""
    return segment * PARTS_PER_SEGMENT + min(part, PARTS_PER_SEGMENT - 1)


def segment_head(time: int, wall: float) -> bytes:
    """`styp` begins a segment, `prft` says when in the world its first sample was."""
    seconds, fraction = divmod(wall + NTP_EPOCH, 1)
    moment = int(seconds) << 32 | int(fraction * (1 << 32))
    kind = box(b"styp", b"msdh\0\0\0\0msdhmsixcmfs")
    return kind + full_box(b"prft", 1, 24, struct.pack(">IQQ", TRACK, moment, time))
