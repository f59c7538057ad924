"""AAC and Opus: their configuration, and how long a packet sounds."""

from __future__ import annotations

import struct

from directfanz.processes.streaming.cmaf.boxes import box, full_box
from directfanz.processes.streaming.codecs.bits import Bits
from directfanz.processes.streaming.codecs.config import AudioConfig, Unsupported

RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
AAC_FRAME = 1024
OPUS_RATE = 48000
CHANNELS = (0, 1, 2, 3, 4, 5, 6, 8)


def aac_of(record: bytes) -> AudioConfig:
    """Of an AudioSpecificConfig. A doubled rate (HE-AAC) is the decoder's affair: packets count in the core's."""
    try:
        bits = Bits(record[:16])
        kind = _object_type(bits)
        rate, channels = _rate(bits), bits.take(4)
        if kind in (5, 29):
            _rate(bits)
            core = _object_type(bits)
        else:
            core = kind
        if not 1 <= channels < len(CHANNELS) or core not in (1, 2, 4):
            raise ValueError("unusual")
        frame = 960 if bits.flag() else AAC_FRAME
    except ValueError:
        raise Unsupported("The encoder's AAC settings cannot be read: send AAC-LC, mono or stereo.") from None
    entry = _sound_entry(b"mp4a", CHANNELS[channels], rate, full_box(b"esds", 0, 0, _descriptors(record)))
    return AudioConfig(
        fourcc="mp4a", codecs=f"mp4a.40.{kind}", rate=rate, channels=CHANNELS[channels], frame=frame, entry=entry,
        record=record,
    )  # fmt: skip


def opus_of(record: bytes) -> AudioConfig:
    """Of an OpusHead, as in Ogg."""
    if len(record) < 19 or not record.startswith(b"OpusHead") or record[18] != 0 or record[9] not in (1, 2):
        raise Unsupported("Opus is taken in mono and stereo.")
    channels, skip, rate, gain = struct.unpack("<BHIh", record[9:18])
    dops = box(b"dOps", struct.pack(">BBHIhB", 0, channels, skip, rate, gain, 0))
    entry = _sound_entry(b"Opus", channels, OPUS_RATE, dops)
    return AudioConfig(
        fourcc="Opus", codecs="opus", rate=OPUS_RATE, channels=channels, frame=0, entry=entry, record=record
    )


def opus_samples(packet: bytes) -> int:
    """How many samples at 48 kHz a packet holds, by its first byte; ValueError for what is none."""
    if not packet:
        raise ValueError("an empty packet")
    form, count = packet[0] >> 3, packet[0] & 3
    if form < 12:
        size = (480, 960, 1920, 2880)[form & 3]
    elif form < 16:
        size = (480, 960)[form & 1]
    else:
        size = (120, 240, 480, 960)[form & 3]
    frames = 1 if count == 0 else 2 if count < 3 else (packet[1] & 63 if len(packet) > 1 else 0)
    if not 1 <= frames * size <= 5760:
        raise ValueError("no such packet")
    return frames * size


def _object_type(bits: Bits) -> int:
    kind = bits.take(5)
    return 32 + bits.take(6) if kind == 31 else kind


def _rate(bits: Bits) -> int:
    number = bits.take(4)
    if number == 15:
        rate = bits.take(24)
    elif number < len(RATES):
        rate = RATES[number]
    else:
        raise ValueError("no such rate")
    if not 7350 <= rate <= 96000:
        raise ValueError("no such rate")
    return rate


def _sound_entry(kind: bytes, channels: int, rate: int, *boxes: bytes) -> bytes:
    return box(kind, struct.pack(">6xH8xHH4xI", 1, channels, 16, (rate & 0xFFFF) << 16), *boxes)


def _descriptors(record: bytes) -> bytes:
    special = b"\x05" + bytes([len(record)]) + record
    decoder = b"\x04" + bytes([13 + len(special)]) + b"\x40\x15\0\0\0" + bytes(8) + special
    return b"\x03" + bytes([3 + len(decoder) + 3]) + b"\0\1\0" + decoder + b"\x06\x01\x02"
