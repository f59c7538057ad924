"""What DASH players read: the same segments once more. A discontinuity begins a new period."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from math import ceil
from xml.sax.saxutils import quoteattr

from directfanz.processes.streaming.packaging.hls import moment
from directfanz.processes.streaming.packaging.segments import Segment
from directfanz.processes.streaming.packaging.track import Track

PROFILE = "urn:mpeg:dash:profile:isoff-live:2011"
SEGMENTS_BEHIND = 3


def manifest(tracks: Sequence[Track], segment_seconds: float, began: float, now: float, window: int) -> str:
    """`began`: the moment from which all times of the manifest are counted."""
    shown = [(track, _without_gap([s for s in track.segments if s.is_done][-window:])) for track in tracks]
    shown = [(track, segments) for track, segments in shown if segments]
    longest = max((track.longest_segment for track, _ in shown), default=segment_seconds)
    over = all(track.is_ended for track in tracks)
    depth = max((sum(s.seconds for s in segments) for _, segments in shown), default=0.0)
    attributes = {
        "xmlns": "urn:mpeg:dash:schema:mpd:2011",
        "profiles": PROFILE,
        "type": "dynamic",
        "availabilityStartTime": moment(began),
        "publishTime": moment(now),
        "minBufferTime": f"PT{segment_seconds}S",
        "maxSegmentDuration": f"PT{ceil(longest)}S",
        "timeShiftBufferDepth": f"PT{depth:.1f}S",
        "suggestedPresentationDelay": f"PT{SEGMENTS_BEHIND * segment_seconds}S",
    }
    if over:
        end = max((s.wall + s.seconds for _, segments in shown for s in segments[-1:]), default=began)
        attributes["mediaPresentationDuration"] = f"PT{end - began:.3f}S"
    else:
        attributes["minimumUpdatePeriod"] = f"PT{segment_seconds}S"
    head = " ".join(f"{name}={quoteattr(value)}" for name, value in attributes.items())
    time = f'<UTCTiming schemeIdUri="urn:mpeg:dash:utc:direct:2014" value="{moment(now)}"/>'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<MPD {head}>{"".join(_periods(shown, began))}{time}</MPD>\n'


def _without_gap(segments: list[Segment]) -> list[Segment]:
    """Numbers follow each other in a timeline, so what comes before a gap cannot be told."""
    for at in range(len(segments) - 1, -1, -1):
        if segments[at].is_gap:
            return segments[at + 1 :]
    return segments


def _periods(shown: Sequence[tuple[Track, list[Segment]]], began: float) -> Iterable[str]:
    """Each between two discontinuities. The count of those before it is its name, the same for all tracks."""
    pieces: dict[int, list[tuple[Track, list[Segment]]]] = {}
    for track, segments in shown:
        count = track.discontinuities_gone + sum(
            s.is_discontinuity for s in track.segments if s.number < segments[0].number
        )
        for segment in segments:
            count += segment.is_discontinuity
            there = pieces.setdefault(count, [])
            if not there or there[-1][0] is not track:
                there.append((track, []))
            there[-1][1].append(segment)
    for number in sorted(pieces):
        yield _period(number, pieces[number], began)


def _period(number: int, pieces: Sequence[tuple[Track, list[Segment]]], began: float) -> str:
    first = min(segments[0].wall for _, segments in pieces)
    sets = []
    for kind, group in groupby(sorted(pieces, key=lambda piece: piece[0].kind), key=lambda piece: piece[0].kind):
        members = "".join(_representation(track, segments, first) for track, segments in group)
        described = f'contentType="{kind}" mimeType="{kind}/mp4" segmentAlignment="true" startWithSAP="1"'
        sets.append(f"<AdaptationSet {described}>{members}</AdaptationSet>")
    return f'<Period id="{number}" start="PT{max(0.0, first - began):.3f}S">{"".join(sets)}</Period>'


def _representation(track: Track, segments: Sequence[Segment], period: float) -> str:
    scale, first = track.timescale, segments[0]
    offset = round(first.time - (first.wall - period) * scale)
    line = "".join(f'<S t="{s.time}" d="{round(s.seconds * scale)}"/>' for s in segments)
    size = f' width="{track.width}" height="{track.height}"' if track.width else ""
    template = (
        f'<SegmentTemplate timescale="{scale}" presentationTimeOffset="{max(0, offset)}" startNumber="{first.number}" '
        f'initialization="$RepresentationID$/init-{first.header}.mp4" media="$RepresentationID$/$Number$.m4s">'
        f"<SegmentTimeline>{line}</SegmentTimeline></SegmentTemplate>"
    )
    described = f'id="{track.name}" codecs="{track.codecs}" bandwidth="{max(1, track.bandwidth)}"{size}'
    return f"<Representation {described}>{template}</Representation>"
