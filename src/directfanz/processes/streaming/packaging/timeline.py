"""From the publisher's clock to the stream's: one line that never wraps, never goes back and has no holes.

A publisher's timestamps have 32 bits, begin anywhere, may jump when it changes a scene or comes back, and sound and picture jump one
after the other. What is meant is: the stream goes on where it was.
"""

from __future__ import annotations

from typing import Literal

Kind = Literal["audio", "video"]
MOST_AHEAD_MS = 10_000
MOST_BACK_MS = 2_000
STEP_MS = 33
# Sound may begin a little before the picture that came first; no time is below zero.
FIRST_MS = 1_000


class _Clock:
    __slots__ = ("last", "offset", "raw")

    def __init__(self, raw: int, offset: int) -> None:
        self.raw = raw  # unwrapped
        self.offset = offset
        self.last = raw + offset


class Timeline:
    def __init__(self, end: int = FIRST_MS) -> None:
        self._clocks: dict[Kind, _Clock] = {}
        self.end = end  # the latest moment that was used

    def rejoin(self) -> None:
        """Another publisher, or the same again, with a clock of its own: it goes on at the end."""
        self._clocks.clear()
        self.end += STEP_MS

    def place(self, kind: Kind, timestamp: int) -> tuple[int, bool]:
        """Milliseconds of the stream; and whether the publisher's clock jumped: what follows does not join what was before."""
        clock = self._clocks.get(kind)
        if clock is None:
            clock = self._begin(kind, timestamp)
            self.end = max(self.end, clock.last)
            return clock.last, False
        step = _difference(timestamp, clock.raw & 0xFFFFFFFF)
        clock.raw += step
        jumped = not -MOST_BACK_MS <= step <= MOST_AHEAD_MS
        if jumped:
            clock.offset = self._moved(kind, clock)
        time = clock.last = clock.raw + clock.offset
        if time > self.end:
            self.end = time
        return time, jumped

    def _begin(self, kind: Kind, timestamp: int) -> _Clock:
        """Beside the other kind, when that has begun: they share the publisher's clock."""
        for other in self._clocks.values():
            step = _difference(timestamp, other.raw & 0xFFFFFFFF)
            if -MOST_AHEAD_MS <= step <= MOST_AHEAD_MS:
                clock = _Clock(other.raw + step, other.offset)
                break
        else:
            clock = _Clock(timestamp, self.end - timestamp)
        self._clocks[kind] = clock
        return clock

    def _moved(self, kind: Kind, clock: _Clock) -> int:
        """The offset after a jump: the other kind's, when that jumped to the same place before."""
        for name, other in self._clocks.items():
            if name != kind and abs(_difference(clock.raw & 0xFFFFFFFF, other.raw & 0xFFFFFFFF)) <= MOST_BACK_MS:
                clock.raw = other.raw + _difference(clock.raw & 0xFFFFFFFF, other.raw & 0xFFFFFFFF)
                return other.offset
        return clock.last + STEP_MS - clock.raw


def _difference(new: int, old: int) -> int:
    """Of two numbers of 32 bits, the shorter way round."""
    return ((new - old + 0x80000000) & 0xFFFFFFFF) - 0x80000000
