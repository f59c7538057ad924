"""The end of a room's events, as this process holds it. No I/O.

Events are let in only in order and without a hole: then whoever enters is given what they missed out of it and hears the next event
like all others, so nobody misses one or gets one twice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Literal
from uuid import UUID

import msgspec

from directfanz.domains.chat.models import Event

Offered = Literal["next", "known", "gap"]


class Tail:
    def __init__(self, epoch: UUID, events: Iterable[Event], last: int, most: int) -> None:
        """`events` are the newest, the oldest first, and end with `last`."""
        self.epoch = epoch
        self.last = last
        self._events: deque[Event] = deque(events, maxlen=most)

    def offer(self, event: Event) -> Offered:
        if event.position <= self.last:
            return "known"
        if event.position > self.last + 1:
            return "gap"
        self.last = event.position
        if event.kind == "removed":
            self._hide(lambda each: each.position == event.facts.get("position"))
        elif event.kind == "cleared":
            self._hide(lambda each: each.kind == "text" and str(each.user_id) == event.facts.get("user_id"))
        self._events.append(event)
        return "next"

    def since(self, position: int, epoch: str) -> tuple[list[Event], bool]:
        """What came after a position; True when that cannot be told, so that who asks has to begin anew with the newest."""
        oldest = self._events[0].position if self._events else self.last + 1
        if epoch != str(self.epoch) or not oldest - 1 <= position <= self.last:
            return list(self._events), True
        return [each for each in self._events if each.position > position], False

    def _hide(self, which: Callable[[Event], bool]) -> None:
        hidden = (
            msgspec.structs.replace(each, body="", hidden=True) if which(each) else each for each in tuple(self._events)
        )
        self._events = deque(hidden, maxlen=self._events.maxlen)
