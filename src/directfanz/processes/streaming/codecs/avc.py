"""H.264: the decoder configuration record, and the size of the picture out of its SPS."""

from __future__ import annotations

import struct

from directfanz.processes.streaming.cmaf.boxes import box
from directfanz.processes.streaming.codecs.bits import Bits, unescaped
from directfanz.processes.streaming.codecs.config import Unsupported, VideoConfig

HIGH_PROFILES = {44, 83, 86, 100, 110, 118, 122, 128, 138, 139, 134, 135, 244}
FOUR_BYTES = 3  # lengthSizeMinusOne of the only form we pass on


def config_of(record: bytes) -> VideoConfig:
    """Of an avcC record."""
    if len(record) < 8 or record[0] != 1 or record[5] & 31 < 1:
        raise Unsupported("The encoder's H.264 settings cannot be read.")
    if record[4] & 3 != FOUR_BYTES:
        raise Unsupported("H.264 with short lengths is not taken: use a current encoder.")
    length = int.from_bytes(record[6:8], "big")
    try:
        width, height = picture_size(record[8 : 8 + length])
    except ValueError:
        raise Unsupported("The encoder's H.264 settings cannot be read.") from None
    codecs = f"avc1.{record[1]:02x}{record[2]:02x}{record[3]:02x}"
    entry = visual_entry(b"avc1", width, height, box(b"avcC", record))
    return VideoConfig(fourcc="avc1", codecs=codecs, width=width, height=height, entry=entry, record=record)


def visual_entry(kind: bytes, width: int, height: int, *boxes: bytes) -> bytes:
    head = struct.pack(">6xH16xHHIIIH32xHh", 1, width, height, 0x480000, 0x480000, 0, 1, 24, -1)
    return box(kind, head, *boxes)


def picture_size(sps: bytes) -> tuple[int, int]:
    bits = Bits(unescaped(sps[1:]))
    profile = bits.take(8)
    bits.skip(16)
    bits.golomb()
    chroma = _chroma(bits) if profile in HIGH_PROFILES else 1
    bits.golomb()
    _order(bits)
    bits.golomb()
    bits.skip(1)
    width, rows = (bits.golomb() + 1) * 16, bits.golomb() + 1
    fields = 1 if bits.flag() else 2
    if fields == 2:
        bits.skip(1)
    bits.skip(1)
    height = rows * 16 * fields
    if bits.flag():
        left, right, top, bottom = (bits.golomb() for _ in range(4))
        across, down = (2 if chroma in (1, 2) else 1), (2 if chroma == 1 else 1) * fields
        width, height = width - across * (left + right), height - down * (top + bottom)
    if width <= 0 or height <= 0:
        raise ValueError("no picture")
    return width, height


def _chroma(bits: Bits) -> int:
    form = bits.golomb()
    if form == 3:
        bits.skip(1)
    bits.golomb()
    bits.golomb()
    bits.skip(1)
    if bits.flag():
        for number in range(8 if form != 3 else 12):
            if bits.flag():
                _skip_scaling(bits, 16 if number < 6 else 64)
    return form


def _skip_scaling(bits: Bits, count: int) -> None:
    last = following = 8
    for _ in range(count):
        if following:
            following = (last + bits.signed_golomb()) % 256
        last = following or last


def _order(bits: Bits) -> None:
    kind = bits.golomb()
    if kind == 0:
        bits.golomb()
    elif kind == 1:
        bits.skip(1)
        bits.signed_golomb()
        bits.signed_golomb()
        for _ in range(min(bits.golomb(), 255)):
            bits.signed_golomb()
