"""Bytes as they come, cut anew: pieces of one size, and a last one."""

from __future__ import annotations

from collections.abc import AsyncIterator


async def of_bytes(body: bytes) -> AsyncIterator[bytes]:
    yield body


async def in_pieces(body: AsyncIterator[bytes], size: int) -> AsyncIterator[bytes]:
    """Never more than one piece and what came last is held."""
    waiting = bytearray()
    async for chunk in body:
        if not waiting and len(chunk) == size:
            yield chunk
            continue
        waiting += chunk
        while len(waiting) >= size:
            piece = bytes(memoryview(waiting)[:size])
            del waiting[:size]
            yield piece
    if waiting:
        yield bytes(waiting)


async def first_two(pieces: AsyncIterator[bytes]) -> list[bytes]:
    first = await anext(pieces, None)
    second = await anext(pieces, None)
    return [piece for piece in (first, second) if piece is not None]


async def emptying(opening: list[bytes], rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """What was looked at first, then the rest; whoever keeps the list keeps no bytes."""
    while opening:
        yield opening.pop(0)
    async for piece in rest:
        yield piece
