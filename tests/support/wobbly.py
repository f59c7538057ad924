"""A line between two servers that can be cut, held or made slow: a TCP proxy on loopback."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

BLOCK_BYTES = 1 << 16
SLICE_SECONDS = 0.01


class Line:
    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self._to = (host, port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._up, self._flowing, self._released = threading.Event(), threading.Event(), threading.Event()
        for event in (self._up, self._flowing, self._released):
            event.set()
        self.cut_after: int | None = None  # bytes; then the line is cut once
        self.bytes_per_second: float = 0  # 0: as fast as it goes
        self.passed = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                if not self._up.is_set():
                    near.close()
                    continue
                threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        self._released.wait()
        try:
            far = socket.create_connection(self._to)
        except OSError:
            near.close()
            return
        with self._lock:
            self._open |= {near, far}
        for one, other in ((near, far), (far, near)):
            threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def hold(self) -> None:
        """Who comes now waits, as a pooler's PAUSE has them wait."""
        self._released.clear()

    def release(self) -> None:
        self._released.set()

    def lead_to(self, port: int) -> None:
        """New connections go there; those that are open are cut."""
        if self._to[1] != port:
            self._to = (self._to[0], port)
            self.cut()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(BLOCK_BYTES):
                self._flowing.wait()
                if self.bytes_per_second:
                    time.sleep(len(data) / self.bytes_per_second)
                self.passed += len(data)
                if self.cut_after is not None and self.passed >= self.cut_after:
                    self.cut_after = None
                    self.cut()
                    return
                self.carry(data, one, other)
        for each in (one, other):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        with self._lock:
            self._open -= {one, other}

    def carry(self, data: bytes, one: socket.socket, other: socket.socket) -> None:
        """An OSError is the end of this connection."""
        other.sendall(data)

    def cut(self) -> None:
        """Every connection is reset, as by a router that forgot them."""
        with self._lock:
            for one in self._open:
                with contextlib.suppress(OSError):
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    one.shutdown(socket.SHUT_RDWR)

    @contextlib.contextmanager
    def down(self) -> Iterator[None]:
        """Nobody comes through, and who was connected is reset."""
        self._up.clear()
        self.cut()
        try:
            yield
        finally:
            self._up.set()

    @contextlib.contextmanager
    def silent(self) -> Iterator[None]:
        """Half open: connections stand, and nothing arrives."""
        self._flowing.clear()
        try:
            yield
        finally:
            self._flowing.set()

    def close(self) -> None:
        self._listening.close()
        self._up.clear()
        self._flowing.set()
        self._released.set()
        self.cut()


@contextlib.contextmanager
def line_to(port: int) -> Iterator[Line]:
    line = Line(port)
    try:
        yield line
    finally:
        line.close()
