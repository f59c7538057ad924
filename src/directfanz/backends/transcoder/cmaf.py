"""The boxes of a fragmented MP4, as far as cutting and joining needs them. No I/O but reading the file.

ffmpeg writes one fragment per key frame and counts each run's time from zero. Here fragments are moved to where they belong in the
whole film, gathered into segments, and measured.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from directfanz.backends.transcoder.contract import BadMedia

TICKS = 90_000
MAX_HEADER_BYTES = 8 * 1024 * 1024


class Fragment(msgspec.Struct, frozen=True):
    at: int  # in the file
    bytes: int
    begins: int  # ticks, since the run's first frame
    ticks: int
    decode_time_at: int  # where, from `at`, the file says `begins`
    wide: bool  # in eight bytes


class Opened(msgspec.Struct, frozen=True):
    head: bytes  # the initialisation segment
    timescale: int
    fragments: list[Fragment]


def opened(path: Path) -> Opened:
    head = bytearray()
    fragments: list[Fragment] = []
    timescale = TICKS
    with path.open("rb") as file:
        moof: tuple[int, bytes] | None = None
        for kind, at, size in _top(file, path.stat().st_size):
            if kind in (b"ftyp", b"moov"):
                head += _bytes(file, at, size)
                if kind == b"moov":
                    timescale = _timescale(bytes(head))
            elif kind == b"moof":
                moof = (at, _bytes(file, at, size))
            elif kind == b"mdat" and moof is not None:
                fragments.append(_fragment(moof[0], moof[1], size))
                moof = None
    if not fragments:
        raise BadMedia("empty", "There is nothing in this file that could be shown.")
    return Opened(bytes(head), timescale, fragments)


def moved(piece: bytes, fragment: Fragment, by: int, number: int) -> bytes:
    """The fragment's bytes, `by` ticks later, with its number in the whole."""
    changed = bytearray(piece)
    if fragment.wide:
        struct.pack_into(">Q", changed, fragment.decode_time_at, fragment.begins + by)
    else:
        struct.pack_into(">I", changed, fragment.decode_time_at, fragment.begins + by)
    numbered = changed.index(b"mfhd") + 8
    struct.pack_into(">I", changed, numbered, number)
    return bytes(changed)


def codec_of(head: bytes) -> str:
    """As a playlist names it."""
    at = head.find(b"avcC")
    if at >= 0:
        return f"avc1.{head[at + 5 : at + 8].hex()}"
    return "opus" if b"Opus" in head else "mp4a.40.2"


def _top(file: BinaryIO, end: int) -> Iterator[tuple[bytes, int, int]]:
    at = 0
    while at + 8 <= end:
        size, kind = struct.unpack(">I4s", _bytes(file, at, 8))
        if size == 1:
            (size,) = struct.unpack(">Q", _bytes(file, at + 8, 8))
        if size < 8 or at + size > end:
            return
        yield kind, at, size
        at += size


def _bytes(file: BinaryIO, at: int, size: int) -> bytes:
    if size > MAX_HEADER_BYTES:
        raise BadMedia("unreadable", "This file makes no sense to the programs that read it.")
    file.seek(at)
    return file.read(size)


def _inside(data: bytes, begin: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, begin and end of the contents."""
    while begin + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, begin)
        if size < 8:
            return
        yield kind, begin + 8, begin + size
        begin += size


def _find(data: bytes, path: tuple[bytes, ...], begin: int = 0, end: int | None = None) -> tuple[int, int]:
    end = len(data) if end is None else end
    for kind, inner, after in _inside(data, begin, end):
        if kind == path[0]:
            return _find(data, path[1:], inner, after) if path[1:] else (inner, after)
    raise BadMedia("unreadable", "What was made of this film is not as it should be.")


def _timescale(head: bytes) -> int:
    at, _ = _find(head, (b"moov", b"trak", b"mdia", b"mdhd"))
    (scale,) = struct.unpack_from(">I", head, at + (20 if head[at] else 12))
    return int(scale)


def _fragment(at: int, moof: bytes, data_bytes: int) -> Fragment:
    decode_time, _ = _find(moof, (b"moof", b"traf", b"tfdt"))
    wide = moof[decode_time] == 1
    (begins,) = struct.unpack_from(">Q" if wide else ">I", moof, decode_time + 4)
    return Fragment(at, len(moof) + data_bytes, int(begins), _length(moof), decode_time + 4, wide)


def _length(moof: bytes) -> int:
    """Of all its samples; each may say its own or take the one of all."""
    at, _ = _find(moof, (b"moof", b"traf", b"tfhd"))
    flags = int.from_bytes(moof[at + 1 : at + 4], "big")
    place = at + 8 + (8 if flags & 1 else 0) + (4 if flags & 2 else 0)
    usual = struct.unpack_from(">I", moof, place)[0] if flags & 8 else 0
    traf, traf_end = _find(moof, (b"moof", b"traf"))
    return sum(_run_length(moof, begin, usual) for kind, begin, _ in _inside(moof, traf, traf_end) if kind == b"trun")


def _run_length(moof: bytes, at: int, usual: int) -> int:
    flags = int.from_bytes(moof[at + 1 : at + 4], "big")
    (count,) = struct.unpack_from(">I", moof, at + 4)
    if not flags & 0x100:
        return int(count) * int(usual)
    place = at + 8 + (4 if flags & 1 else 0) + (4 if flags & 4 else 0)
    step = 4 * sum(bool(flags & bit) for bit in (0x100, 0x200, 0x400, 0x800))
    return sum(struct.unpack_from(">I", moof, place + step * n)[0] for n in range(count))
