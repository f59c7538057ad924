"""When something happened, and where that is in the recording: a stream that was interrupted is longer than its recording. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from directfanz.domains.live.models import Recording

KEY = "timeline"


class Timeline:
    def __init__(self, points: list[tuple[int, int]], length_ms: int) -> None:
        """`points`: from this millisecond of the recording on, it was this moment (milliseconds since 1970). In order."""
        self._points = points
        self.length_ms = length_ms

    def place(self, moment: datetime) -> int:
        """In the recording. What happened while nothing was recorded lies where that begins."""
        wall = round(moment.timestamp() * 1000)
        number = bisect_right([each[1] for each in self._points], wall) - 1
        if number < 0:
            return 0
        offset, began = self._points[number]
        next_offset = self._points[number + 1][0] if number + 1 < len(self._points) else self.length_ms
        return min(offset + wall - began, next_offset)

    def moment(self, place_ms: int) -> datetime:
        place_ms = min(max(place_ms, 0), self.length_ms)
        number = max(0, bisect_right([each[0] for each in self._points], place_ms) - 1)
        offset, began = self._points[number]
        return datetime.fromtimestamp(began / 1000, UTC) + timedelta(milliseconds=place_ms - offset)


def of_recording(recording: Recording) -> Timeline:
    return Timeline(
        _points(recording.facts) or [(0, round(recording.began_at.timestamp() * 1000))], recording.duration_ms
    )


def _points(facts: Mapping[str, Any]) -> list[tuple[int, int]]:
    return sorted((int(offset), int(wall)) for offset, wall in facts.get(KEY, []))


def as_vtt(chapters: list[tuple[int, str]], length_ms: int) -> str:
    """WebVTT chapters: each lasts until the next one begins."""
    lines = ["WEBVTT", ""]
    ends = [place for place, _ in chapters[1:]] + [length_ms]
    for (begin, label), end in zip(chapters, ends, strict=True):
        if end > begin:
            lines += [f"{_clock(begin)} --> {_clock(end)}", label.replace("-->", "->"), ""]
    return "\n".join(lines)


def _clock(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:03d}"
