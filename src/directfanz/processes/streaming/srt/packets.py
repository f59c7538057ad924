"""The few packets of SRT that a gateway has to read: the handshake, whose words are in the clear, and the goodbye. No I/O."""

from __future__ import annotations

import struct
from typing import NamedTuple

HANDSHAKE, SHUTDOWN = 0x80000000, 0x80050000
INDUCTION, CONCLUSION = 1, 0xFFFFFFFF
VERSION, MAGIC = 5, 0x4A17
STREAM_ID = 5
FAILED = 1000
# What a caller shows of a refusal: libsrt's own numbers for who is not let in.
UNAUTHORIZED, OVERLOADED, CONFLICT = 1401, 1402, 1409
LONGEST_STREAM_ID = 512
_HEAD = struct.Struct(">IIII")
_BODY = struct.Struct(">IHHIIIIII16s")
HEAD_BYTES, BODY_BYTES = _HEAD.size, _BODY.size


class Handshake(NamedTuple):
    destination: int
    version: int
    encryption: int
    extension: int
    sequence: int
    mtu: int
    window: int
    kind: int
    socket: int
    cookie: int
    address: bytes
    rest: bytes

    def stream_id(self) -> str:
        """ValueError for extensions that are cut off. Its letters come in words of four, each turned round."""
        at, data = 0, self.rest
        while at + 4 <= len(data):
            kind, words = struct.unpack_from(">HH", data, at)
            end = at + 4 + 4 * words
            if end > len(data):
                raise ValueError("an extension that is cut off")
            if kind == STREAM_ID:
                if 4 * words > LONGEST_STREAM_ID:
                    raise ValueError("a long stream id")
                turned = b"".join(data[each : each + 4][::-1] for each in range(at + 4, end, 4))
                return turned.rstrip(b"\0").decode("utf-8", "replace")
            at = end
        return ""


def read(data: bytes) -> Handshake | None:
    """None for what is no handshake."""
    if len(data) < HEAD_BYTES + BODY_BYTES:
        return None
    kind, _, _, destination = _HEAD.unpack_from(data)
    if kind != HANDSHAKE:
        return None
    return Handshake._make((destination, *_BODY.unpack_from(data, HEAD_BYTES), data[HEAD_BYTES + BODY_BYTES :]))


def written(shake: Handshake) -> bytes:
    head = _HEAD.pack(HANDSHAKE, 0, 0, shake.destination)
    return head + _BODY.pack(*shake[1:-1]) + shake.rest


def welcome(asked: Handshake, cookie: int, socket: int) -> bytes:
    """The answer to an induction: come again with this cookie."""
    return written(
        asked._replace(
            destination=asked.socket,
            version=VERSION,
            encryption=0,
            extension=MAGIC,
            socket=socket,
            cookie=cookie,
            rest=b"",
        )
    )


def refusal(asked: Handshake, reason: int) -> bytes:
    return written(asked._replace(destination=asked.socket, extension=0, kind=FAILED + reason, rest=b""))


def goodbye(socket: int) -> bytes:
    return _HEAD.pack(SHUTDOWN, 0, 0, socket) + bytes(4)


def is_goodbye(data: bytes) -> bool:
    return data[:2] == b"\x80\x05"


def key_of(stream_id: str) -> str:
    """A key alone, or SRT's own way to say it: `#!::r=<key>,m=publish`."""
    if not stream_id.startswith("#!::"):
        return stream_id.strip()
    told = dict(each.partition("=")[::2] for each in stream_id[4:].split(","))
    return told.get("r", "").strip()
