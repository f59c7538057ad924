"""Large objects, read in windows: each a request of its own that can be repeated, while memory stays at two windows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NamedTuple

from directfanz.errors import InvalidInput

WINDOW_BYTES = 8 * 1024 * 1024


class Window(NamedTuple):
    body: bytes
    size: int  # of the whole object
    etag: str


# (start, end, the ETag it must have) -> the window
ReadWindow = Callable[[int, int, str | None], Awaitable[Window]]


async def windows(read: ReadWindow, start: int, end: int | None) -> AsyncIterator[bytes]:
    """All of one version of the object: if it is replaced meanwhile, `Conflict`."""
    if start < 0 or (end is not None and end < start):
        raise InvalidInput.in_field("range", "A range goes from zero or more forwards.")
    if start == end:
        return
    window = await read(start, _limit(start, end), None)
    stop, etag = window.size if end is None else min(end, window.size), window.etag
    position, following = start, None
    try:
        while True:
            position += len(window.body)
            following = _ahead(read, position, stop, etag)
            yield window.body
            if following is None:
                return
            window = await following
    finally:
        if following:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


def _ahead(read: ReadWindow, position: int, stop: int, etag: str) -> asyncio.Task[Window] | None:
    if position >= stop:
        return None

    async def one() -> Window:
        return await read(position, _limit(position, stop), etag)

    return asyncio.create_task(one())


def _limit(start: int, end: int | None) -> int:
    return start + WINDOW_BYTES if end is None else min(end, start + WINDOW_BYTES)
