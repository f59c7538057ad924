"""How far a verb is, told while it works: what is done is what the ledger holds, never what is on its way."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from directfanz.backends.clock.contract import Clock

TELL_SECONDS = 0.5


class Tick(msgspec.Struct, frozen=True):
    verb: str
    what: str
    done: int  # of `total`, in the weight of the verb: bytes of a copy, tables of a verification
    total: int
    rows: int
    bytes: int
    rows_per_second: float
    bytes_per_second: float
    seconds: float
    seconds_left: float | None  # None: not known yet

    @property
    def share(self) -> float:
        return self.done / self.total if self.total else 1.0


Sink = Callable[[Tick], None]


class Progress:
    """Ticks for one verb. Thread-safe enough: each tick is made from numbers that its caller holds."""

    def __init__(self, verb: str, clock: Clock, sink: Sink = lambda _: None) -> None:
        self._verb, self._clock, self._sink = verb, clock, sink
        self._began = self._told = clock.monotonic()
        self._first: tuple[int, int, int] | None = None
        self._highest = 0

    @property
    def is_due(self) -> bool:
        """Worth asking the ledger for."""
        return self._clock.monotonic() - self._told >= TELL_SECONDS

    def told(self, what: str, done: int, total: int, rows: int = 0, size: int = 0, *, now: bool = False) -> None:
        """What was done before this process began does not make its rate look better."""
        self._first = self._first or (done, rows, size)
        self._highest = max(self._highest, done)
        moment = self._clock.monotonic()
        if not now and moment - self._told < TELL_SECONDS and self._highest < total:
            return
        self._told = moment
        self._sink(self._tick(what, self._highest, total, rows, size, moment - self._began))

    def _tick(self, what: str, done: int, total: int, rows: int, size: int, seconds: float) -> Tick:
        first_done, first_rows, first_size = self._first or (0, 0, 0)
        rate = (done - first_done) / seconds if seconds > 0 else 0.0
        left = (total - done) / rate if rate > 0 else None
        per = 1 / seconds if seconds > 0 else 0.0
        return Tick(
            self._verb,
            what,
            done,
            total,
            rows,
            size,
            (rows - first_rows) * per,
            (size - first_size) * per,
            seconds,
            0.0 if done >= total else left,
        )
