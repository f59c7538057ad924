"""The server's side of RTMP's plain handshake: the digest of Adobe's players is asked for by no encoder."""

from __future__ import annotations

from directfanz.processes.streaming.rtmp.errors import ProtocolError

VERSION = 3
BLOCK = 1536


class Handshake:
    def __init__(self, noise: bytes) -> None:
        """`noise`: BLOCK - 8 random bytes."""
        self._noise = noise
        self._buffer = bytearray()
        self._answered = False

    def receive(self, data: bytes) -> tuple[bytes, bytes | None]:
        """What to send, and what follows the handshake once it is done (None before)."""
        buffer = self._buffer
        buffer += data
        if not self._answered and buffer and buffer[0] != VERSION:
            raise ProtocolError("this is not RTMP")
        if not self._answered:
            if len(buffer) < 1 + BLOCK:
                return b"", None
            echo = bytes(buffer[1 : 1 + BLOCK])
            del buffer[: 1 + BLOCK]
            self._answered = True
            return self._answer(echo), self._rest()
        return b"", self._rest()

    def _answer(self, echo: bytes) -> bytes:
        return bytes([VERSION]) + bytes(8) + self._noise + echo

    def _rest(self) -> bytes | None:
        """The client's second block repeats ours; nobody relies on it, so it is not compared."""
        if len(self._buffer) < BLOCK:
            return None
        return bytes(self._buffer[BLOCK:])
