"""Where a film is cut for encoding, and what is remembered of each piece. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec

from directfanz.backends.transcoder.cmaf import Fragment, Opened
from directfanz.backends.transcoder.ffmpeg.program import Packets

# In these a seek lands where it should; of others the whole is one slice.
SEEKABLE = ("mov", "matroska")


class Slice(msgspec.Struct, frozen=True):
    number: int
    begin: float
    end: float | None  # None: to the end of the film


class Piece(msgspec.Struct, frozen=True):
    """One segment that lies in the bucket."""

    path: str
    begins: int  # ticks, in the whole film
    ticks: int
    bytes: int


class Done(msgspec.Struct, frozen=True):
    """What is kept beside the segments of a slice until the whole film is done."""

    order: str  # fingerprint of what was asked: another order does not take these for its own
    codecs: dict[str, str]
    pieces: dict[str, list[Piece]]


def slices_of(packets: Packets, container: str, slice_seconds: int) -> list[Slice]:
    """Cuts at key frames of the source, so that no slice decodes what another one shows."""
    bounds = [packets.first]
    if container.startswith(SEEKABLE):
        for key in packets.keys:
            if key - bounds[-1] >= slice_seconds and packets.end - key >= slice_seconds / 4:
                bounds.append(key)
    ends: list[float | None] = [*bounds[1:], None]
    return [Slice(number, begin, end) for number, (begin, end) in enumerate(zip(bounds, ends, strict=True))]


def gathered(made: Opened, segment_ticks: int, cuts: Sequence[int] = ()) -> list[list[Fragment]]:
    """Fragments in segments of about the length wanted, cut at the same times whatever the rung: a rung that is copied in one piece is
    cut where the slices of the others begin (`cuts`)."""
    groups: list[list[Fragment]] = []
    for fragment in made.fragments:
        last = groups[-1] if groups else None
        if last is None or _is_full(last[0], fragment, segment_ticks, cuts):
            groups.append([fragment])
        else:
            last.append(fragment)
    return groups


def _is_full(first: Fragment, next_one: Fragment, segment_ticks: int, cuts: Sequence[int]) -> bool:
    if next_one.begins + next_one.ticks - first.begins > segment_ticks * 1.05:
        return True
    near = segment_ticks // 1000
    return any(first.begins + near < cut <= next_one.begins + near for cut in cuts)


def timed(pieces: Sequence[Piece]) -> list[tuple[Piece, int]]:
    """Each with its true length: up to where the next one begins, for the last frame of a run only guesses its own."""
    ordered = sorted(pieces, key=lambda piece: piece.begins)
    lengths = [after.begins - piece.begins for piece, after in pairwise(ordered)]
    return list(zip(ordered, [*lengths, ordered[-1].ticks] if ordered else [], strict=True))
