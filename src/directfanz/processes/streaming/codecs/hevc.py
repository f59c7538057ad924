"""H.265: the decoder configuration record, and the size of the picture out of its SPS."""

from __future__ import annotations

from directfanz.processes.streaming.cmaf.boxes import box
from directfanz.processes.streaming.codecs.avc import visual_entry
from directfanz.processes.streaming.codecs.bits import Bits, unescaped
from directfanz.processes.streaming.codecs.config import Unsupported, VideoConfig

SPS = 33


def config_of(record: bytes) -> VideoConfig:
    """Of an hvcC record."""
    try:
        width, height = picture_size(_first(record, SPS))
    except (ValueError, IndexError):
        raise Unsupported("The encoder's H.265 settings cannot be read.") from None
    entry = visual_entry(b"hvc1", width, height, box(b"hvcC", record))
    return VideoConfig(fourcc="hvc1", codecs=_named(record), width=width, height=height, entry=entry, record=record)


def _named(record: bytes) -> str:
    space, tier, profile = (
        "" if record[1] >> 6 == 0 else "ABC"[(record[1] >> 6) - 1],
        record[1] >> 5 & 1,
        record[1] & 31,
    )
    flags = int(f"{int.from_bytes(record[2:6], 'big'):032b}"[::-1], 2)
    constraints = record[6:12].rstrip(b"\0")
    more = "".join(f".{byte:X}" for byte in constraints)
    return f"hvc1.{space}{profile}.{flags:X}.{'H' if tier else 'L'}{record[12]}{more}"


def _first(record: bytes, kind: int) -> bytes:
    at = 23
    for _ in range(record[22]):
        found, count = record[at] & 63, int.from_bytes(record[at + 1 : at + 3], "big")
        at += 3
        for _ in range(count):
            length = int.from_bytes(record[at : at + 2], "big")
            if found == kind:
                return record[at + 2 : at + 2 + length]
            at += 2 + length
    raise ValueError("no such unit")


def picture_size(sps: bytes) -> tuple[int, int]:
    bits = Bits(unescaped(sps[2:]))
    bits.skip(4)
    layers = bits.take(3)
    bits.skip(1 + 96)
    present = [(bits.flag(), bits.flag()) for _ in range(layers)]
    if layers:
        bits.skip(2 * (8 - layers))
    for profile, level in present:
        bits.skip(88 * profile + 8 * level)
    bits.golomb()
    chroma = bits.golomb()
    if chroma == 3:
        bits.skip(1)
    width, height = bits.golomb(), bits.golomb()
    if bits.flag():
        left, right, top, bottom = (bits.golomb() for _ in range(4))
        across, down = 2 if chroma in (1, 2) else 1, 2 if chroma == 1 else 1
        width, height = width - across * (left + right), height - down * (top + bottom)
    if width <= 0 or height <= 0:
        raise ValueError("no picture")
    return width, height
