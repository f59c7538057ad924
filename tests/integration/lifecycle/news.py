"""The provider's events on their way to us: in any order, twice, late, or never."""

from __future__ import annotations

import asyncio
import random

import msgspec

from directfanz.backends import Backends
from directfanz.backends.billing.contract import Event
from directfanz.domains.payments.service.events.gathering import Gathering
from directfanz.errors import DirectFanzError
from directfanz.local.simulators.stripe.engine import Happened
from tests.support.money import event_of

AT_ONCE = 400


class BadPost(msgspec.Struct):
    """Percentages of what is delivered otherwise than it should be. What is lost is found by the nightly sweep."""

    chance: random.Random
    twice: int = 3
    tomorrow: int = 3
    lost: int = 1
    held_back: list[Event] = []
    retried: list[Event] = []

    def sort(self, news: list[Happened]) -> list[Event]:
        """What arrives today."""
        today, self.held_back = [*self.held_back, *self.retried], []
        self.retried = []
        for event in (event_of(each.body) for each in news):
            fate = self.chance.randrange(100)
            if fate < self.lost:
                continue
            if fate < self.lost + self.tomorrow:
                self.held_back.append(event)
                continue
            today += [event, event] if fate < self.lost + self.tomorrow + self.twice else [event]
        self.chance.shuffle(today)
        return today

    async def deliver(self, backends: Backends, news: list[Event]) -> None:
        """Many at a time, as a web process takes them. One that failed is sent again."""
        gathering = Gathering(backends)
        for some in (news[place : place + AT_ONCE] for place in range(0, len(news), AT_ONCE)):
            outcomes = await asyncio.gather(*map(gathering.take, some), return_exceptions=True)
            for event, outcome in zip(some, outcomes, strict=True):
                if isinstance(outcome, DirectFanzError):
                    self.retried.append(event)
                elif isinstance(outcome, BaseException):
                    raise outcome
