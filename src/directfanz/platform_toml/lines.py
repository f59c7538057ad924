"""On which line each key and value of a TOML text stands.

`tomllib` says what a text means but not where it says it. This walks a text that tomllib has already accepted, so it
checks nothing: it only needs to know where keys, strings and brackets end.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

Path = tuple[str | int, ...]

_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*'""")
_STRING = re.compile(
    r'''"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*\'''',
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]+")
# Cannot happen in a text that tomllib accepts; without it a mistake in here would never end.
_LOST = "the lines of this text cannot be told"


def lines_of(text: str) -> dict[Path, int]:
    """The line of every path: a table's header, a key's first mention, an item of an array."""
    return _Walk(text).walk()


def line_at(lines: dict[Path, int], path: Path) -> int:
    """The line of a path, or of the nearest thing around it when it is not there at all."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


class _Walk:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Path, int] = {}
        self.tables: dict[Path, int] = {}  # arrays of tables, and how many each has so far
        self._line, self._counted = 1, 0

    def walk(self) -> dict[Path, int]:
        around: Path = ()
        self._take(_GAP)
        while self.at < len(self.text):
            if self._skip("["):
                around = self._header()
            else:
                self._pair(around)
            self._take(_GAP)
        return self.lines

    def _header(self) -> Path:
        many = self._skip("[")
        self._take(_GAP)
        line, keys = self._here(), self._keys()
        self.at += 2 if many else 1
        path: Path = ()
        for depth, key in enumerate(keys):
            path = (*path, key)
            self.lines.setdefault(path, line)
            if many and depth == len(keys) - 1:
                self.tables[path] = self.tables.get(path, 0) + 1
            if path in self.tables:
                path = (*path, self.tables[path] - 1)
                self.lines.setdefault(path, line)
        return path

    def _pair(self, around: Path) -> None:
        line, path = self._here(), around
        for key in self._keys():
            path = (*path, key)
            self.lines.setdefault(path, line)
        self._skip("=")
        self._take(_GAP)
        self._value(path)

    def _keys(self) -> list[str]:
        keys = []
        while True:
            raw = self._take(_KEY)
            if not raw:
                raise ValueError(_LOST)
            keys.append(_meaning(raw) if raw[:1] in ("'", '"') else raw)
            self._take(_GAP)
            if not self._skip("."):
                return keys
            self._take(_GAP)

    def _value(self, path: Path) -> None:
        if self._skip("["):
            self._items(path, "]")
        elif self._skip("{"):
            self._items(path, "}")
        elif not self._take(_STRING):
            self._take(_SCALAR)

    def _items(self, path: Path, end: str) -> None:
        count = 0
        self._take(_GAP)
        while not self._skip(end):
            if end == "}":
                self._pair(path)
            else:
                self.lines[(*path, count)] = self._here()
                self._value((*path, count))
            count += 1
            self._take(_GAP)
            self._skip(",")
            self._take(_GAP)

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found.group()

    def _skip(self, mark: str) -> bool:
        if self.at >= len(self.text):
            raise ValueError(_LOST)
        if not self.text.startswith(mark, self.at):
            return False
        self.at += len(mark)
        return True

    def _here(self) -> int:
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line


def _meaning(quoted: str) -> str:
    value: Any = tomllib.loads(f"key = {quoted}")["key"]
    return str(value)
