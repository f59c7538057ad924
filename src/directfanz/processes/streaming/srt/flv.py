"""FLV as it comes out of a pipe: bytes in, tags out. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

HEADER_BYTES, TAG_BYTES, BEHIND_BYTES = 13, 11, 4
LONGEST_TAG = 8 << 20


class Tag(NamedTuple):
    kind: int
    time: int
    body: bytes


class FlvReader:
    def __init__(self) -> None:
        self._buffer = bytearray()
        self._begun = False

    def feed(self, data: bytes) -> Iterator[Tag]:
        """ValueError for what is no FLV."""
        buffer = self._buffer
        buffer += data
        if not self._begun:
            if len(buffer) < HEADER_BYTES:
                return
            if buffer[:3] != b"FLV":
                raise ValueError("this is no FLV")
            del buffer[:HEADER_BYTES]
            self._begun = True
        at = 0
        while at + TAG_BYTES <= len(buffer):
            size = int.from_bytes(buffer[at + 1 : at + 4], "big")
            if size > LONGEST_TAG:
                raise ValueError("a tag that is too long")
            end = at + TAG_BYTES + size
            if end + BEHIND_BYTES > len(buffer):
                break
            time = int.from_bytes(buffer[at + 4 : at + 7], "big") | buffer[at + 7] << 24
            tag = Tag(buffer[at] & 31, time, bytes(buffer[at + TAG_BYTES : end]))
            at = end + BEHIND_BYTES
            if tag.body:
                yield tag
        del buffer[:at]
