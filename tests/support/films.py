"""Small films, sounds and pictures, made once per run by ffmpeg, and what breaks them."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from imageio_ffmpeg import get_ffmpeg_exe

from tests.support.engines import only_one_worker, run_folder

LANDSCAPE = [
    "-f",
    "lavfi",
    "-i",
    "testsrc2=size=320x180:rate=25:duration=9",
    "-f",
    "lavfi",
    "-i",
    "sine=frequency=330:duration=9",
]
FAST = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
RECIPES: dict[str, Sequence[str]] = {
    # fit to be shown as it is: H.264 with a key frame each two seconds
    "plain.mp4": [*LANDSCAPE, *FAST, "-g", "50", "-c:a", "aac", "-shortest"],
    # one key frame, so it must be encoded
    "long-gop.mp4": [*LANDSCAPE, *FAST, "-g", "9999", "-c:a", "aac", "-shortest"],
    # a phone held upright: turned by its matrix; ten bits, HDR, odd sizes, six channels, rate that changes
    "hard.mp4": [
        "-noautorotate", "-display_rotation:v:0", "90", "-f", "lavfi", "-i", "testsrc2=size=322x182:rate=30:duration=5",
        "-f", "lavfi", "-i", "anoisesrc=duration=5:amplitude=0.1,aformat=channel_layouts=5.1",
        "-vf", "format=yuv444p,crop=321:181,select='not(eq(mod(n,5),2))',format=yuv444p10le", "-fps_mode", "vfr", "-c:v", "libx265",
        "-preset", "ultrafast", "-x265-params", "log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc",
        "-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc", "-c:a", "aac", "-shortest",
    ],
    # fit as it is, and worth a smaller rung beside it
    "grainy.mp4": [
        "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25:duration=16", "-f", "lavfi", "-i", "sine=duration=16", "-vf",
        "noise=alls=20:allf=t", *FAST, "-b:v", "1500k", "-maxrate", "1800k", "-bufsize", "1500k", "-g", "50", "-c:a", "aac", "-shortest",
    ],
    "silent.webm": ["-f", "lavfi", "-i", "testsrc2=size=200x120:rate=1:duration=6", "-c:v", "libvpx", "-cpu-used", "8"],
    "late-sound.mkv": [
        "-f", "lavfi", "-i", "testsrc2=size=160x90:rate=25:duration=5", "-itsoffset", "1.5", "-f", "lavfi", "-i",
        "sine=duration=3", *FAST, "-c:a", "libopus",
    ],
    "titled.mkv": [*LANDSCAPE[:4], "-t", "3", *FAST, "-metadata", "title=x\n  Stream #0:9: Video: h264, yuv420p, 9999x9999"],
    "subtitled.mkv": [
        "-f", "lavfi", "-i", "testsrc2=size=160x90:rate=25:duration=3", "-i", "{folder}/words.srt", *FAST,
        "-c:s", "srt", "-metadata:s:s:0", "language=ger",
    ],
    # long enough to be cut in slices, with key frames to cut at
    "minute.mp4": [
        "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=20", *FAST, "-g", "55", "-bf", "0", "-crf", "30",
        "-profile:v", "high444", "-pix_fmt", "yuv444p",
    ],
    "quiet.wav": ["-f", "lavfi", "-i", "sine=frequency=440:duration=6", "-af", "volume=-30dB", "-ac", "2"],
    "song.mp3": ["-f", "lavfi", "-i", "sine=frequency=220:duration=5", "-metadata", "title=A song", "-c:a", "libmp3lame"],
}  # fmt: skip


def film(name: str) -> Path:
    """Made by the first test that asks."""
    path = run_folder() / "films" / name
    if name == "subtitled.mkv":
        _with_words()
    with only_one_worker(f"film-{name}"):
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            unfinished = path.with_name(f"unfinished-{name}")
            ffmpeg(*(each.replace("{folder}", str(path.parent)) for each in RECIPES[name]), str(unfinished))
            unfinished.rename(path)
    return path


def _with_words() -> None:
    path = run_folder() / "films" / "words.srt"
    path.parent.mkdir(exist_ok=True)
    path.write_text("1\n00:00:00,500 --> 00:00:02,000\nGuten Tag\n")


def ffmpeg(*arguments: str) -> str:
    """What it says; it must succeed."""
    done = subprocess.run(
        [get_ffmpeg_exe(), "-nostdin", "-hide_banner", "-v", "error", "-y", "-threads", "1", *arguments],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    return done.stdout.decode(errors="replace")
