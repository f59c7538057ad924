"""Beside a film: its poster, small pictures to find a place by, and the subtitles that came with it."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from directfanz.backends.transcoder.contract import BadMedia, Facts
from directfanz.backends.transcoder.ffmpeg.commands import TONE_MAP
from directfanz.backends.transcoder.ffmpeg.program import Ffmpeg, Packets
from directfanz.backends.transcoder.workshop.pictures import Drawing, Pictures
from directfanz.platform_toml.media import Processing

POSTER_SIZES = (640, 1280)
POSTER_AT = 0.1
LOOKED_THROUGH = 40  # frames among which the most telling one is chosen
CELL_SIDE = 160
COLUMNS = ROWS = 5
CELLS_MAX = 400
TEXT_SUBTITLES = frozenset({"subrip", "srt", "ass", "ssa", "mov_text", "webvtt", "text", "ttml"})
SUBTITLES_MAX = 16


class Storyboard(msgspec.Struct, frozen=True):
    index: str  # WebVTT: which part of which sheet at which time
    sheets: list[str]
    width: int
    height: int


class Films:
    def __init__(self, rules: Processing, pictures: Pictures) -> None:
        self._rules = rules
        self._ffmpeg = Ffmpeg(rules)
        self._pictures = pictures

    async def look(self, source: Path) -> Facts:
        return await self._ffmpeg.look(source)

    async def packets(self, source: Path) -> Packets:
        return await self._ffmpeg.packets(source)

    async def poster(self, source: Path, facts: Facts, seconds: float, folder: Path) -> Drawing:
        """A frame from near the begin that has much in it: not a black one."""
        picture = facts.picture
        assert picture is not None
        scale = min(1.0, max(POSTER_SIZES) / max(picture.width, picture.height))
        chain = f"{_light(facts, picture.width * scale, picture.height * scale)},thumbnail={LOOKED_THROUGH}"
        raw = folder / "poster.png"
        arguments = ["-map", "0:v:0", "-vf", chain, "-frames:v", "1", "-update", "1", "-f", "image2", str(raw)]
        before = ["-ss", f"{seconds * POSTER_AT:.3f}"] if seconds > 2 else []
        await self._ffmpeg.run(arguments, source, before=before)
        if not raw.exists():
            await self._ffmpeg.run(arguments, source)
        if not raw.exists():
            raise BadMedia("unreadable", "No picture of this film can be read. It may be damaged.")
        drawn = await self._pictures.draw(raw, folder, name="poster", sizes=POSTER_SIZES)
        raw.unlink()
        return drawn

    async def storyboard(self, source: Path, facts: Facts, packets: Packets, folder: Path) -> Storyboard:
        picture = facts.picture
        assert picture is not None
        scale = CELL_SIDE / max(picture.width, picture.height)
        width, height = _even(picture.width * scale), _even(picture.height * scale)
        every = max(float(self._rules.storyboard_seconds), packets.end / CELLS_MAX)
        # Key frames alone cost a tenth; where they are rarer than the cells all frames are looked at.
        before = ["-skip_frame", "nokey"] if packets.longest_gop <= every * 3 else []
        chain = f"{_light(facts, width, height)},fps=1/{every:.3f}:start_time=0,tile={COLUMNS}x{ROWS}"
        sheets = folder / "storyboard-%03d.jpg"
        arguments = [
            "-map", "0:v:0", "-an", "-vf", chain, "-fps_mode", "vfr", "-q:v", "6", "-pix_fmt", "yuvj420p",
            "-f", "image2", str(sheets),
        ]  # fmt: skip
        cpu = self._ffmpeg.cpu_for(packets.end)
        (await self._ffmpeg.run(arguments, source, before=before, cpu_seconds=cpu)).require_success()
        made = sorted(path for path in os.listdir(folder) if path.startswith("storyboard-"))
        (folder / "storyboard.vtt").write_text(cells(made, packets.end, every, width, height))
        return Storyboard("storyboard.vtt", made, width, height)

    async def subtitles(self, source: Path, facts: Facts, folder: Path) -> list[tuple[str, str]]:
        """Language and WebVTT of each that is text. Subtitles that are pictures stay where they are."""
        texts = [(number, language) for number, codec, language in facts.subtitles if codec in TEXT_SUBTITLES]
        found: list[tuple[str, str]] = []
        for number, language in texts[:SUBTITLES_MAX]:
            path = folder / f"subtitles-{number}.vtt"
            arguments = ["-map", f"0:{number}", "-c:s", "webvtt", "-f", "webvtt", str(path)]
            ended = await self._ffmpeg.run(arguments, source)
            if ended.code == 0 and path.exists():
                found.append((language, path.read_text("utf-8", "replace")))
                path.unlink()
        return found


def cells(sheets: list[str], seconds: float, every: float, width: int, height: int) -> str:
    """The index of a storyboard, as players read it."""
    lines = ["WEBVTT", ""]
    per_sheet = COLUMNS * ROWS
    count = min(len(sheets) * per_sheet, max(1, int(seconds / every) + (seconds % every > 0)))
    for number in range(count):
        at = number % per_sheet
        place = f"{at % COLUMNS * width},{at // COLUMNS * height},{width},{height}"
        end = min((number + 1) * every, max(seconds, 0.001))
        lines += [f"{clock(number * every)} --> {clock(end)}", f"{sheets[number // per_sheet]}#xywh={place}", ""]
    return "\n".join(lines)


def clock(seconds: float) -> str:
    thousandths = round(seconds * 1000)
    hours, rest = divmod(thousandths, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def _light(facts: Facts, width: float, height: float) -> str:
    scaled = f"scale={_even(width)}:{_even(height)},setsar=1"
    return f"{scaled},{TONE_MAP},format=yuv420p" if facts.is_hdr else scaled


def _even(length: float) -> int:
    return max(2, round(length / 2) * 2)
