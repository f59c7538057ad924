"""What ffmpeg is asked for. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from directfanz.backends.transcoder.cmaf import TICKS
from directfanz.backends.transcoder.contract import Facts, Rung
from directfanz.platform_toml.media import Processing

PRESET = "veryfast"
CRF = "22"
HERTZ = 48_000
# The encoder puts this much silence before the sound; so much is cut from its begin, that lips and words stay together.
PRIMING_SAMPLES = 1024
FRAGMENTED = "+cmaf+frag_keyframe+empty_moov+default_base_moof+skip_trailer"
# A seek to a frame's own time may miss it by rounding; half a millisecond before is before it and after the one before.
JUST_BEFORE = 0.0005
PROGRESS = ("-progress", "pipe:1", "-stats_period", "1")
# From the light of HDR (PQ or HLG) to that of common screens.
TONE_MAP = "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv"


def cut(begin: float, end: float | None) -> list[str]:
    """Options of the input that give what lies between two moments."""
    options = ["-ss", f"{begin - JUST_BEFORE:.6f}"] if begin > 0 else []
    if end is not None:
        options += ["-t", f"{end - max(begin, 0):.6f}"]
    return options


def encode(facts: Facts, rungs: Sequence[Rung], rules: Processing, folder: Path, *, with_source: bool) -> list[str]:
    """All rungs from one decoding."""
    outputs = "".join(f"[v{number}]" for number in range(len(rungs)))
    graph = [f"[0:v:0]{_before(facts, rungs[0], rules)}split={len(rungs)}{outputs}"]
    arguments: list[str] = []
    for number, rung in enumerate(rungs):
        graph.append(f"[v{number}]scale={rung.width}:{rung.height},setsar=1,format=yuv420p[r{number}]")
        arguments += [
            "-map",
            f"[r{number}]",
            *_h264(rung, rules, with_source),
            *_as_fragments(folder / f"{rung.name}.mp4"),
        ]
    return ["-filter_complex", ";".join(graph), *arguments, *PROGRESS]


def copy(path: Path) -> list[str]:
    return ["-map", "0:v:0", "-c:v", "copy", *_as_fragments(path), *PROGRESS]


def sound(rules: Processing, path: Path, filters: str = "") -> list[str]:
    chain = f"aresample={HERTZ}:async=1000:first_pts=0{',' + filters if filters else ''},atrim=start_sample={PRIMING_SAMPLES}"
    return [
        "-map", "0:a:0", "-vn", "-af", chain, "-ac", "2", "-ar", str(HERTZ), "-c:a", "aac", "-b:a", f"{rules.audio_kbps}k",
        "-map_metadata", "-1", "-map_chapters", "-1", "-f", "mp4",
        "-movflags", FRAGMENTED.replace("frag_keyframe+", ""), "-frag_duration", str(rules.segment_seconds * 1_000_000),
        str(path), *PROGRESS,
    ]  # fmt: skip


def _before(facts: Facts, best: Rung, rules: Processing) -> str:
    picture = facts.picture
    assert picture is not None
    steps = ""
    if picture.interlaced:
        steps += "bwdif=mode=send_frame,"
    if picture.frames_per_second > rules.frames_per_second_max + 0.5:
        steps += f"fps={rules.frames_per_second_max},"
    if facts.is_hdr:
        steps += f"scale={best.width}:{best.height},{TONE_MAP},format=yuv420p,"
    return steps


def _h264(rung: Rung, rules: Processing, with_source: bool) -> list[str]:
    """Key frames where the source has its own when that is shown too, else at even times."""
    keys = "source" if with_source else f"expr:gte(t,n_forced*{rules.keyframe_seconds})"
    kbps = rung.bits_per_second // 1000
    return [
        "-c:v", "libx264", "-preset", PRESET, "-profile:v", "high", "-crf", CRF, "-maxrate", f"{kbps}k",
        "-bufsize", f"{kbps * 2}k", "-bf", "2", "-g", "9999", "-keyint_min", "1", "-sc_threshold", "0",
        "-force_key_frames", keys, "-threads", str(rules.threads),
    ]  # fmt: skip


def _as_fragments(path: Path) -> list[str]:
    return [
        "-an", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1", "-video_track_timescale", str(TICKS),
        "-f", "mp4", "-movflags", FRAGMENTED, str(path),
    ]  # fmt: skip
