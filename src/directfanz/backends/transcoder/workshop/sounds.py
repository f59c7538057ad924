"""Sounds: measured, brought to one loudness, drawn as a wave."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path

import msgspec

from directfanz.backends.transcoder.contract import BadMedia, Facts
from directfanz.backends.transcoder.ffmpeg.commands import PROGRESS
from directfanz.backends.transcoder.ffmpeg.program import Ffmpeg
from directfanz.platform_toml.media import Processing

# Room above the loudest point, for encoders that overshoot; and how wide the loud and the quiet may lie apart.
TRUE_PEAK, RANGE = -1.5, 11
POINTS = 800
WAVE_HERTZ = 8000
QUIETEST_DB = -60.0
OPUS_SHARE = 0.75  # Opus sounds as good as AAC at three quarters of its rate
_PEAK = re.compile(r"^lavfi\.astats\.Overall\.RMS_level=(.+)$")
_MEASURED = re.compile(r"\{[^{}]*\"input_i\"[^{}]*\}", re.S)


class Measured(msgspec.Struct, frozen=True):
    """What loudnorm found in its first pass; its numbers come as text."""

    input_i: str
    input_tp: str
    input_lra: str
    input_thresh: str
    target_offset: str

    @property
    def is_silent(self) -> bool:
        return not math.isfinite(float(self.input_i)) or float(self.input_i) < -70


class Heard(msgspec.Struct, frozen=True):
    measured: Measured
    wave: list[int]  # 0 to 100, from begin to end
    seconds: float


class Sounds:
    def __init__(self, rules: Processing) -> None:
        self._rules = rules
        self._ffmpeg = Ffmpeg(rules)

    async def listen(self, source: Path, facts: Facts, share: Callable[[float], None]) -> Heard:
        """One decoding for both: loudness by EBU R128, and the wave."""
        seconds = facts.seconds or 600
        window = max(1, round(seconds * WAVE_HERTZ / POINTS))
        graph = (
            f"[0:a:0]asplit=2[a][b];[a]{self._norm()}:print_format=json[x];"
            f"[b]aresample={WAVE_HERTZ},aformat=sample_fmts=flt:channel_layouts=mono,asetnsamples=n={window}:p=0,"
            "astats=metadata=1:reset=1:measure_perchannel=none:measure_overall=RMS_level,"
            "ametadata=print:key=lavfi.astats.Overall.RMS_level:file=-[y]"
        )
        levels: list[float] = []

        def line(text: str) -> None:
            if found := _PEAK.match(text):
                levels.append(_level(found[1]))
                share(min(len(levels) / POINTS, 1.0))

        arguments = ["-filter_complex", graph, "-map", "[x]", "-f", "null", "-", "-map", "[y]", "-f", "null", "-"]
        ended = await self._ffmpeg.run(
            arguments, source, line=line, loglevel="info", cpu_seconds=self._ffmpeg.cpu_for(seconds)
        )
        ended.require_success()
        found = _MEASURED.findall(ended.said)
        if not found or not levels:
            raise BadMedia("empty", "There is nothing to be heard in this file.")
        measured = msgspec.json.decode(found[-1], type=Measured)
        return Heard(measured, drawn(levels), len(levels) * window / WAVE_HERTZ)

    async def encode(
        self, source: Path, facts: Facts, heard: Heard, folder: Path, share: Callable[[float], None]
    ) -> tuple[str, str]:
        """`audio.m4a` and `audio.opus`, from one decoding. Silence stays as it is."""
        rules = self._rules
        chain = "" if heard.measured.is_silent else f"{self._norm()}{_second(heard.measured)},"
        split = f"[0:a:0]{chain}aresample=48000,asplit=2[a][b]"

        def line(text: str) -> None:
            if text.startswith("out_time_us=") and (told := text.removeprefix("out_time_us=")).isdigit():
                share(min(int(told) / 1_000_000 / max(heard.seconds, 0.1), 1.0))

        clean = ["-ac", "2", "-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"]
        arguments = [
            "-filter_complex", split,
            "-map", "[a]", "-c:a", "aac", "-b:a", f"{rules.audio_kbps}k", *clean, "-movflags", "+faststart",
            "-f", "mp4", str(folder / "audio.m4a"),
            "-map", "[b]", "-c:a", "libopus", "-b:a", f"{round(rules.audio_kbps * OPUS_SHARE)}k", *clean,
            "-f", "ogg", str(folder / "audio.opus"), *PROGRESS,
        ]  # fmt: skip
        cpu = self._ffmpeg.cpu_for(facts.seconds)
        (await self._ffmpeg.run(arguments, source, line=line, cpu_seconds=cpu)).require_success()
        return "audio.m4a", "audio.opus"

    async def cover(self, source: Path, facts: Facts, folder: Path) -> Path | None:
        """The picture that an album carries along."""
        if facts.cover is None:
            return None
        path = folder / "cover.png"
        arguments = ["-map", f"0:{facts.cover}", "-frames:v", "1", "-update", "1", "-f", "image2", str(path)]
        ended = await self._ffmpeg.run(arguments, source)
        return path if ended.code == 0 and path.exists() else None

    def _norm(self) -> str:
        return f"loudnorm=I={self._rules.loudness_lufs}:TP={TRUE_PEAK}:LRA={RANGE}"


def drawn(levels: list[float], points: int = POINTS) -> list[int]:
    """From decibels to heights, the loudest at 100."""
    loudest = max(levels)
    floor = max(QUIETEST_DB, loudest - 48)
    if loudest <= QUIETEST_DB:
        return [0] * min(len(levels), points)
    return [round(100 * max(0.0, (level - floor) / (loudest - floor))) for level in levels[:points]]


def _second(measured: Measured) -> str:
    return (
        f":measured_I={measured.input_i}:measured_TP={measured.input_tp}:measured_LRA={measured.input_lra}"
        f":measured_thresh={measured.input_thresh}:offset={measured.target_offset}:linear=true"
    )


def _level(text: str) -> float:
    try:
        level = float(text)
    except ValueError:
        return -120.0
    return level if math.isfinite(level) else -120.0
