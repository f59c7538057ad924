"""AV1: the configuration record, and the size of the picture out of its sequence header."""

from __future__ import annotations

from directfanz.processes.streaming.cmaf.boxes import box
from directfanz.processes.streaming.codecs.avc import visual_entry
from directfanz.processes.streaming.codecs.bits import Bits
from directfanz.processes.streaming.codecs.config import Unsupported, VideoConfig

SEQUENCE_HEADER = 1


def config_of(record: bytes) -> VideoConfig:
    """Of an av1C record."""
    try:
        if record[0] != 0x81:
            raise ValueError("not version 1")
        width, height = picture_size(_header(record[4:]))
    except (ValueError, IndexError):
        raise Unsupported("The encoder's AV1 settings cannot be read.") from None
    profile, level, tier = record[1] >> 5, record[1] & 31, record[2] >> 7
    depth = 8 if not record[2] >> 6 & 1 else 12 if record[2] >> 5 & 1 else 10
    codecs = f"av01.{profile}.{level:02d}{'H' if tier else 'M'}.{depth:02d}"
    entry = visual_entry(b"av01", width, height, box(b"av1C", record))
    return VideoConfig(fourcc="av01", codecs=codecs, width=width, height=height, entry=entry, record=record)


def _header(units: bytes) -> bytes:
    at = 0
    while at < len(units):
        kind, extended, sized = units[at] >> 3 & 15, units[at] >> 2 & 1, units[at] >> 1 & 1
        at += 1 + extended
        size, at = _leb128(units, at) if sized else (len(units) - at, at)
        if kind == SEQUENCE_HEADER:
            return units[at : at + size]
        at += size
    raise ValueError("no sequence header")


def _leb128(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(8):
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift * 7
        if not byte & 0x80:
            break
    return value, at


def picture_size(header: bytes) -> tuple[int, int]:
    bits = Bits(header)
    bits.skip(3 + 1)
    if bits.flag():  # reduced still picture
        bits.skip(5)
    else:
        _operating_points(bits, *_timing(bits))
    across, down = bits.take(4) + 1, bits.take(4) + 1
    return bits.take(across) + 1, bits.take(down) + 1


def _timing(bits: Bits) -> tuple[bool, int]:
    """Whether there is a decoder model, and how many bits its delays have."""
    if not bits.flag():
        return False, 0
    bits.skip(64)
    if bits.flag():
        bits.golomb()
    if not bits.flag():
        return False, 0
    delay = bits.take(5) + 1
    bits.skip(32 + 5 + 5)
    return True, delay


def _operating_points(bits: Bits, has_model: bool, delay: int) -> None:
    has_delay = bits.flag()
    for _ in range(bits.take(5) + 1):
        bits.skip(12)
        if bits.take(5) > 7:
            bits.skip(1)
        if has_model and bits.flag():
            bits.skip(2 * delay + 1)
        if has_delay and bits.flag():
            bits.skip(4)
