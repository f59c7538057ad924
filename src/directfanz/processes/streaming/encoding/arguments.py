"""What ffmpeg is told. It reads FLV on its standard input and writes each rendition as fragmented MP4 into a pipe of its own.

`-copyts` keeps the stream's own time, so an encoder that begins later goes on where the one before it was, beside the source."""

from __future__ import annotations

from collections.abc import Sequence

from directfanz.processes.streaming.encoding.ladder import Rung

FRAGMENT_MICROSECONDS = 200_000
SOUND_KBPS = 128
_HEAD = (
    "-hide_banner", "-nostdin", "-loglevel", "error", "-flags", "low_delay",
    "-probesize", "200000", "-analyzeduration", "500000", "-copyts", "-f", "flv", "-i", "pipe:0",
)  # fmt: skip
_MOV = (
    "-f", "mp4", "-movflags", "+cmaf+frag_keyframe+empty_moov+default_base_moof+skip_trailer+frag_discont",
    "-frag_duration", str(FRAGMENT_MICROSECONDS), "-min_frag_duration", str(FRAGMENT_MICROSECONDS * 9 // 10),
    "-use_editlist", "0", "-flush_packets", "1", "-avoid_negative_ts", "disabled",
)  # fmt: skip


def for_picture(program: str, rungs: Sequence[Rung], pipes: Sequence[int]) -> list[str]:
    splits = "".join(f"[i{rung.name}]" for rung in rungs)
    scaled = ";".join(
        f"[i{rung.name}]scale={_size(rung)}:flags=bilinear,format=yuv420p[v{rung.name}]" for rung in rungs
    )
    words = [program, *_HEAD, "-filter_complex", f"[0:v]split={len(rungs)}{splits};{scaled}"]
    for rung, pipe in zip(rungs, pipes, strict=True):
        rate = f"{rung.kbps}k"
        words += [
            "-map", f"[v{rung.name}]", "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency",
            "-profile:v", "main", "-b:v", rate, "-maxrate", rate, "-bufsize", rate,
            # The source's key frames and no others, so that all renditions can be cut at the same moments.
            "-g", "6000", "-force_key_frames", "source", "-sc_threshold", "0", "-fps_mode", "passthrough",
            "-enc_time_base", "1:90000", "-video_track_timescale", "90000", *_MOV, f"pipe:{pipe}",
        ]  # fmt: skip
    return words


def for_sound(program: str, pipe: int) -> list[str]:
    """Opus as AAC: Safari plays no Opus in HLS."""
    sound = ("-map", "0:a:0", "-c:a", "aac", "-b:a", f"{SOUND_KBPS}k", "-ac", "2")
    return [program, *_HEAD, *sound, *_MOV, f"pipe:{pipe}"]


def _size(rung: Rung) -> str:
    return f"{rung.height}:-2" if rung.is_upright else f"-2:{rung.height}"
