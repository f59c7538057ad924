"""What is known of a track before its first frame."""

from __future__ import annotations

import msgspec


class Unsupported(Exception):
    """A codec or form that we do not take; the message is for the encoder's user."""


class VideoConfig(msgspec.Struct, frozen=True, kw_only=True):
    fourcc: str
    codecs: str  # as RFC 6381 writes it
    width: int
    height: int
    entry: bytes  # the sample entry of an MP4
    record: bytes  # as the publisher sent it


class AudioConfig(msgspec.Struct, frozen=True, kw_only=True):
    fourcc: str
    codecs: str
    rate: int  # also the timescale of its track
    channels: int
    frame: int  # samples per packet; 0 where each packet says it itself
    entry: bytes
    record: bytes
