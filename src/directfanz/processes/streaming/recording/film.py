"""The playlists that make a film of a recording: HLS over byte ranges of the files, nothing is copied."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from directfanz.processes.streaming.packaging.hls import AUDIO_GROUP, VERSION, moment
from directfanz.processes.streaming.recording.walker import Entry, Place

# Less is the unrest of clocks.
DRIFTS_SECONDS = 0.5


def playlist(file: str, headers: Sequence[Place], entries: Sequence[Entry]) -> str:
    longest = max((entry.seconds for entry in entries), default=1.0)
    lines = [
        "#EXTM3U", f"#EXT-X-VERSION:{VERSION}", f"#EXT-X-TARGETDURATION:{max(1, ceil(longest))}", "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]  # fmt: skip
    header = -1
    for number, entry in enumerate(entries):
        if entry.is_discontinuity and number:
            lines.append("#EXT-X-DISCONTINUITY")
        if entry.header != header:
            header = entry.header
            place = headers[header]
            lines.append(f'#EXT-X-MAP:URI="{file}",BYTERANGE="{place.length}@{place.offset}"')
            lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{moment(entry.wall)}")
        lines += [f"#EXTINF:{entry.seconds:.5f},", f"#EXT-X-BYTERANGE:{entry.length}@{entry.offset}", file]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def master(codecs: str, width: int, height: int, bandwidth: int, *, has_video: bool, has_audio: bool) -> str:
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{VERSION}", "#EXT-X-INDEPENDENT-SEGMENTS"]
    group = ""
    if has_audio and has_video:
        group = f',AUDIO="{AUDIO_GROUP}"'
        lines.append(
            f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{AUDIO_GROUP}",NAME="Sound",DEFAULT=YES,AUTOSELECT=YES,URI="audio.m3u8"'
        )
    size = f",RESOLUTION={width}x{height}" if has_video else ""
    lines.append(f'#EXT-X-STREAM-INF:BANDWIDTH={max(1, bandwidth)}{size},CODECS="{codecs}"{group}')
    lines.append("source.m3u8" if has_video else "audio.m3u8")
    return "\n".join([*lines, ""])


def seconds_of(entries: Sequence[Entry]) -> float:
    return sum(entry.seconds for entry in entries)


def bandwidth_of(entries: Sequence[Entry]) -> int:
    return int(max((entry.length * 8 / entry.seconds for entry in entries if entry.seconds), default=0))


def timeline_of(entries: Sequence[Entry]) -> list[tuple[int, int]]:
    """From this millisecond of the film on, it was this moment: a point where it begins, and wherever the two part."""
    points: list[tuple[int, int]] = []
    passed, expected = 0.0, float("-inf")
    for entry in entries:
        if abs(entry.wall - expected) > DRIFTS_SECONDS:
            points.append((round(passed * 1000), round(entry.wall * 1000)))
            expected = entry.wall
        passed += entry.seconds
        expected += entry.seconds
    return points
