"""One rendition: frames in; parts, segments and what a playlist says of them out. No I/O.

All tracks of a stream are told where to cut (`Cut`), so a segment's number means the same moment in each. A track follows at its first
sample that is at that moment and can be decoded by itself. What it missed altogether becomes a gap, so that the numbers stay true.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Literal

from directfanz.processes.streaming.cmaf.fragment import Sample, fragment, numbered, segment_head
from directfanz.processes.streaming.packaging.segments import Cut, Part, Segment

Kind = Literal["video", "audio"]
# A sample this close to where it is expected is there: clocks count in milliseconds.
NEAR_SECONDS = 0.02
RESYNC_SECONDS = 0.05
KEPT_WITH_PARTS = 3  # Apple's players want the parts of the last three segments


class Track:
    def __init__(self, name: str, kind: Kind, part_seconds: float) -> None:
        self.name = name
        self.kind = kind
        self.part_seconds = part_seconds
        self.timescale = 0
        self.headers: list[bytes] = []
        self.codecs = ""
        self.width = self.height = 0
        self.expected_bandwidth = 0  # of an encoder that was told how much to spend
        self.segments: deque[Segment] = deque()
        self.discontinuities_gone = 0
        self.longest_part = self.longest_segment = 0.0
        self.bytes_done, self.seconds_done = 0, 0.0
        self.version = 0
        self.is_ended = False
        self.on_part: list[Callable[[Track], None]] = []
        self.on_segment: list[Callable[[Track, Segment], None]] = []
        self._cuts: deque[Cut] = deque()
        self._open: list[Sample] = []
        self._pending: Sample | None = None
        self._end = 0
        self._part_units = 0.0  # a part that is as long as this is long enough

    # --- asked --------------------------------------------------------------------------------------------------------

    @property
    def is_video(self) -> bool:
        return self.kind == "video"

    @property
    def current(self) -> Segment | None:
        return self.segments[-1] if self.segments and not self.segments[-1].is_done else None

    @property
    def end(self) -> int:
        """Behind the last sample that was taken, in the timescale."""
        return self._end

    @property
    def waits_since(self) -> int | None:
        """The stream's time at which the segment that is being made began; what an encoder that starts again needs."""
        current = self.current
        return None if current is None else current.time * 1000 // self.timescale

    @property
    def bandwidth(self) -> int:
        """Bits a second, at the most of any segment."""
        seen = [s.size * 8 / s.seconds for s in self.segments if s.is_done and s.seconds > 0 and s.size]
        current = self.current
        if current is not None and current.seconds > 0:
            seen.append(current.size * 8 / current.seconds)
        return int(max(seen, default=self.expected_bandwidth))

    def find(self, number: int) -> Segment | None:
        if not self.segments or not self.segments[0].number <= number <= self.segments[-1].number:
            return None
        return self.segments[number - self.segments[0].number]

    def has(self, number: int, part: int | None) -> bool:
        """Whether that part, or with None that whole segment, is there."""
        if not self.segments:
            return False
        newest = self.segments[-1]
        if newest.number > number:
            return True
        if newest.number < number:
            return False
        return newest.is_done or (part is not None and len(newest.parts) > part)

    # --- told ---------------------------------------------------------------------------------------------------------

    def begin(self, header: bytes, timescale: int, codecs: str, width: int = 0, height: int = 0) -> None:
        """What decoders need from here on; the same again changes nothing."""
        if self.headers and self.headers[-1] == header:
            return
        if self.timescale and timescale != self.timescale:
            self._end = self._end * timescale // self.timescale
        self.headers.append(header)
        self.timescale, self.codecs, self.width, self.height = timescale, codecs, width, height
        self._part_units = (self.part_seconds - NEAR_SECONDS / 2) * timescale

    def cut(self, cut: Cut) -> None:
        self._cuts.append(cut)

    def add(self, time: int, is_sync: bool, composition: int, data: bytes, duration: int = 0) -> None:
        """`time` in the timescale. Without a duration, the next sample's time gives it."""
        time = self._placed(time, duration)
        if time < 0:
            return
        if self._pending is not None:
            self._settle(time)
        if self._cuts and is_sync and self._due(time):
            self._next_segment(time)
        elif not self.segments or self.segments[-1].is_done:
            return
        elif self._open and time - self._open[0].time >= self._part_units:
            self._flush()
        sample = Sample(time, duration, is_sync, composition, data)
        if duration:
            self._open.append(sample)
            self._end = time + duration
        else:
            self._pending = sample
            self._end = max(self._end, time)

    def interrupt(self) -> None:
        """What follows may repeat what is there; it goes on where this ends."""
        self._settle(None)

    def break_off(self) -> None:
        """The publisher is gone, or its clock jumped: what is open is closed, and nothing is taken until the next cut."""
        self._settle(None)
        self._finish()

    def finish(self) -> None:
        """Nothing follows."""
        self.break_off()
        self.is_ended = True
        self._changed()

    def forget_before(self, number: int) -> None:
        """Segments that fall out of the window."""
        while self.segments and self.segments[0].number < number and self.segments[0].is_done:
            self.discontinuities_gone += self.segments.popleft().is_discontinuity

    def resume(self, segments: list[Segment]) -> None:
        """After a restart: what the recording holds."""
        self.segments.extend(segments)
        for segment in segments:
            self._count(segment)
        if segments:
            last = segments[-1]
            self._end = last.time + int(last.seconds * self.timescale)

    # --- inside -------------------------------------------------------------------------------------------------------

    def _placed(self, time: int, duration: int) -> int:
        """Sound follows sound without a seam: its packets say how long they are better than timestamps in milliseconds do.
        Negative for what is there already."""
        if self._pending is not None and time <= self._pending.time:
            time = self._pending.time + 1
        if not duration:
            # The last sample before an interruption had to guess how long it lasts.
            near = NEAR_SECONDS / 2 * self.timescale if self._pending is None else 0
            return max(time, self._end) if time >= self._end - near or self._pending is not None else -1
        ahead = time - self._end
        if abs(ahead) <= RESYNC_SECONDS * self.timescale and self._end:
            return self._end
        return time if ahead > 0 or not self._end else -1

    def _due(self, time: int) -> bool:
        near = int(NEAR_SECONDS * self.timescale)
        return time + near >= self._cuts[0].time * self.timescale // 1000

    def _settle(self, time: int | None) -> None:
        """The sample before gets its duration: up to this one, or as long as the one before it."""
        pending, self._pending = self._pending, None
        if pending is None:
            return
        like_before = self._open[-1].duration if self._open else self.timescale // 30
        duration = like_before if time is None else time - pending.time
        duration = max(1, duration)
        self._open.append(Sample(pending.time, duration, pending.is_sync, pending.composition, pending.data))
        self._end = pending.time + duration

    def _next_segment(self, time: int) -> None:
        self._finish()
        cut = self._cuts.popleft()
        near = int(NEAR_SECONDS * self.timescale)
        while self._cuts and time + near >= self._cuts[0].time * self.timescale // 1000:
            following = self._cuts[0]
            self._gap(cut, (following.time - cut.time) / 1000)
            cut = self._cuts.popleft()
        wall = cut.wall + time / self.timescale - cut.time / 1000
        self.segments.append(Segment(cut.number, time, wall, cut.is_discontinuity, len(self.headers) - 1))

    def _gap(self, cut: Cut, seconds: float) -> None:
        if not self.segments:
            return
        missed = Segment(
            cut.number, cut.time * self.timescale // 1000, cut.wall, cut.is_discontinuity, len(self.headers) - 1
        )
        missed.seconds, missed.is_done, missed.is_gap = seconds, True, True
        self.segments.append(missed)

    def _flush(self) -> None:
        samples, self._open = self._open, []
        current = self.current
        if not samples or current is None:
            return
        data = fragment(numbered(current.number, len(current.parts)), samples)
        if not current.parts:
            data = segment_head(samples[0].time, current.wall) + data
        seconds = sum(sample.duration for sample in samples) / self.timescale
        current.add(Part(data, seconds, samples[0].is_sync))
        self.longest_part = max(self.longest_part, seconds)
        self._changed()

    def _finish(self) -> None:
        self._flush()
        current = self.current
        if current is None:
            return
        if not current.parts:
            self.segments.pop()
            return
        current.is_done = True
        self._count(current)
        self._changed()
        for told in self.on_segment:
            told(self, current)

    def _count(self, segment: Segment) -> None:
        self.longest_segment = max(self.longest_segment, segment.seconds)
        self.bytes_done += segment.size
        self.seconds_done += segment.seconds

    def _changed(self) -> None:
        self.version += 1
        for told in self.on_part:
            told(self)
