"""A stage where money moves: Ada's page with a tier, people with cards, and a provider that tells what happens when it is asked to.

async with money_stage(settings, clock) as stage:
    ben = await stage.fan("ben")
    opened = await stage.tip(ben, 500)
    stage.pay(opened)          # fills in the provider's page
    await stage.told()         # the provider's events arrive, jobs are done
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.billing.contract import Event
from directfanz.backends.clock.manual import ManualClock
from directfanz.domains.creators.models import Creator
from directfanz.domains.ledger import service as ledger
from directfanz.domains.ledger.invariants import INVARIANTS as OF_LEDGER
from directfanz.domains.ledger.models import broken_of
from directfanz.domains.memberships.models import Tier
from directfanz.domains.memberships.service import tiers
from directfanz.domains.memberships.service.tiers import TierForm
from directfanz.domains.payments.invariants import INVARIANTS as OF_PAYMENTS
from directfanz.domains.payments.models import Order
from directfanz.domains.payments.repository import orders
from directfanz.domains.payments.service import checkout, events
from directfanz.domains.payments.service.checkout import Opened
from directfanz.http.caller import Caller, Role
from directfanz.kit.money import Money
from directfanz.settings import Settings
from tests.support.accounts import Someone, Stage, stage_set
from tests.support.billing import Till, till
from tests.support.creators import page_of
from tests.support.engines import Engines
from tests.support.wiped import Wiped, wiped
from tests.support.worlds import World


@dataclass
class MoneyStage:
    people: Stage
    till: Till
    backends: Backends
    ada: Someone
    page: Creator
    gold: Tier

    @property
    def clock(self) -> ManualClock:
        return self.people.clock

    async def fan(self, name: str) -> Someone:
        return await self.people.quickly(name)

    async def caller(self, who: Someone, role: Role = "fan") -> Caller:
        """As somebody is known to services; sessions end sooner than stories about money do."""
        return Caller(user_id=who.user_id, role=role, name=who.name, handle=who.handle)

    async def tip(self, who: Someone, minor: int, key: str = "", **more: Any) -> Opened:
        amount = Money(minor, self.page.currency)
        return await checkout.tip(self.backends, await self.caller(who), self.page.id, amount, key=key, **more)

    async def join(self, who: Someone, minor: int = 1000, offer: str | None = None) -> Opened:
        caller, amount = await self.caller(who), Money(minor, self.page.currency)
        return await checkout.join(self.backends, caller, self.gold.id, amount, "month", offer)

    async def buy(self, who: Someone, object_id: UUID, minor: int = 700) -> Opened:
        wanted = checkout.Purchase(
            creator_id=self.page.id,
            object_kind="post",
            object_id=object_id,
            title="A lesson",
            price=Money(minor, "EUR"),
        )
        return await checkout.purchase(self.backends, await self.caller(who), wanted)

    def pay(self, opened: Opened, card: str = "4242424242424242", country: str = "US") -> None:
        self.till.simulator.complete_checkout(self.page_of(opened), card=card, country=country)

    def page_of(self, opened: Opened) -> str:
        return "cs_" + opened.url.split("cs_")[1].split("?")[0].split("#")[0].split("/")[0]

    async def order(self, opened: Opened | UUID) -> Order:
        order_id = opened if isinstance(opened, UUID) else opened.order_id
        found = await orders.find(self.backends.database, order_id)
        assert found is not None
        return found

    def happened(self) -> list[Event]:
        return [event_of(each.body) for each in self.till.simulator.engine.take_events()]

    async def told(self, shuffled: random.Random | None = None) -> int:
        """All that happened arrives, and what follows from it happens too."""
        count = 0
        while news := self.happened():
            if shuffled:
                shuffled.shuffle(news)
            for event in news:
                await events.take(self.backends, event)
            await self.people.work()
            count += len(news)
        await self.people.work()
        return count

    async def later(self, **by: float) -> None:
        """A day at a time, and the provider's clock along with ours."""
        left = timedelta(**by)
        while left > timedelta():
            step = min(left, timedelta(days=1))
            await self.clock.advance(step)
            self.till.simulator.engine.advance_to(int(self.clock.now().timestamp()))
            left -= step

    async def balances(self) -> tuple[int, int, int]:
        """Held, available, reserve of Ada's page, in minor units."""
        found = [b for b in await ledger.balances_of(self.backends.database, self.page.id) if b.currency == "EUR"]
        return (found[0].held.minor, found[0].available.minor, found[0].reserve.minor) if found else (0, 0, 0)

    async def problems(self) -> list[str]:
        return await broken_of(self.backends.database, (*OF_LEDGER, *OF_PAYMENTS))

    async def can_be_paid(self) -> str:
        """Ada goes through the provider's form."""
        from directfanz.domains.creators.service import payout_account

        await payout_account.begin(self.backends, await self.caller(self.ada), self.page.id)
        account = str(
            await self.backends.database.fetch_value("SELECT account FROM creators WHERE id = $1", self.page.id)
        )
        self.till.simulator.onboard(account)
        await self.told()
        return account


def event_of(body: bytes) -> Event:
    """As it is read once its signature was found right."""
    raw = msgspec.json.decode(body)
    from directfanz.backends.billing.stripe import reading

    return Event(
        id=raw["id"], kind=raw["type"], created_at=reading.moment(raw["created"]), account=raw.get("account"),
        object_id=str(raw["data"]["object"].get("id") or ""), object=raw["data"]["object"],
    )  # fmt: skip


@asynccontextmanager
async def money_stage(settings: Settings, clock: ManualClock, *, taxed: bool = False) -> AsyncIterator[MoneyStage]:
    async with stage_set(settings, clock) as people, money_among(people, taxed=taxed) as stage:
        yield stage


@asynccontextmanager
async def money_among(people: Stage, *, taxed: bool = False) -> AsyncIterator[MoneyStage]:
    """A provider of their own, and Ada's page with its tier."""
    with till(people.clock, taxed=taxed) as made:
        backends = replace(people.backends, billing=made.billing)
        people.backends = backends
        ada = await people.quickly("ada")
        page = await page_of(people, ada)
        form = TierForm(name="Gold", min_amount=500, suggested_amount=1000, pay_what_you_want=True)
        gold = await tiers.create(backends, await people.caller(ada), page.id, form)
        gold = await tiers.set_state(backends, await people.caller(ada), gold.id, "open")
        yield MoneyStage(people, made, backends, ada, page, gold)


@dataclass
class MoneyHouse:
    """Backends that are opened once for a file, on a world that is emptied before each of its tests."""

    people: Stage
    world: Wiped

    @asynccontextmanager
    async def stage(self, clock: ManualClock, *, taxed: bool = False) -> AsyncIterator[MoneyStage]:
        await self.world.wipe()
        self.people.mailbox.clear()
        here = Stage(replace(self.people.backends, clock=clock), clock, self.people.mailbox)
        async with money_among(here, taxed=taxed) as stage:
            yield stage


@asynccontextmanager
async def money_house(engines: Engines, world: World) -> AsyncIterator[MoneyHouse]:
    async with (
        wiped(engines, world) as again,
        stage_set(world.settings, ManualClock(datetime(2026, 1, 1, tzinfo=UTC))) as people,
    ):
        yield MoneyHouse(people, again)
