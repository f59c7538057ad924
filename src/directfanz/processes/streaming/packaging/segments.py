"""What a track consists of: segments, each of parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Part(NamedTuple):
    data: bytes
    seconds: float
    is_independent: bool


class Cut(NamedTuple):
    """Where all tracks of a stream end a segment and begin the next: so numbers mean the same moment in each of them."""

    number: int
    time: int  # milliseconds of the stream
    wall: float
    is_discontinuity: bool


class Place(NamedTuple):
    """Where the recording has it."""

    offset: int
    length: int


@dataclass(slots=True)
class Segment:
    number: int
    time: int  # of its first sample, in the track's timescale
    wall: float
    is_discontinuity: bool
    header: int  # which of the track's headers it needs
    parts: list[Part] = field(default_factory=list)
    seconds: float = 0.0
    size: int = 0
    is_done: bool = False
    is_gap: bool = False  # nothing of this track was there
    place: Place | None = None
    is_stored: bool = False  # in the store

    def add(self, part: Part) -> None:
        self.parts.append(part)
        self.seconds += part.seconds
        self.size += len(part.data)
