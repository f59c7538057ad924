"""Reads and writes the playlists of what is cut out of a stream. No I/O.

A live playlist names a file per segment, that of a recording names stretches of one file; both say when a segment was.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import NamedTuple

VERSION = 9
AUDIO_GROUP = "sound"


class Piece(NamedTuple):
    """Some bytes of a file; `length` 0 is all of it."""

    uri: str
    offset: int = 0
    length: int = 0


class Segment(NamedTuple):
    header: Piece
    media: Piece
    seconds: float
    at: datetime

    @property
    def ends(self) -> datetime:
        return self.at + timedelta(seconds=self.seconds)


class Place(NamedTuple):
    """Where something lies in the file that was made."""

    offset: int
    length: int


def read(text: str) -> list[Segment]:
    """ValueError for what is no playlist, or one that does not say when it was."""
    found: list[Segment] = []
    header, seconds, at, place = None, 0.0, None, (0, 0)
    for line in text.splitlines():
        name, _, rest = line.partition(":")
        if name == "#EXT-X-MAP":
            said = _attributes(rest)
            header = Piece(said["URI"], *_range(said.get("BYTERANGE", "")))
        elif name == "#EXT-X-PROGRAM-DATE-TIME":
            at = datetime.fromisoformat(rest)
        elif name == "#EXTINF":
            seconds = float(rest.partition(",")[0])
        elif name == "#EXT-X-BYTERANGE":
            place = _range(rest)
        elif line and not line.startswith("#"):
            if header is None or at is None:
                raise ValueError("a segment without a header or a moment")
            found.append(Segment(header, Piece(line, *place), seconds, at))
            at, place = at + timedelta(seconds=seconds), (0, 0)
    return found


def between(segments: Sequence[Segment], begin: datetime, end: datetime) -> list[Segment]:
    """Whole segments: nothing is encoded anew, so a cut lies where a key frame is."""
    return [each for each in segments if each.ends > begin and each.at < end]


def written(file: str, segments: Sequence[Segment], headers: Sequence[Place], media: Sequence[Place]) -> str:
    """`headers` and `media`: where each segment's own header (the same again where it is the same) and its frames lie in `file`."""
    lines = [
        "#EXTM3U", f"#EXT-X-VERSION:{VERSION}",
        f"#EXT-X-TARGETDURATION:{max(1, ceil(max((each.seconds for each in segments), default=1)))}",
        "#EXT-X-PLAYLIST-TYPE:VOD", "#EXT-X-INDEPENDENT-SEGMENTS",
    ]  # fmt: skip
    before = None
    for segment, header, place in zip(segments, headers, media, strict=True):
        if header != before:
            lines += [] if before is None else ["#EXT-X-DISCONTINUITY"]
            lines.append(f'#EXT-X-MAP:URI="{file}",BYTERANGE="{header.length}@{header.offset}"')
            before = header
        lines += [f"#EXTINF:{segment.seconds:.5f},", f"#EXT-X-BYTERANGE:{place.length}@{place.offset}", file]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def master(said: str, names: Sequence[str]) -> str:
    """Of what the stream's own one says, the line of the source; its parts are called as before."""
    lines = said.splitlines()
    about = next((each for each in lines if each.startswith("#EXT-X-STREAM-INF:")), "#EXT-X-STREAM-INF:BANDWIDTH=1")
    kept = ["#EXTM3U", f"#EXT-X-VERSION:{VERSION}", "#EXT-X-INDEPENDENT-SEGMENTS"]
    if len(names) > 1:
        kept.append(
            f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{AUDIO_GROUP}",NAME="Sound",DEFAULT=YES,AUTOSELECT=YES,URI="{names[1]}.m3u8"'
        )
    return "\n".join([*kept, about, f"{names[0]}.m3u8", ""])


def _range(text: str) -> tuple[int, int]:
    length, _, offset = text.strip('"').partition("@")
    return (int(offset), int(length)) if length else (0, 0)


def _attributes(text: str) -> dict[str, str]:
    """Of a tag of ours: no comma stands in a quoted value."""
    pairs = (each.partition("=") for each in text.split(","))
    return {name: value.strip('"') for name, _, value in pairs}
