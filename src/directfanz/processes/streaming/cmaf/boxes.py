"""Boxes of ISO media files."""

from __future__ import annotations

import struct
from collections.abc import Iterator


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def full_box(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def walk(data: bytes, at: int = 0, end: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    """(kind, begin of the content, end) of each box; ValueError for one that does not fit."""
    end = len(data) if end is None else end
    while at < end:
        if at + 8 > end:
            raise ValueError("a box that is cut off")
        size = int.from_bytes(data[at : at + 4], "big")
        if size < 8 or at + size > end:
            raise ValueError("a box that does not fit")
        yield data[at + 4 : at + 8], at + 8, at + size
        at += size


def find(data: bytes, *path: bytes, at: int = 0, end: int | None = None) -> tuple[int, int]:
    """Begin and end of the content of the first box along a path; ValueError when it is not there."""
    for kind in path:
        found = next(((start, stop) for name, start, stop in walk(data, at, end) if name == kind), None)
        if found is None:
            raise ValueError(f"no {kind.decode('latin-1')} box")
        at, end = found
    assert end is not None
    return at, end
