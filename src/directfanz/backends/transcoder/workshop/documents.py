"""Pages of documents as pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from directfanz.backends.transcoder.confinement import Confinement
from directfanz.backends.transcoder.workshop.helper import helped
from directfanz.backends.transcoder.workshop.pictures import Drawn
from directfanz.platform_toml.media import Processing

SIDE = 1200


class Pages(msgspec.Struct, frozen=True):
    pages: int
    made: list[Drawn]


class Documents:
    def __init__(self, rules: Processing) -> None:
        self._rules = rules
        self._confined = Confinement(rules)

    async def pages(self, source: Path, folder: Path, share: Callable[[float], None]) -> Pages:
        asked = {
            "source": str(source),
            "folder": str(folder),
            "pages_shown": self._rules.pages_shown,
            "pages_max": self._rules.pages_max,
            "side": SIDE,
        }
        return await helped(self._confined, "pages.py", asked, Pages, line_of_progress=share)
