from __future__ import annotations


class Bits:
    """Reads single bits and Exp-Golomb numbers; `ValueError` at the end."""

    def __init__(self, data: bytes) -> None:
        self._number = int.from_bytes(data, "big")
        self._left = len(data) * 8

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise ValueError("the bits end")
        return self._number >> self._left & ((1 << count) - 1)

    def flag(self) -> bool:
        return self.take(1) == 1

    def skip(self, count: int) -> None:
        self.take(count)

    def golomb(self) -> int:
        zeros = 0
        while not self.flag():
            zeros += 1
            if zeros > 32:
                raise ValueError("no such number")
        return (1 << zeros) - 1 + (self.take(zeros) if zeros else 0)

    def signed_golomb(self) -> int:
        code = self.golomb()
        return (code + 1) // 2 if code & 1 else -(code // 2)


def unescaped(nal: bytes) -> bytes:
    """Without the bytes that keep a NAL unit from looking like the start of another."""
    return nal.replace(b"\0\0\3", b"\0\0")
