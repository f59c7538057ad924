"""What HLS and LL-HLS players read. No I/O; who serves it keeps each text until its track changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice
from math import ceil

from directfanz.processes.streaming.packaging.segments import Segment
from directfanz.processes.streaming.packaging.track import KEPT_WITH_PARTS, Track

VERSION = 9
PARTS_HELD_BACK = 3
SKIP_TARGETS = 6
AUDIO_GROUP = "sound"


class Media:
    """The playlist of one track. `low_latency`: with parts, and players may wait for the next one."""

    def __init__(self, track: Track, segment_seconds: float, *, low_latency: bool, window: int | None = None) -> None:
        """`window`: the newest so many segments; None for all that are there."""
        self.track = track
        self.low_latency = low_latency
        self.target = max(ceil(segment_seconds), ceil(track.longest_segment - 0.001), 1)
        self.part_target = max(track.part_seconds, track.longest_part)
        there = [s for s in track.segments if s.is_done or low_latency]
        self.segments = there if window is None else there[-window:]

    def text(self, *, skip: bool = False) -> str:
        return "\n".join([*self._head(), *self._body(skip), *self._tail()]) + "\n"

    def _head(self) -> Iterable[str]:
        yield "#EXTM3U"
        yield f"#EXT-X-VERSION:{VERSION}"
        yield f"#EXT-X-TARGETDURATION:{self.target}"
        yield "#EXT-X-INDEPENDENT-SEGMENTS"
        control = [f"HOLD-BACK={3 * self.target}"]
        if self.low_latency:
            back = max(PARTS_HELD_BACK * self.part_target, 1.0)
            control = ["CAN-BLOCK-RELOAD=YES", f"PART-HOLD-BACK={back:.3f}", *control]
        if len(self.segments) > SKIP_TARGETS * 2:
            control.append(f"CAN-SKIP-UNTIL={SKIP_TARGETS * self.target}")
        yield f"#EXT-X-SERVER-CONTROL:{','.join(control)}"
        if self.low_latency:
            yield f"#EXT-X-PART-INF:PART-TARGET={self.part_target:.5f}"
        first = self.segments[0] if self.segments else None
        yield f"#EXT-X-MEDIA-SEQUENCE:{first.number if first else 0}"
        gone = self.track.discontinuities_gone
        if first is not None:
            gone += sum(s.is_discontinuity for s in self.track.segments if s.number < first.number)
        yield f"#EXT-X-DISCONTINUITY-SEQUENCE:{gone}"

    def _body(self, skip: bool) -> Iterable[str]:
        left_out = self._skippable() if skip else 0
        if left_out:
            yield f"#EXT-X-SKIP:SKIPPED-SEGMENTS={left_out}"
        header = None if not left_out else self.segments[left_out - 1].header
        edge = self.segments[-1].number if self.segments else 0
        for segment in islice(self.segments, left_out, None):
            if segment.is_discontinuity:
                yield "#EXT-X-DISCONTINUITY"
            if segment.header != header:
                header = segment.header
                yield f'#EXT-X-MAP:URI="{self.track.name}/init-{header}.mp4"'
            yield from self._segment(segment, with_parts=segment.number > edge - KEPT_WITH_PARTS)

    def _skippable(self) -> int:
        """Older than SKIP_TARGETS target durations: whoever asks with a skip has them."""
        behind, count = 0.0, len(self.segments)
        while count and behind < SKIP_TARGETS * self.target:
            count -= 1
            behind += self.segments[count].seconds
        return count

    def _segment(self, segment: Segment, *, with_parts: bool) -> Iterable[str]:
        name = f"{self.track.name}/{segment.number}"
        yield f"#EXT-X-PROGRAM-DATE-TIME:{moment(segment.wall)}"
        if self.low_latency and with_parts:
            for number, part in enumerate(segment.parts):
                independent = ",INDEPENDENT=YES" if part.is_independent else ""
                yield f'#EXT-X-PART:DURATION={part.seconds:.5f},URI="{name}.{number}.m4s"{independent}'
        if segment.is_done:
            if segment.is_gap:
                yield "#EXT-X-GAP"
            yield f"#EXTINF:{segment.seconds:.5f},"
            yield f"{name}.m4s"

    def _tail(self) -> Iterable[str]:
        if self.track.is_ended:
            yield "#EXT-X-ENDLIST"
        elif self.low_latency and self.segments:
            current = self.segments[-1]
            number, part = (current.number + 1, 0) if current.is_done else (current.number, len(current.parts))
            yield f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{self.track.name}/{number}.{part}.m4s"'


def multivariant(videos: Iterable[Track], audio: Track | None, suffix: str = ".m3u8") -> str:
    """The first thing a player reads. Sound is a rendition of its own, shared by all pictures."""
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{VERSION}", "#EXT-X-INDEPENDENT-SEGMENTS"]
    sound = 0
    if audio is not None:
        sound = audio.bandwidth
        lines.append(
            f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{AUDIO_GROUP}",NAME="Sound",DEFAULT=YES,AUTOSELECT=YES,'
            f'CHANNELS="2",URI="{audio.name}{suffix}"'
        )
    shown = 0
    for track in videos:
        shown += 1
        codecs = track.codecs if audio is None else f"{track.codecs},{audio.codecs}"
        group = "" if audio is None else f',AUDIO="{AUDIO_GROUP}"'
        bandwidth = max(1, track.bandwidth + sound)
        size = f",RESOLUTION={track.width}x{track.height}" if track.width else ""
        lines += [f'#EXT-X-STREAM-INF:BANDWIDTH={bandwidth}{size},CODECS="{codecs}"{group}', f"{track.name}{suffix}"]
    if audio is not None and not shown:
        lines += [
            f'#EXT-X-STREAM-INF:BANDWIDTH={max(1, sound)},CODECS="{audio.codecs}",AUDIO="{AUDIO_GROUP}"',
            f"{audio.name}{suffix}",
        ]
    return "\n".join(lines) + "\n"


def moment(wall: float) -> str:
    return datetime.fromtimestamp(wall, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
