"""Bodies and names for storage tests."""

from __future__ import annotations

from collections.abc import AsyncIterator


async def read_all(stream: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in stream])


async def chunks(body: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


async def failing_after(size: int) -> AsyncIterator[bytes]:
    """A phone that leaves the tunnel the wrong way."""
    for _ in range(0, size, 500):
        yield bytes(500)
    raise ConnectionResetError


def odd_keys() -> list[str]:
    return [
        "a b", "a%20b", "%", "%41", "a#b", "a?b=c&d", "a+b", "~a", "a*b", "a:b", "[a]", "{a}", "a|b^c`d", "a@b,c;d$e",
        "it's \"quoted\"", "<b>", "(1)!.jpg", "ü/é", "e\u0301", "日本語/写真.png", "😀.png", "a/b/c", ".hidden", "a..b", "a.",
        "SlowDown", "InternalError", "Error",
        "x" * 250, "/".join(["y" * 90] * 10),
    ]  # fmt: skip


def bad_keys() -> list[str]:
    return [
        "", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/./b", "a\\b", "a\nb", "a\x00b", "\x7f", "\u200b", "\ud800",
        "x" * 1025, "é" * 513,
    ]  # fmt: skip
