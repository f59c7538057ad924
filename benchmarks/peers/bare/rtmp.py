"""The least that Python can do with a publisher: it reads the socket and writes the bytes to a file. Nobody could watch this.

Admits everybody; the conversation before the media is our own code's, and not measured.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import cast

import uvloop

from directfanz.processes.streaming.rtmp.handshake import BLOCK
from directfanz.processes.streaming.rtmp.session import Asked, Session

WRITTEN_AT_ONCE = 700_000  # as much as a segment of two seconds


class Bare(asyncio.Protocol):
    def __init__(self, path: Path) -> None:
        self._session = Session(os.urandom(BLOCK - 8))
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        self._pieces: list[bytes] = []
        self._size = 0
        self._is_publishing = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        os.close(self._file)

    def data_received(self, data: bytes) -> None:
        if not self._is_publishing:
            self._talk(data)
            return
        self._pieces.append(data)
        self._size += len(data)
        if self._size >= WRITTEN_AT_ONCE:
            pieces, self._pieces, self._size = self._pieces, [], 0
            os.writev(self._file, pieces)

    def _talk(self, data: bytes) -> None:
        for event in self._session.receive(data):
            if isinstance(event, Asked):
                self._is_publishing = True
                list(self._session.accept())
        self._transport.write(self._session.to_send())


async def serve(port: int, folder: Path) -> None:
    numbers = iter(range(10_000))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Bare(folder / str(next(numbers))), "127.0.0.1", port, backlog=512)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
