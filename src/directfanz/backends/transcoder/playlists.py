"""HLS playlists of what was made. No I/O."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

VERSION = 7
SOUND_GROUP = "sound"


class Segment(msgspec.Struct, frozen=True):
    path: str  # beside its playlist
    seconds: float
    bytes: int


class Track(msgspec.Struct, frozen=True, kw_only=True):
    """One rendition, whole."""

    name: str
    codec: str
    segments: list[Segment]
    width: int = 0
    height: int = 0
    frames_per_second: float = 0

    @property
    def bytes(self) -> int:
        return sum(segment.bytes for segment in self.segments)

    @property
    def seconds(self) -> float:
        return sum(segment.seconds for segment in self.segments)

    @property
    def peak(self) -> int:
        """Bits per second of the heaviest segment; one too short to tell counts as a whole second."""
        return max((round(8 * each.bytes / max(each.seconds, 1.0)) for each in self.segments), default=0)

    @property
    def average(self) -> int:
        return round(8 * self.bytes / max(self.seconds, 0.1))


def media_playlist(track: Track) -> str:
    longest = max((segment.seconds for segment in track.segments), default=0)
    lines = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{VERSION}",
        f"#EXT-X-TARGETDURATION:{max(1, math.ceil(longest))}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        '#EXT-X-MAP:URI="init.mp4"',
    ]
    for segment in track.segments:
        lines += [f"#EXTINF:{segment.seconds:.5f},", segment.path]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def main_playlist(tracks: Sequence[Track], sound: Track | None) -> str:
    """The best first is not the one to begin with: players take the first, so a middle one leads."""
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{VERSION}", "#EXT-X-INDEPENDENT-SEGMENTS"]
    if sound is not None and tracks:
        lines.append(
            f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{SOUND_GROUP}",NAME="Sound",DEFAULT=YES,AUTOSELECT=YES,'
            f'CHANNELS="2",URI="{sound.name}/index.m3u8"'
        )
    if sound is not None and not tracks:
        lines += [
            f'#EXT-X-STREAM-INF:BANDWIDTH={sound.peak},AVERAGE-BANDWIDTH={sound.average},CODECS="{sound.codec}"',
            f"{sound.name}/index.m3u8",
        ]
    for track in _middle_first(tracks):
        lines += [_stream(track, sound), f"{track.name}/index.m3u8"]
    return "\n".join([*lines, ""])


def _stream(track: Track, sound: Track | None) -> str:
    peak, average = track.peak, track.average
    codecs = track.codec
    if sound is not None:
        peak, average, codecs = peak + sound.peak, average + sound.average, f"{codecs},{sound.codec}"
    said = (
        f"#EXT-X-STREAM-INF:BANDWIDTH={peak},AVERAGE-BANDWIDTH={average},RESOLUTION={track.width}x{track.height},"
        f'FRAME-RATE={track.frames_per_second:.3f},CODECS="{codecs}"'
    )
    return f'{said},AUDIO="{SOUND_GROUP}"' if sound is not None else said


def _middle_first(tracks: Sequence[Track]) -> list[Track]:
    middle = next((track for track in tracks if min(track.width, track.height) <= 480), None)
    return [middle, *(track for track in tracks if track is not middle)] if middle else list(tracks)
