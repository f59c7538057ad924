"""There or back."""

from __future__ import annotations

from dataclasses import dataclass

from directfanz.migrate.follow import channels
from directfanz.migrate.side import Side
from directfanz.migrate.state.tables import BACK
from directfanz.migrate.work import Work


@dataclass(frozen=True, slots=True)
class Direction:
    writer: Side  # has the writes now
    reader: Side  # has them afterwards
    numbers: list[int]  # the streams from writer to reader
    back: list[int]  # the streams the other way; empty: there is no way back

    @property
    def is_back(self) -> bool:
        return self.writer.name == "target"


def there(work: Work) -> Direction:
    return Direction(work.source, work.target, channels.forward_numbers(work), [BACK] if work.options.reverse else [])


def back(work: Work) -> Direction:
    return Direction(work.target, work.source, [BACK], channels.forward_numbers(work))
