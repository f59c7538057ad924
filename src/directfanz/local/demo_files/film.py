"""A short film: snow in front of the window while the song plays. Drawn frame by frame, handed to ffmpeg as it is drawn."""

from __future__ import annotations

import math
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

from imageio_ffmpeg import get_ffmpeg_exe
from PIL import Image, ImageDraw

from directfanz.local.demo_files.pictures import PALE, WARM, font, kitchen, window_of

SIZE = (960, 540)
WIDER = (1056, 594)  # the camera moves in it
FRAMES_A_SECOND = 20
SECONDS = 24
# More than a drawing needs, and what a camera would give: so there are smaller sizes to choose from.
RATE = "1200k"
TITLE_SECONDS = 2.4
FLAKES = 90
WORDS = """WEBVTT

00:00:05.000 --> 00:00:09.000
Three days of snow, and nobody came.

00:00:10.000 --> 00:00:14.500
The fridge hums in B flat, so I sang in B flat.

00:00:16.000 --> 00:00:21.000
Sing as if nobody slept.
"""


def shoot(path: Path, song: Path) -> None:
    """H.264 with a key frame every two seconds, so that it is shown as it is and only its smaller sizes are made."""
    command = [
        get_ffmpeg_exe(), "-nostdin", "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24",
        "-s", f"{SIZE[0]}x{SIZE[1]}", "-r", str(FRAMES_A_SECOND), "-i", "pipe:0", "-i", str(song), "-c:v", "libx264",
        "-preset", "veryfast", "-b:v", RATE, "-minrate", RATE, "-maxrate", RATE, "-bufsize", RATE, "-x264-params",
        "nal-hrd=cbr", "-g", str(FRAMES_A_SECOND * 2), "-sc_threshold", "0", "-threads", "1", "-pix_fmt", "yuv420p",
        "-c:a", "aac", "-b:a", "128k", "-t", str(SECONDS), "-movflags", "+faststart", str(path),
    ]  # fmt: skip
    with subprocess.Popen(command, stdin=subprocess.PIPE) as ffmpeg:
        assert ffmpeg.stdin
        for frame in _frames():
            ffmpeg.stdin.write(frame.tobytes())
    if ffmpeg.returncode != 0:
        raise RuntimeError(f"ffmpeg ended with {ffmpeg.returncode}")


def _frames() -> Iterator[Image.Image]:
    ground = kitchen(WIDER)
    dice = random.Random(3)  # noqa: S311 - snow
    flakes = [(dice.random(), dice.random(), dice.uniform(0.5, 1.6)) for _ in range(FLAKES)]
    for number in range(SECONDS * FRAMES_A_SECOND):
        at = number / FRAMES_A_SECOND
        yield _frame(ground, flakes, at)


def _frame(ground: Image.Image, flakes: list[tuple[float, float, float]], at: float) -> Image.Image:
    frame = ground.copy()
    draw = ImageDraw.Draw(frame)
    left, top, right, bottom = window_of(WIDER)
    for x, y, weight in flakes:
        across = (x + 0.03 * math.sin(at * weight + x * 9)) % 1 * (right - left - 24) + left + 12
        down = (y + at * 0.06 * weight) % 1 * (bottom - top - 24) + top + 12
        draw.ellipse((across, down, across + 2 * weight, down + 2 * weight), fill=PALE)
    _steam(draw, at)
    share = at / SECONDS
    x, y = round((WIDER[0] - SIZE[0]) * share), round((WIDER[1] - SIZE[1]) * (1 - share))
    frame = frame.crop((x, y, x + SIZE[0], y + SIZE[1]))
    return _titled(frame, at) if at < TITLE_SECONDS else frame


def _steam(draw: ImageDraw.ImageDraw, at: float) -> None:
    x, y = WIDER[0] * 0.49, WIDER[1] * 0.69
    for number in range(14):
        drift = math.sin(at * 1.6 + number * 0.55) * (2 + number * 0.7)
        size = 1.5 + number * 0.25
        draw.ellipse(
            (x + drift - size, y - number * 5 - size, x + drift + size, y - number * 5 + size), fill=(118, 96, 98)
        )


def _titled(frame: Image.Image, at: float) -> Image.Image:
    """Dark at the beginning, and the name of the song in it."""
    dark = max(0.0, min(1.0, (TITLE_SECONDS - at) / 0.8))
    shown = Image.blend(frame, Image.new("RGB", SIZE, (8, 10, 24)), dark * 0.8)
    words = Image.new("L", SIZE)
    draw, strength = ImageDraw.Draw(words), int(255 * dark)
    draw.text(
        (SIZE[0] // 2, SIZE[1] // 2 - 14), "The long winter", font=font(58, bold=True), fill=strength, anchor="mm"
    )
    draw.text((SIZE[0] // 2, SIZE[1] // 2 + 46), "first take", font=font(26), fill=strength, anchor="mm")
    return Image.composite(Image.new("RGB", SIZE, WARM), shown, words)
