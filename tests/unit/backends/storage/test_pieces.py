"""Streams cut anew, and windows onto objects."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directfanz.backends.storage.pieces import in_pieces
from directfanz.backends.storage.reading import WINDOW_BYTES, Window, windows
from directfanz.errors import Unavailable
from tests.support.storage import chunks, read_all


@given(body=st.binary(max_size=200), chunk=st.integers(1, 60), size=st.integers(1, 60))
def test_pieces_have_one_size_but_the_last(body: bytes, chunk: int, size: int) -> None:
    async def cut() -> list[bytes]:
        return [piece async for piece in in_pieces(chunks(body, chunk), size)]

    pieces = asyncio.run(cut())

    assert b"".join(pieces) == body
    assert all(len(piece) == size for piece in pieces[:-1])
    assert all(0 < len(piece) <= size for piece in pieces)


class Engine:
    """An object of so many bytes that counts who reads it."""

    def __init__(self, size: int, fails_at: int | None = None) -> None:
        self.size = size
        self.fails_at = fails_at
        self.reading = 0
        self.most = 0
        self.windows: list[tuple[int, int]] = []

    async def read(self, start: int, end: int, etag: str | None) -> Window:
        assert etag == (None if start == 0 else "one")
        self.windows.append((start, end))
        self.reading += 1
        self.most = max(self.most, self.reading)
        try:
            await asyncio.sleep(0)
            if self.fails_at is not None and start >= self.fails_at:
                raise Unavailable("gone")
            return Window(bytes(min(end, self.size) - start), self.size, "one")
        finally:
            self.reading -= 1


async def test_one_window_is_read_ahead_and_no_more() -> None:
    engine = Engine(5 * WINDOW_BYTES + 1)
    reading = windows(engine.read, 0, None)

    await anext(reading)
    for _ in range(5):
        await asyncio.sleep(0)
    assert len(engine.windows) == 2

    rest = await read_all(reading)
    assert len(rest) == 4 * WINDOW_BYTES + 1
    assert engine.most == 1


async def test_a_reader_that_leaves_leaves_nothing_behind() -> None:
    engine = Engine(5 * WINDOW_BYTES)
    before = asyncio.all_tasks()
    reading = cast(AsyncGenerator[bytes, None], windows(engine.read, 0, None))

    await anext(reading)
    await asyncio.sleep(0)
    assert engine.reading == 1
    await reading.aclose()

    assert asyncio.all_tasks() == before
    assert engine.reading == 0


async def test_a_window_that_fails_fails_the_reader() -> None:
    engine = Engine(5 * WINDOW_BYTES, fails_at=2 * WINDOW_BYTES)
    with pytest.raises(Unavailable):
        await read_all(windows(engine.read, 0, None))
    assert engine.reading == 0
