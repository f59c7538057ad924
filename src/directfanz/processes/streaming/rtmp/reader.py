from __future__ import annotations

import struct

from directfanz.processes.streaming.rtmp.errors import ProtocolError

_DOUBLE = struct.Struct(">d")


class Reader:
    """Reads big-endian values; `ProtocolError` where they are cut off."""

    __slots__ = ("at", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    @property
    def left(self) -> int:
        return len(self.data) - self.at

    def take(self, count: int) -> bytes:
        end = self.at + count
        if end > len(self.data):
            raise ProtocolError("a value that is cut off")
        taken = self.data[self.at : end]
        self.at = end
        return taken

    def peek(self) -> int:
        if not self.left:
            raise ProtocolError("a value that is cut off")
        return self.data[self.at]

    def u8(self) -> int:
        value = self.peek()
        self.at += 1
        return value

    def u16(self) -> int:
        return int.from_bytes(self.take(2), "big")

    def u24(self) -> int:
        return int.from_bytes(self.take(3), "big")

    def u32(self) -> int:
        return int.from_bytes(self.take(4), "big")

    def double(self) -> float:
        value: float = _DOUBLE.unpack(self.take(8))[0]
        return value

    def text(self, count: int) -> str:
        return self.take(count).decode("utf-8", "replace")
