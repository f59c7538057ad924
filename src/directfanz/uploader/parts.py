"""A file as it lies on the disk, and its parts."""

from __future__ import annotations

import hashlib
import os
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

EDGE_BYTES = 65_536
OPENING_BYTES = 8192


@dataclass(frozen=True)
class LocalFile:
    path: Path
    size: int
    modified_ms: int

    @classmethod
    def at(cls, path: Path) -> LocalFile:
        found = path.stat()
        return cls(path, found.st_size, found.st_mtime_ns // 1_000_000)

    @property
    def fingerprint(self) -> str:
        """As a browser makes it: what was begun there can be finished here."""
        said = f"{self.path.name}\n{self.size}\n{self.modified_ms}\n".encode()
        return hashlib.sha256(
            said + self.read(0, EDGE_BYTES) + self.read(max(0, self.size - EDGE_BYTES), EDGE_BYTES)
        ).hexdigest()

    @property
    def opening(self) -> str:
        return b64encode(self.read(0, OPENING_BYTES)).decode()

    def is_as_before(self) -> bool:
        return LocalFile.at(self.path) == self

    def read(self, start: int, count: int) -> bytes:
        """Positioned, so that many threads read at once."""
        handle = os.open(self.path, os.O_RDONLY)
        try:
            pieces, left = [], count
            while left and (piece := os.pread(handle, left, start)):
                pieces.append(piece)
                start, left = start + len(piece), left - len(piece)
            return pieces[0] if len(pieces) == 1 else b"".join(pieces)
        finally:
            os.close(handle)
