"""Addresses of the built front end.

Vite names each file after its content and writes down which became which (`manifest.json`), so that a browser may
keep it for ever. Without a build a page still renders, with the plain name.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

STATIC_PREFIX = "/static/"


def built_beside(platform_file: str) -> Path:
    return Path(platform_file).resolve().parent / "frontend" / "dist"


class Chunk(msgspec.Struct):
    file: str
    name: str | None = None
    src: str | None = None
    css: list[str] = []


class Assets:
    def __init__(self, dist: Path) -> None:
        self.dist = dist
        manifest = dist / ".vite" / "manifest.json"
        self._files = dict(_names(manifest)) if manifest.is_file() else {}

    def url(self, name: str) -> str:
        """`app.css`, as the source or the entry is called."""
        return STATIC_PREFIX + self._files.get(name, name)

    def read(self, file: str) -> bytes | None:
        """A built file's bytes; None for anything else, wherever its path would lead."""
        path = (self.dist / file).resolve()
        inside = path.is_relative_to(self.dist.resolve()) and not file.startswith(".")
        return path.read_bytes() if inside and path.is_file() else None


def _names(manifest: Path) -> Iterator[tuple[str, str]]:
    """An entry by its own name, its source's name and, for its styles, its name with `.css`."""
    chunks = msgspec.json.decode(manifest.read_bytes(), type=dict[str, Chunk])
    for source, chunk in chunks.items():
        suffix = Path(chunk.file).suffix
        path = Path(chunk.src or source)
        for css in chunk.css[:1]:
            yield f"{chunk.name or path.stem}.css", css
        yield path.name, chunk.file
        yield f"{chunk.name or path.stem}{suffix}", chunk.file
