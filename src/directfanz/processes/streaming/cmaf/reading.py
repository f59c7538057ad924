"""Reads what `ffmpeg` and we ourselves write: headers, and fragments of one track."""

from __future__ import annotations

import struct
from typing import NamedTuple

from directfanz.processes.streaming.cmaf.boxes import find, walk
from directfanz.processes.streaming.cmaf.fragment import NTP_EPOCH, Sample

_NOT_SYNC = 0x10000
_DURATION, _SIZE, _FLAGS, _COMPOSITION = 0x100, 0x200, 0x400, 0x800


class Header(NamedTuple):
    timescale: int
    entry: bytes  # the first sample entry, as a box
    width: int
    height: int


def read_header(data: bytes) -> Header:
    """Of `ftyp` and `moov`; ValueError for what is none."""
    start, _ = find(data, b"moov", b"trak", b"mdia", b"mdhd")
    timescale = int.from_bytes(data[start + (20 if data[start] else 12) :][:4], "big")
    start, end = find(data, b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")
    entry = data[start + 8 : end]
    width, height = struct.unpack(">HH", entry[32:36]) if len(entry) >= 36 else (0, 0)
    if not timescale or not entry:
        raise ValueError("an empty header")
    return Header(timescale, entry, width, height)


def entry_record(entry: bytes, kind: bytes, head: int) -> bytes:
    """The content of a box inside a sample entry, whose fixed part has `head` bytes."""
    start, end = find(entry, kind, at=8 + head)
    return entry[start:end]


class Moof(NamedTuple):
    number: int
    time: int
    rows: list[tuple[int, int, bool, int]]  # duration, size, is_sync, composition

    @property
    def duration(self) -> int:
        return sum(row[0] for row in self.rows)


class _Defaults(NamedTuple):
    duration: int
    size: int
    flags: int


def read_moof(data: bytes, at: int, end: int) -> Moof:
    """The content of a `moof` box with one track."""
    number, time = 0, 0
    rows: list[tuple[int, int, bool, int]] = []
    for kind, start, stop in walk(data, at, end):
        if kind == b"mfhd":
            number = int.from_bytes(data[start + 4 : start + 8], "big")
        elif kind == b"traf":
            defaults = _Defaults(0, 0, 0)
            for inner, begin, finish in walk(data, start, stop):
                if inner == b"tfhd":
                    defaults = _defaults(data, begin)
                elif inner == b"tfdt":
                    time = int.from_bytes(data[begin + 4 : begin + (12 if data[begin] else 8)], "big")
                elif inner == b"trun":
                    rows += _rows(data[begin:finish], defaults)
    return Moof(number, time, rows)


def _defaults(data: bytes, at: int) -> _Defaults:
    flags = int.from_bytes(data[at + 1 : at + 4], "big")
    at += 8 + 8 * bool(flags & 1) + 4 * bool(flags & 2)
    found = []
    for bit in (8, 16, 32):
        value = 0
        if flags & bit:
            value = int.from_bytes(data[at : at + 4], "big")
            at += 4
        found.append(value)
    return _Defaults(*found)


def _rows(run: bytes, defaults: _Defaults) -> list[tuple[int, int, bool, int]]:
    flags, count = int.from_bytes(run[1:4], "big"), int.from_bytes(run[4:8], "big")
    at, first = 8 + 4 * bool(flags & 1), None
    if flags & 4:
        first = int.from_bytes(run[at : at + 4], "big")
        at += 4
    width = 4 * sum(bool(flags & bit) for bit in (_DURATION, _SIZE, _FLAGS, _COMPOSITION))
    if width * count > len(run) - at:
        raise ValueError("a run that is cut off")
    rows = []
    for number in range(count):
        values = {_DURATION: defaults.duration, _SIZE: defaults.size, _FLAGS: defaults.flags, _COMPOSITION: 0}
        if first is not None and number == 0:
            values[_FLAGS] = first
        for bit in (_DURATION, _SIZE, _FLAGS, _COMPOSITION):
            if flags & bit:
                values[bit] = int.from_bytes(run[at : at + 4], "big", signed=bit == _COMPOSITION)
                at += 4
        rows.append((values[_DURATION], values[_SIZE], not values[_FLAGS] & _NOT_SYNC, values[_COMPOSITION]))
    return rows


def samples_of(moof: Moof, data: bytes) -> list[Sample]:
    """With the content of the `mdat` that follows."""
    samples, time, at = [], moof.time, 0
    for duration, size, is_sync, composition in moof.rows:
        samples.append(Sample(time, duration, is_sync, composition, data[at : at + size]))
        time, at = time + duration, at + size
    if at > len(data):
        raise ValueError("more samples than data")
    return samples


def read_moment(data: bytes, start: int) -> float:
    """When in the world, out of a `prft` box's content."""
    moment = int.from_bytes(data[start + 8 : start + 16], "big")
    return moment / (1 << 32) - NTP_EPOCH
