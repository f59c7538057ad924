"""The one way in which ffmpeg is started: confined, with a list of what it may read, and asked only of files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import msgspec

from directfanz.backends.transcoder.confinement import Confinement, Ended
from directfanz.backends.transcoder.contract import Facts
from directfanz.backends.transcoder.probing import read_facts
from directfanz.errors import ConfigurationError
from directfanz.platform_toml.media import Processing

# Formats that hold what they show. Playlists, lists of files, scripts and patterns of names (hls, concat, dash, image2, lavfi) are not
# among them: those read other files and addresses.
FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,mpeg,mpegvideo,avi,flv,asf,mxf,ogg,wav,w64,aiff,caf,flac,mp3,aac,ac3,eac3,"
    "dts,amr,au,wv,ape,tta,gif,dv,ivf,h264,hevc"
)
PROTOCOLS = "file,pipe"
PROBE_BYTES = 20_000_000
PROBE_MICROSECONDS = 10_000_000


class Packets(msgspec.Struct, frozen=True):
    """Where the key frames are, in seconds since the film begins, and where its frames end."""

    keys: list[float]
    first: float
    end: float
    count: int

    @property
    def longest_gop(self) -> float:
        marks = [*self.keys, self.end]
        return max((after - before for before, after in pairwise(marks)), default=0.0)


@lru_cache
def path_of_ffmpeg() -> str:
    try:
        from imageio_ffmpeg import get_ffmpeg_exe

        return str(get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        raise ConfigurationError("ffmpeg is missing: install the package imageio-ffmpeg.") from None


class Ffmpeg:
    def __init__(self, rules: Processing) -> None:
        self.rules = rules
        self._confined = Confinement(rules)

    async def run(
        self,
        arguments: Sequence[str],
        source: Path,
        *,
        before: Sequence[str] = (),
        cpu_seconds: int | None = None,
        line: Callable[[str], None] | None = None,
        folder: Path | None = None,
        loglevel: str = "error",
    ) -> Ended:
        """`before` are options of the input, `arguments` come after it."""
        command = [
            path_of_ffmpeg(), "-nostdin", "-hide_banner", "-loglevel", loglevel, "-y",
            "-filter_threads", str(self.rules.threads), "-filter_complex_threads", str(self.rules.threads),
            "-protocol_whitelist", PROTOCOLS, "-format_whitelist", FORMATS, "-max_streams", "64",
            "-probesize", str(PROBE_BYTES), "-analyzeduration", str(PROBE_MICROSECONDS),
            "-threads", str(self.rules.threads), *before, "-i", f"file:{source}", *arguments,
        ]  # fmt: skip
        return await self._confined.run(command, cpu_seconds=cpu_seconds, line=line, folder=folder)

    async def look(self, source: Path) -> Facts:
        """Reads the head of a file. `BadMedia` when it is none that we know."""
        ended = await self.run([], source, loglevel="info", cpu_seconds=60)
        return read_facts(ended.said)

    async def packets(self, source: Path, stream: str = "0:v:0") -> Packets:
        """Reads the whole file without decoding it."""
        heard = _Heard()
        ended = await self.run(["-map", stream, "-c", "copy", "-f", "framecrc", "pipe:1"], source, line=heard.line)
        if not heard.count:
            ended.require_success("empty", "There is nothing in this file that could be shown.")
        return Packets(sorted(heard.keys), max(0.0, heard.first), heard.end, heard.count)

    def cpu_for(self, seconds: float) -> int:
        """What a run over so much film may take."""
        return int(self.rules.cpu_seconds * (1 + seconds / 600))


class _Heard:
    """framecrc: `#tb 0: 1/30000`, then stream, dts, pts, duration, size, checksum, and `F=0x0` unless it is a key frame."""

    def __init__(self) -> None:
        self.base = 1.0
        self.keys: list[float] = []
        self.first = float("inf")
        self.end = 0.0
        self.count = 0

    def line(self, text: str) -> None:
        if text.startswith("#"):
            if text.startswith("#tb 0: "):
                over, _, under = text.removeprefix("#tb 0: ").partition("/")
                self.base = int(over) / int(under)
            return
        fields = text.split(",")
        if len(fields) < 6 or not (moment := fields[2].strip()).lstrip("-").isdigit():
            return
        seconds = int(moment) * self.base
        self.count += 1
        self.first = min(self.first, seconds)
        self.end = max(self.end, seconds + int(fields[3]) * self.base)
        if not any(" F=0x" in field and not int(field.split("=")[1], 16) & 1 for field in fields[6:]):
            self.keys.append(seconds)
