"""What ffmpeg says of a file when it is only asked to look, read into `Facts`. No I/O.

ffmpeg's lines for people have kept their form for many years; a test holds examples of each kind. Text that comes from the file itself
(titles, languages) stands in lines of its own, further in, so it cannot pass for a stream.
"""

from __future__ import annotations

import re

from directfanz.backends.transcoder.contract import BadMedia, Facts, Picture, Sound

_INPUT = re.compile(r"^Input #0, ([\w,]+), from ", re.M)
_DURATION = re.compile(
    r"^  Duration: (?:(\d+):(\d\d):(\d\d(?:\.\d+)?)|N/A)(?:, start: (-?[\d.]+))?(?:, bitrate: (\d+) kb/s)?", re.M
)
_STREAM = re.compile(r"^  Stream #0:(\d+)(?:\[0x[0-9a-f]+\])?(?:\((\w+)\))?: (Video|Audio|Subtitle): (.+)$")
_SIZE = re.compile(r", (\d{1,6})x(\d{1,6})(?: \[SAR (\d+):(\d+) DAR \d+:\d+\])?")
_PIXELS = re.compile(r", ((?:yuv|yuvj|nv|gbr|rgb|bgr|gray|pal|p0|ya|xyz)[a-z0-9]*)(?:\(([^)]*)\))?")
_FPS = re.compile(r", ([\d.]+)(k?) fps")
_TBR = re.compile(r", ([\d.]+)(k?) tbr")
_ROTATION = re.compile(r"(?i)^\s+display ?matrix: rotation of (-?[\d.]+) degrees")
_AUDIO = re.compile(r", (\d+) Hz, ([^,]+)")
_CHANNELS = {"mono": 1, "stereo": 2, "2.1": 3, "quad": 4, "4.0": 4, "5.0": 5, "5.1": 6, "6.1": 7, "7.1": 8}
_STILLS = ("mjpeg", "png", "bmp", "gif", "webp", "tiff")


def read_facts(said: str) -> Facts:
    found = _INPUT.search(said)
    if found is None:
        raise BadMedia("unreadable", "This file cannot be read. It may be damaged, or it is not what its name says.")
    head = said[found.start() :]
    length = _DURATION.search(head)
    seconds = _seconds(length) if length else 0.0
    picture: Picture | None = None
    sound: Sound | None = None
    cover: int | None = None
    subtitles: list[tuple[int, str, str]] = []
    lines = head.splitlines()
    for at, line in enumerate(lines):
        if (stream := _STREAM.match(line)) is None:
            continue
        number, language, kind, about = int(stream[1]), stream[2] or "und", stream[3], stream[4]
        if kind == "Video" and "(attached pic)" in about:
            cover = number if cover is None else cover
        elif kind == "Video" and picture is None:
            picture = _picture(about, _turned(lines[at + 1 :]))
        elif kind == "Audio" and sound is None:
            sound = _sound(about)
        elif kind == "Subtitle":
            subtitles.append((number, about.split(" ")[0].strip(","), language))
    return Facts(
        container=found[1],
        seconds=seconds,
        bits_per_second=int(length[5]) * 1000 if length and length[5] else 0,
        picture=picture,
        sound=sound,
        cover=cover,
        subtitles=tuple(subtitles),
        begins=float(length[4]) if length and length[4] else 0.0,
    )


def _seconds(length: re.Match[str]) -> float:
    return int(length[1]) * 3600 + int(length[2]) * 60 + float(length[3]) if length[1] else 0.0


def _turned(after: list[str]) -> int:
    """Only what belongs to this stream: up to the next one."""
    for line in after:
        if _STREAM.match(line):
            break
        if found := _ROTATION.match(line):
            return round(float(found[1])) % 360
    return 0


def _picture(about: str, turned: int) -> Picture | None:
    size = _SIZE.search(about)
    if size is None:
        return None
    width, height = int(size[1]), int(size[2])
    across, down = (int(size[3]), int(size[4])) if size[3] else (1, 1)
    stretched = across != down and across > 0 and down > 0
    if stretched:
        width = max(2, round(width * across / down))
    if turned in (90, 270):
        width, height = height, width
    pixels, details = _pixels(about)
    return Picture(
        codec=about.split(" ")[0].strip(","),
        width=width,
        height=height,
        frames_per_second=_rate(about),
        bits=_bits(pixels),
        subsampling="420" if "420" in pixels or pixels.startswith(("nv12", "p010")) else "other",
        turned=turned,
        stretched=stretched,
        interlaced=any(word in details for word in ("top first", "bottom first", "top coded", "bottom coded")),
        transfer=next((name for name in ("smpte2084", "arib-std-b67") if name in details), ""),
    )


def _pixels(about: str) -> tuple[str, str]:
    found = _PIXELS.search(about)
    return (found[1], found[2] or "") if found else ("", "")


def _bits(pixels: str) -> int:
    found = re.search(r"p(9|10|12|14|16)(?:le|be)?$", pixels)
    if found:
        return int(found[1])
    return 10 if pixels.startswith("p010") else 8


def _rate(about: str) -> float:
    found = _FPS.search(about) or _TBR.search(about)
    if found is None:
        return 25.0
    return float(found[1]) * (1000 if found[2] else 1)


def _sound(about: str) -> Sound | None:
    found = _AUDIO.search(about)
    if found is None:
        return None
    layout = found[2].split("(")[0].strip()
    counted = re.match(r"(\d+) channels", layout)
    return Sound(
        codec=about.split(" ")[0].strip(","),
        hertz=int(found[1]),
        channels=int(counted[1]) if counted else _CHANNELS.get(layout, 2),
    )
