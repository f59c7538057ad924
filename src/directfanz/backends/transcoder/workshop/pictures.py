"""Pictures in several sizes, and the colours of a locked one."""

from __future__ import annotations

from pathlib import Path

import msgspec

from directfanz.backends.transcoder.confinement import Confinement
from directfanz.backends.transcoder.workshop.helper import helped
from directfanz.platform_toml.media import Processing

FRAMES_MAX = 1000
MOVING_SIDE = 720


class Drawn(msgspec.Struct, frozen=True):
    path: str  # in the folder
    width: int
    height: int
    bytes: int
    moves: bool = False


class Preview(msgspec.Struct, frozen=True):
    """The mean colours of a few fields, row by row, six hex digits each. All that a stranger is shown of a locked picture."""

    columns: int
    rows: int
    colours: str


class Drawing(msgspec.Struct, frozen=True):
    width: int
    height: int
    frames: int
    made: list[Drawn]
    preview: Preview


class Pictures:
    def __init__(self, rules: Processing) -> None:
        self._rules = rules
        self._confined = Confinement(rules)

    async def draw(
        self, source: Path, folder: Path, *, name: str = "image", sizes: tuple[int, ...] | None = None
    ) -> Drawing:
        asked = {
            "source": str(source),
            "folder": str(folder),
            "name": name,
            "sizes": sizes or self._rules.image_sizes,
            "pixels_max": self._rules.pixels_max,
            "frames_max": FRAMES_MAX,
            "moving_side": MOVING_SIDE,
        }
        return await helped(self._confined, "pictures.py", asked, Drawing)
