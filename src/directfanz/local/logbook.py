"""The parts' output: each line in the part's own file and, with its name before it, in one file of all. Bounded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

MAX_FILE_BYTES = 5 * 1024 * 1024
KEPT_FILES = 3  # beside the current one
MAX_LINE_BYTES = 64 * 1024
ALL = "all"


class RotatingFile:
    """`name.log`, then `name.log.1` (newer) to `name.log.3` (older)."""

    def __init__(self, path: Path, max_bytes: int = MAX_FILE_BYTES, kept: int = KEPT_FILES) -> None:
        self._path, self._max_bytes, self._kept = path, max_bytes, kept
        self._file: BinaryIO = path.open("ab")
        self._size = self._file.tell()

    def write(self, line: bytes) -> None:
        try:
            if self._size and self._size + len(line) > self._max_bytes:
                self._rotate()
            self._file.write(line)
            self._file.flush()
        except OSError:  # a full disk loses log lines, it does not stop the parts
            return
        self._size += len(line)

    def _rotate(self) -> None:
        self._file.close()
        for number in range(self._kept, 0, -1):
            older = self._numbered(number - 1)
            if older.exists():
                older.replace(self._numbered(number))
        self._file = self._path.open("ab")
        self._size = 0

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}") if number else self._path

    def close(self) -> None:
        self._file.close()


class LogBook:
    def __init__(self, folder: Path, max_bytes: int = MAX_FILE_BYTES) -> None:
        self._folder, self._max_bytes = folder, max_bytes
        self._files: dict[str, RotatingFile] = {}
        self._width = 0

    def sink(self, name: str) -> Callable[[bytes], None]:
        """Takes output as it comes, in any pieces, and writes whole lines."""
        self._width = max(self._width, len(name))
        pending = bytearray()

        def take(chunk: bytes) -> None:
            pending.extend(chunk)
            *lines, rest = pending.split(b"\n")
            pending[:] = rest
            if len(pending) > MAX_LINE_BYTES:
                lines.append(bytearray(pending))
                pending.clear()
            for line in lines:
                self.write(name, bytes(line))

        return take

    def write(self, name: str, line: bytes) -> None:
        self._file(name).write(line + b"\n")
        self._file(ALL).write(name.ljust(self._width).encode() + b" | " + line + b"\n")

    def _file(self, name: str) -> RotatingFile:
        if name not in self._files:
            self._files[name] = RotatingFile(self._folder / f"{name}.log", self._max_bytes)
        return self._files[name]

    def close(self) -> None:
        for file in self._files.values():
            file.close()
        self._files.clear()


def last_lines(path: Path, count: int) -> list[str]:
    """The end of a log, read from the end: it may be megabytes."""
    if not path.exists():
        return []
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - count * 400))
        return file.read().decode(errors="replace").splitlines()[-count:]


class Tail:
    """Follows a log as it grows, across rotations."""

    def __init__(self, path: Path) -> None:
        self._path, self._rest = path, b""
        self._identity, self._position = (path.stat().st_ino, path.stat().st_size) if path.exists() else (0, 0)

    def new_lines(self) -> list[str]:
        """What came since the last call; a line that is not ended waits."""
        if not self._path.exists():
            return []
        if (identity := self._path.stat().st_ino) != self._identity:
            self._identity, self._position = identity, 0
        with self._path.open("rb") as file:
            file.seek(self._position)
            *lines, self._rest = (self._rest + file.read()).split(b"\n")
            self._position = file.tell()
        return [line.decode(errors="replace") for line in lines]
