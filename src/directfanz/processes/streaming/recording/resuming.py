"""A track as its tape remembers it."""

from __future__ import annotations

from directfanz.processes.streaming.cmaf.reading import read_header
from directfanz.processes.streaming.packaging.segments import Place, Segment
from directfanz.processes.streaming.packaging.track import Track
from directfanz.processes.streaming.recording.recorder import About
from directfanz.processes.streaming.recording.walker import Walker


def resume(track: Track, walker: Walker, about: About) -> None:
    track.headers = list(walker.header_bytes)
    track.timescale = read_header(track.headers[-1]).timescale
    track.codecs = about.codecs.get(track.name, "")
    if track.is_video:
        track.width, track.height = about.width, about.height
    segments: list[Segment] = []
    for entry in walker.entries:
        while segments and segments[-1].number + 1 < entry.number:
            segments.append(_missed(segments[-1], track.timescale))
        segment = Segment(entry.number, entry.time, entry.wall, entry.is_discontinuity, entry.header)
        segment.seconds, segment.size, segment.is_done = entry.seconds, entry.length, True
        segment.place = Place(entry.offset, entry.length)
        segments.append(segment)
    track.resume(segments)


def _missed(before: Segment, timescale: int) -> Segment:
    """Nothing of this track was there; the numbers stay true."""
    time = before.time + int(before.seconds * timescale)
    missed = Segment(before.number + 1, time, before.wall + before.seconds, False, before.header)
    missed.seconds, missed.is_done, missed.is_gap = before.seconds, True, True
    return missed
