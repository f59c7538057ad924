"""Which renditions are made below the source, and what they cost. Pure: the machine's budget is somebody else's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from directfanz.processes.streaming.codecs.config import VideoConfig

TALLEST_ENCODED = 1080
# Kilobits a second, by height.
BITRATES = {1080: 5000, 720: 2800, 540: 1800, 480: 1400, 360: 800, 240: 400, 144: 200}
# Percent of a core to encode 30 frames a second with x264's veryfast, decoding apart; and to decode as much. Measured, see
# docs/performance.md.
ENCODE = {1080: 92, 720: 44, 540: 26, 480: 20, 360: 11, 240: 6, 144: 3}
DECODE_PER_MEGAPIXEL = 7.2
USUAL_FPS = 30.0


class Rung(NamedTuple):
    name: str
    height: int  # the shorter side, so that a phone held upright is treated alike
    kbps: int
    is_upright: bool

    def cost(self, fps: float) -> float:
        return ENCODE[self.height] * fps / USUAL_FPS


def rungs_below(source: VideoConfig, heights: Sequence[int]) -> list[Rung]:
    """The tallest first. A source in H.265 or AV1 gets one of its own height too: many players cannot show it."""
    side = min(source.width, source.height)
    upright = source.height > source.width
    own = source.fourcc != "avc1"
    wanted = {height for height in heights if height in BITRATES and height < side}
    if own:
        wanted.add(max((height for height in BITRATES if height <= min(side, TALLEST_ENCODED)), default=min(BITRATES)))
    return [Rung(str(height), height, BITRATES[height], upright) for height in sorted(wanted, reverse=True)]


def cost(source: VideoConfig, rungs: Sequence[Rung], fps: float) -> float:
    """Percent of a core."""
    if not rungs:
        return 0.0
    megapixels = source.width * source.height / 1e6
    return DECODE_PER_MEGAPIXEL * megapixels * fps / USUAL_FPS + sum(rung.cost(fps) for rung in rungs)


def fitting(source: VideoConfig, rungs: Sequence[Rung], fps: float, percent: float) -> list[Rung]:
    """As many as the budget has room for: the tallest, the most expensive, goes first."""
    left = list(rungs)
    while left and cost(source, left, fps) > percent:
        left.pop(0)
    return left
