"""Reads a recording back box by box, as it comes: from the disk after a crash, or from the store when the machine is lost. No I/O.

The file needs no index beside it: `styp` begins a segment, `prft` says when that was, `mfhd` which one, and new headers stand where
they hold from. What is cut off at the end is left out."""

from __future__ import annotations

from typing import NamedTuple

from directfanz.processes.streaming.cmaf.fragment import PARTS_PER_SEGMENT
from directfanz.processes.streaming.cmaf.reading import read_header, read_moment, read_moof

MAX_BOX_BYTES = 1 << 20  # of those that are read; the frames are skipped


class Entry(NamedTuple):
    """A segment in the file."""

    number: int
    offset: int
    length: int
    time: int  # in the timescale
    seconds: float
    wall: float
    header: int
    is_discontinuity: bool


class Place(NamedTuple):
    offset: int
    length: int


class Walker:
    def __init__(self) -> None:
        self.headers: list[Place] = []
        self.header_bytes: list[bytes] = []
        self.entries: list[Entry] = []
        self.end = 0  # behind the last whole segment or header
        self._buffer = bytearray()
        self._at = 0
        self._skip = 0
        self._kind = b""
        self._timescale = 1
        self._open: Entry | None = None
        self._whole: Entry | None = None  # as far as its frames are there

    def feed(self, data: bytes) -> None:
        """ValueError for what no recording holds."""
        if self._skip:
            passed = min(self._skip, len(data))
            self._skip -= passed
            self._at += passed
            data = data[passed:]
            self._passed_frames()
        self._buffer += data
        while len(self._buffer) >= 8 and not self._skip:
            size, kind = int.from_bytes(self._buffer[:4], "big"), bytes(self._buffer[4:8])
            if size < 8:
                raise ValueError("a box that does not fit")
            if kind == b"mdat":
                passed = min(size, len(self._buffer))
                del self._buffer[:passed]
                self._at += passed
                self._skip = size - passed
                self._passed_frames()
                continue
            if size > MAX_BOX_BYTES:
                raise ValueError("a box that is too large")
            if len(self._buffer) < size:
                return
            box = bytes(self._buffer[:size])
            del self._buffer[:size]
            self._box(kind, box)
            self._at += size

    def finish(self) -> None:
        """Nothing of use follows: of the last segment the parts that are whole count."""
        self._close()

    def _passed_frames(self) -> None:
        if not self._skip and self._open is not None:
            self._open = self._whole = self._open._replace(length=self._at - self._open.offset)

    def _box(self, kind: bytes, box: bytes) -> None:
        if kind in (b"ftyp", b"styp"):
            self._close()
        if kind == b"ftyp":
            self._kind = box
        elif kind == b"moov":
            whole = self._kind + box
            self.headers.append(Place(self._at - len(self._kind), len(whole)))
            self.header_bytes.append(whole)
            self._timescale = read_header(whole).timescale
            self.end = self._at + len(box)
        elif kind == b"styp":
            new = bool(self.entries) and self.entries[-1].header != len(self.headers) - 1
            self._open = Entry(-1, self._at, 0, 0, 0.0, 0.0, len(self.headers) - 1, new)
        elif kind == b"prft" and self._open is not None:
            self._open = self._open._replace(wall=read_moment(box, 8))
        elif kind == b"moof" and self._open is not None:
            self._fragment(self._open, box)

    def _fragment(self, entry: Entry, box: bytes) -> None:
        moof = read_moof(box, 8, len(box))
        seconds = entry.seconds + moof.duration / self._timescale
        if entry.number < 0:
            entry = entry._replace(number=moof.number // PARTS_PER_SEGMENT, time=moof.time)
        self._open = entry._replace(seconds=seconds)

    def _close(self) -> None:
        entry, self._open, self._whole = self._whole, None, None
        if entry is not None and entry.number >= 0:
            self.entries.append(entry)
            self.end = entry.offset + entry.length
