"""The header of a CMAF track: `ftyp` and `moov`."""

from __future__ import annotations

import struct

from directfanz.processes.streaming.cmaf.boxes import box, full_box
from directfanz.processes.streaming.codecs.config import AudioConfig, VideoConfig

VIDEO_TIMESCALE = 90_000
TRACK = 1
_UNITY = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_UNDETERMINED = 0x55C4  # the language `und`


def header_of(config: VideoConfig | AudioConfig) -> bytes:
    if isinstance(config, VideoConfig):
        return _header(b"vide", VIDEO_TIMESCALE, config.entry, config.width, config.height)
    return _header(b"soun", config.rate, config.entry, 0, 0)


def _header(handler: bytes, timescale: int, entry: bytes, width: int, height: int) -> bytes:
    is_video = handler == b"vide"
    kind = box(b"ftyp", b"iso6\0\0\0\1iso6cmfcmp41")
    head = struct.pack(">IIIIIH10x", 0, 0, 1000, 0, 0x10000, 0x100)
    movie = full_box(b"mvhd", 0, 0, head, _UNITY, bytes(24), struct.pack(">I", TRACK + 1))
    place = struct.pack(">IIIII8xHHHH", 0, 0, TRACK, 0, 0, 0, 0, 0 if is_video else 0x100, 0)
    size = struct.pack(">II", min(width, 0xFFFF) << 16, min(height, 0xFFFF) << 16)
    track = box(b"trak", full_box(b"tkhd", 0, 3, place, _UNITY, size), _media(handler, timescale, entry))
    defaults = full_box(b"trex", 0, 0, struct.pack(">IIIII", TRACK, 1, 0, 0, 0))
    return kind + box(b"moov", movie, track, box(b"mvex", defaults))


def _media(handler: bytes, timescale: int, entry: bytes) -> bytes:
    head = full_box(b"mdhd", 0, 0, struct.pack(">IIIIHH", 0, 0, timescale, 0, _UNDETERMINED, 0))
    spoken = full_box(b"hdlr", 0, 0, struct.pack(">I4s12x", 0, handler) + b"\0")
    kind = full_box(b"vmhd", 0, 1, bytes(8)) if handler == b"vide" else full_box(b"smhd", 0, 0, bytes(4))
    here = box(b"dinf", full_box(b"dref", 0, 0, struct.pack(">I", 1), full_box(b"url ", 0, 1)))
    nothing = [
        full_box(name, 0, 0, bytes(size)) for name, size in ((b"stts", 4), (b"stsc", 4), (b"stsz", 8), (b"stco", 4))
    ]
    table = box(b"stbl", full_box(b"stsd", 0, 0, struct.pack(">I", 1), entry), *nothing)
    return box(b"mdia", head, spoken, box(b"minf", kind, here, table))
