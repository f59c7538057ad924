"""The last step of a recording: its playlists, its poster, its storyboard."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from directfanz.backends import Backends
from directfanz.domains.live.models import Recording
from directfanz.domains.media.models import Rendition
from directfanz.processes.streaming.encoding.program import ffmpeg
from directfanz.processes.streaming.recording import film
from directfanz.processes.streaming.recording.tape import Tape

if TYPE_CHECKING:
    from directfanz.processes.streaming.recording.recorder import About

PLAYLIST, TYPE = "application/vnd.apple.mpegurl", "video/mp4"
POSTER_AT = 0.1
# One small picture every so many seconds, at most this many in all: a long film gets wider steps.
STORY_SECONDS, STORY_MOST, STORY_ACROSS, STORY_WIDTH, STORY_HEIGHT = 10, 400, 10, 160, 90
POSTER_SECONDS, BOARD_SECONDS = 60, 600
log = logging.getLogger("directfanz.streaming")


async def finish(
    backends: Backends, recording: Recording, about: About, tapes: Mapping[str, Tape], sizes: Mapping[str, int]
) -> list[Rendition]:
    """The playlists first: from then on it plays."""
    bucket = backends.storage.bucket("media")
    used = {name: tape for name, tape in tapes.items() if tape.entries}
    texts = {f"{name}.m3u8": film.playlist(f"{name}.mp4", t.headers, t.entries) for name, t in used.items()}
    codecs = ",".join(about.codecs[name] for name in used if name in about.codecs)
    bandwidth = sum(film.bandwidth_of(tape.entries) for tape in used.values())
    texts["master.m3u8"] = film.master(
        codecs, about.width, about.height, bandwidth, has_video="source" in used, has_audio="audio" in used
    )
    for name, text in texts.items():
        await bucket.put(f"{recording.folder}/{name}", text.encode(), content_type=PLAYLIST)
    made = [
        Rendition(name="master", role="playlist", path="master.m3u8", mime=PLAYLIST, bytes=len(texts["master.m3u8"]))
    ]
    for name, tape in used.items():
        is_video = name == "source"
        made.append(
            Rendition(
                name=name, role="video" if is_video else "audio", path=f"{name}.mp4", mime=TYPE, bytes=sizes.get(name, 0),
                width=about.width if is_video else None, height=about.height if is_video else None,
                bitrate=film.bandwidth_of(tape.entries),
            )
        )  # fmt: skip
    if "source" in used:
        made += await _pictures(backends, recording, used["source"])
    return made


def facts_of(about: About, seconds: float) -> dict[str, Any]:
    facts: dict[str, Any] = {"duration_ms": round(seconds * 1000)}
    if about.width:
        facts |= {"width": about.width, "height": about.height}
    return facts


async def _pictures(backends: Backends, recording: Recording, tape: Tape) -> list[Rendition]:
    """A film without pictures is a film all the same."""
    program = ffmpeg(backends.settings)
    if program is None:
        return []
    seconds = film.seconds_of(tape.entries)
    bucket, made = backends.storage.bucket("media"), []
    with tempfile.TemporaryDirectory(dir=tape.path.parent) as folder:
        for name, kind in (("poster.jpg", "poster"), ("storyboard.jpg", "storyboard")):
            path = Path(folder) / name
            words = _poster(tape, seconds) if kind == "poster" else _storyboard(seconds)
            limit = POSTER_SECONDS if kind == "poster" else BOARD_SECONDS
            if not await _ran([program, "-v", "error", "-nostdin", *words, "-y", str(path)], tape.path, limit):
                continue
            data = await asyncio.to_thread(path.read_bytes)
            await bucket.put(f"{recording.folder}/{name}", data, content_type="image/jpeg")
            made.append(Rendition(name=kind, role=kind, path=name, mime="image/jpeg", bytes=len(data)))  # type: ignore[arg-type]
    if any(each.role == "storyboard" for each in made):
        text = story_track(seconds).encode()
        await bucket.put(f"{recording.folder}/storyboard.vtt", text, content_type="text/vtt")
        made.append(
            Rendition(
                name="storyboard-track", role="storyboard", path="storyboard.vtt", mime="text/vtt", bytes=len(text)
            )
        )
    return made


def _poster(tape: Tape, seconds: float) -> list[str]:
    """The first key frame after a tenth of it. The file's clock does not begin at zero."""
    passed, number = 0.0, 0
    while number < len(tape.entries) - 1 and passed < seconds * POSTER_AT:
        passed += tape.entries[number].seconds
        number += 1
    return [
        "-skip_frame",
        "nokey",
        "-i",
        "{}",
        "-vf",
        f"select=gte(n\\,{number}),scale='min(1280,iw)':-2",
        "-frames:v",
        "1",
        "-q:v",
        "4",
    ]


def story_step(seconds: float) -> float:
    return max(STORY_SECONDS, seconds / STORY_MOST)


def _storyboard(seconds: float) -> list[str]:
    step = story_step(seconds)
    count = max(1, int(seconds / step) + 1)
    rows = -(-count // STORY_ACROSS)
    picked = f"select=isnan(prev_selected_t)+gte(t-prev_selected_t\\,{step - 0.5:.2f})"
    size = f"scale={STORY_WIDTH}:{STORY_HEIGHT}:force_original_aspect_ratio=decrease,pad={STORY_WIDTH}:{STORY_HEIGHT}:-1:-1"
    return ["-skip_frame", "nokey", "-i", "{}", "-vf", f"{picked},{size},tile={STORY_ACROSS}x{rows}", "-fps_mode", "vfr",
            "-frames:v", "1", "-q:v", "5"]  # fmt: skip


def story_track(seconds: float) -> str:
    """Which part of the storyboard shows which moment, as players read it."""
    step, lines = story_step(seconds), ["WEBVTT", ""]
    for number in range(max(1, int(seconds / step) + 1)):
        left, top = number % STORY_ACROSS * STORY_WIDTH, number // STORY_ACROSS * STORY_HEIGHT
        begin, end = number * step, min((number + 1) * step, seconds)
        if end <= begin:
            break
        lines += [
            f"{_clock(begin)} --> {_clock(end)}",
            f"storyboard.jpg#xywh={left},{top},{STORY_WIDTH},{STORY_HEIGHT}",
            "",
        ]
    return "\n".join(lines)


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{int(seconds * 1000) % 1000:03d}"


async def _ran(words: list[str], source: Path, limit_seconds: float) -> bool:
    argv = ["nice", "-n", "10", *(word.replace("{}", str(source)) if word == "{}" else word for word in words)]
    process = await asyncio.create_subprocess_exec(
        *argv, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(limit_seconds):
            _, errors = await process.communicate()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        errors = b"it took too long"
    if process.returncode != 0:
        log.warning("a picture of a recording could not be made: %s", errors.decode("utf-8", "replace")[:300])
    return process.returncode == 0
