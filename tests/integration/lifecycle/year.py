"""A year of the platform beside a year of the provider, by one clock that is moved by hand."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import msgspec

from directfanz.backends import Backends
from directfanz.backends.assembly import opened
from directfanz.backends.clock.manual import ManualClock
from directfanz.backends.jobs.contract import Schedule
from directfanz.local.simulators.stripe.engine import Happened
from directfanz.settings import Settings
from tests.integration.lifecycle.cast import a_page, some_people
from tests.integration.lifecycle.news import BadPost
from tests.integration.lifecycle.wishes import Wishes
from tests.support.billing import Till, till
from tests.support.work import run_schedules, work_off

# How often in ten days, once the place is full; people join most in the beginning.
ORDINARY: Mapping[str, int] = {
    "tip": 10, "give": 2, "claim": 2, "upgrade": 5, "downgrade": 4, "leave": 6, "pause": 2, "resume": 1,
    "break_card": 6, "refund": 2, "dispute": 1,
}  # fmt: skip
ALL_WISHES = ("join", *ORDINARY)
MONEY = ("memberships.", "payments.", "ledger.", "entitlements.", "creators.")


@dataclass
class Year:
    backends: Backends
    clock: ManualClock
    till: Till
    wishes: Wishes
    post: BadPost
    chance: random.Random
    at_once: int = 1
    events: int = 0
    waiting: list[Happened] = field(default_factory=list)

    async def days(self, days: int, joining: int, ordinary: Mapping[str, int] = ORDINARY, busy: float = 1) -> None:
        """Night first: the provider renews and charges, its news arrive, what is due by the calendar is done. `busy`: how many times an
        ordinary day's doings there are."""
        self._take(await self.till.advance(days=days))
        self.wishes.mend_cards(days)
        await self.news()
        await run_schedules(self.backends, schedules())
        await self.settle()
        await self._wishes(joining, {kind: often * days * busy / 10 for kind, often in ordinary.items()})
        await self.settle()

    async def members(self) -> int:
        found: int = await self.backends.database.fetch_value(
            "SELECT count(*) FROM memberships WHERE state NOT IN ('incomplete', 'ended')"
        )
        return found

    async def _wishes(self, joining: int, ordinary: Mapping[str, float]) -> None:
        todo = ["join"] * joining
        todo += [
            kind for kind, often in ordinary.items() for _ in range(int(often) + (self.chance.random() < often % 1))
        ]
        self.chance.shuffle(todo)
        turn = asyncio.Semaphore(self.at_once)

        async def in_turn(kind: str) -> None:
            async with turn:
                await self.wishes.one(kind)

        await asyncio.gather(*map(in_turn, todo))

    async def quiet_down(self) -> None:
        """Whatever is late arrives."""
        self.post.lost = self.post.tomorrow = 0
        await self.days(1, 0, {})
        await self.settle()

    async def settle(self) -> None:
        while await self.news() + await work_off(self.backends):
            pass

    async def news(self) -> int:
        self._take(self.till.simulator.engine.take_events())
        arriving = self.post.sort(self.waiting)
        self.waiting = []
        await self.post.deliver(self.backends, arriving)
        self.events += len(arriving)
        return len(arriving)

    def _take(self, news: list[Happened]) -> None:
        self.waiting = [*self.waiting, *news]


def schedules() -> list[Schedule]:
    from directfanz.processes.worker.jobs import SCHEDULES

    return [schedule for schedule in SCHEDULES if schedule.job.name.startswith(MONEY)]


@asynccontextmanager
async def a_year(
    settings: Settings, clock: ManualClock, *, seed: int, pages: int, fans: int, at_once: int = 1
) -> AsyncIterator[Year]:
    chance = random.Random(seed)
    settings = msgspec.structs.replace(settings, telemetry_backend="none")
    with till(clock) as made:
        async with opened(settings, service="test", clock=clock) as standing:
            backends = replace(standing, billing=made.billing)
            owners = await some_people(backends, "ada", pages)
            people = await some_people(backends, "ben", fans)
            their = [await a_page(backends, made, owner, number) for number, owner in enumerate(owners)]
            wishes = Wishes(backends, made, chance, their, people)
            year = Year(backends, clock, made, wishes, BadPost(chance), chance, at_once)
            await year.settle()
            yield year
