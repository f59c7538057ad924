"""The same thing in the words of an older and a newer server: what only one of them can say is left out of both.

16 stopped writing a table's name before the columns of a view that reads one table; 17 knows the privilege MAINTAIN; 18 keeps NOT NULL as a
constraint with a name (the column's own line says it in every version).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

VERSION = "server"  # a catalogue's own line about the server that it was read from
_QUALIFIER = re.compile(r'("(?:[^"]|"")+"|\w+)\.(?=["\w])')
_PRIVILEGES = ("privileges", "schema", "default privileges")
_QUERIES = ("view", "rule")


def oldest(*catalogues: Mapping[str, Mapping[str, str]]) -> int:
    return min(int(one.get(VERSION, {}).get("version", "0")) or 999_999 for one in catalogues)


def common(kind: str, oldest_version: int) -> Callable[[str], str | None]:
    """What is left of a definition when both sides could have said it; None: nothing."""
    if oldest_version < 170_000 and kind in _PRIVILEGES:
        return lambda text: ", ".join(one for one in text.split(", ") if ":MAINTAIN" not in one)
    if oldest_version < 180_000 and kind == "constraint":
        return lambda text: None if text.startswith("NOT NULL ") else text
    if oldest_version < 160_000 and (kind in _QUERIES or kind == "function"):
        return lambda text: _QUALIFIER.sub("", text) if kind != "function" or "BEGIN ATOMIC" in text else text
    return lambda text: text
