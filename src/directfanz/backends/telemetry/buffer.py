"""Lines that wait to be written, up to a number of bytes; then the oldest go and are counted."""

from __future__ import annotations

from collections import deque
from threading import Lock

MAX_BYTES = 8 * 1024 * 1024


class LineBuffer:
    """An entry is one line or several, with newlines between them and none at the end."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._entries: deque[bytes] = deque()
        self._size = 0
        self._max = max_bytes
        self._lock = Lock()
        self.dropped = 0

    def add(self, entry: bytes) -> None:
        with self._lock:
            self._entries.append(entry)
            self._size += len(entry)
            self._shrink()

    def take(self, max_bytes: int) -> list[bytes]:
        """At least one, if there is one."""
        taken: list[bytes] = []
        with self._lock:
            while self._entries and (not taken or max_bytes >= len(self._entries[0])):
                entry = self._entries.popleft()
                self._size -= len(entry)
                max_bytes -= len(entry)
                taken.append(entry)
        return taken

    def give_back(self, entries: list[bytes]) -> None:
        with self._lock:
            self._entries.extendleft(reversed(entries))
            self._size += sum(map(len, entries))
            self._shrink()

    def take_dropped(self) -> int:
        with self._lock:
            dropped, self.dropped = self.dropped, 0
        return dropped

    def __bool__(self) -> bool:
        return bool(self._entries)

    def _shrink(self) -> None:
        while self._size > self._max:
            oldest = self._entries.popleft()
            self._size -= len(oldest)
            self.dropped += oldest.count(b"\n") + 1
