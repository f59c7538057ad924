"""The provider's events on their way to us: in any order, twice, late, or never."""

from __future__ import annotations

import asyncio
import random

import msgspec

from directfanz.backends import Backends
from directfanz.backends.billing.contract import Event
from directfanz.domains.payments.service import events
from directfanz.errors import DirectFanzError
from directfanz.local.simulators.stripe.engine import Happened
from tests.support.money import event_of

AT_ONCE = 8


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
        """Several at a time, as web processes take them. One that failed is sent again."""
        turn = asyncio.Semaphore(AT_ONCE)

        async def take(event: Event) -> None:
            async with turn:
                try:
                    await events.take(backends, event)
                except DirectFanzError:
                    self.retried.append(event)

        async with asyncio.TaskGroup() as group:
            for event in news:
                group.create_task(take(event))
