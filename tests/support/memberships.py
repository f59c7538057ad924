"""A stage with a till: pages with tiers, people who join them at Stripe's simulator, and news that come from there.

ada, gold = await club.page("ada", gold=1000)       # a page with tiers by name and price
ben = await club.somebody("ben")
row = await club.joins(ben, gold)                   # through the hosted page, and heard of
await club.later(days=31)                           # the world moves on; news and jobs arrive
"""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.billing.contract import Interval
from directfanz.backends.clock.manual import ManualClock
from directfanz.backends.database.contract import Writer
from directfanz.domains.accounts.models import User
from directfanz.domains.accounts.service.sign_up import insert_person
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import beginning, page
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Access, Decision, Need
from directfanz.domains.memberships.models import Joining, Membership, Tier
from directfanz.domains.memberships.repository import memberships
from directfanz.domains.memberships.service import following, joining, tiers
from directfanz.domains.memberships.service.tiers import TierForm
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money
from directfanz.local.simulators.stripe.engine import Happened
from directfanz.settings import Settings
from tests.support.accounts import Someone, Stage, stage_set
from tests.support.billing import Till, till
from tests.support.creators import new_page, slug_like

OK, NO = "https://fans.example/ok", "https://fans.example/no"
CARD = "4242424242424242"
POOR_LATER = "4000000000000341"  # joins, and is refused at the renewal
OWNS_A_TRIAL = "5555555555554444"


@dataclass
class Club:
    stage: Stage
    till: Till
    waiting: list[Happened] = field(default_factory=list)

    @property
    def backends(self) -> Backends:
        return self.stage.backends

    async def somebody(self, name: str) -> Someone:
        """With an account, but not signed in anywhere: `caller` is enough for services."""
        who, now = self.stage.someone(name), self.stage.clock.now()
        user = User(
            id=new_id(), email=who.email, handle=who.handle, display_name=who.name, bio="", avatar=None, role="fan",
            status="active", status_reason=None, locale="en", timezone="UTC", theme="system", listed=True, created_at=now,
            updated_at=now,
        )  # fmt: skip
        async with self.backends.database.writing() as tx:
            await insert_person(tx, user)
        who.user_id = user.id
        return who

    async def page(self, name: str, **prices: int) -> tuple[Creator, list[Tier]]:
        """With open tiers, the lowest first."""
        owner = await self.somebody(name)
        wanted = new_page(f"{owner.name}'s workshop", slug_like(name))
        creator = await beginning.begin(self.backends, self.caller(owner), wanted)
        creator = await page.publish(self.backends, self.caller(owner), creator.id)
        self.owners[creator.id] = owner
        return creator, [await self.tier(creator, each, price) for each, price in prices.items()]

    owners: dict[UUID, Someone] = field(default_factory=dict)

    async def tier(self, creator: Creator, name: str, price: int, **values: object) -> Tier:
        caller = self.caller(self.owners[creator.id])
        form = TierForm(name=name.title(), min_amount=price, **values)  # type: ignore[arg-type]
        return await tiers.create(self.backends, caller, creator.id, form, "open")

    async def begins(
        self, who: Someone, tier: Tier, amount: int | None = None, interval: Interval = "month", code: str | None = None
    ) -> Joining:
        asked = amount if amount is not None else (tier.least(interval) or 0)

        async def hold(tx: Writer) -> Joining:
            return await joining.begin(
                self.backends,
                tx,
                who.user_id,
                tier.id,
                Money(asked, tier.currency),
                interval,
                code,
            )

        return await self.backends.database.run(hold)

    async def opens(self, who: Someone, held: Joining) -> str:
        """The provider's page for it."""
        billing = self.till.billing
        customer = await billing.ensure_customer(
            email=who.email, name=who.name, metadata={"user": str(who.user_id)}, key=f"customer {who.user_id}"
        )
        page = await billing.check_out_subscription(
            customer=customer, terms=held.terms, trial_days=held.trial_days, discount=held.discount, success_url=OK,
            cancel_url=NO, expires_at=held.expires_at, metadata=held.terms.metadata, key=f"order {held.membership_id}",
        )  # fmt: skip
        async with self.backends.database.writing() as tx:
            await joining.opened(self.backends, tx, held.membership_id, page.id)
        return page.id

    async def joins(
        self, who: Someone, tier: Tier, amount: int | None = None, interval: Interval = "month",
        code: str | None = None, card: str = CARD,
    ) -> Membership:  # fmt: skip
        held = await self.begins(who, tier, amount, interval, code)
        page = await self.opens(who, held)
        self.till.simulator.complete_checkout(page, card=card, email=who.email, name=who.name)
        await self.hear()
        return await self.row(held.membership_id)

    def caller(self, who: Someone) -> Caller:
        """However long ago they signed in."""
        return Caller(user_id=who.user_id, role="fan")

    async def row(self, membership_id: UUID) -> Membership:
        found = await memberships.find(self.backends.database, membership_id)
        assert found is not None
        return found

    async def hear(self) -> int:
        """All news that the provider has, in its order, and the jobs that come of them, until it is quiet; how many there were."""
        heard = 0
        while True:
            self.waiting += self.till.simulator.engine.take_events()
            news, self.waiting = self.waiting, []
            await self.deliver(news)
            heard += len(news)
            worked = await self.stage.work()
            self.waiting = self.till.simulator.engine.take_events()
            if not worked and not self.waiting:
                return heard

    async def deliver(self, news: Sequence[Happened]) -> None:
        """What several of them in a row say of one object is asked for once."""
        asked: set[str] = set()
        for each in news:
            await self._take(each, asked)

    async def _take(self, each: Happened, asked: set[str]) -> None:
        """As the payments do: what matters is asked for again by its id."""
        told = msgspec.json.decode(each.body)["data"]["object"]
        if told["object"] == "subscription" and told["id"] not in asked:
            asked.add(told["id"])
            await self.subscription_is(told["id"])
        elif each.type == "invoice.paid":
            invoice = await self.till.billing.invoice(told["id"])
            if invoice.subscription is None:
                return
            row = await self.subscription_is(invoice.subscription)
            lines = [line for line in invoice.lines if not line.proration]
            if row is None or not lines:
                return
            async with self.backends.database.writing() as tx:
                await following.paid(self.backends, tx, row.id, lines[-1].period_start, lines[-1].period_end)

    async def subscription_is(self, subscription: str) -> Membership | None:
        asked_at = self.stage.clock.now()
        said = await self.till.billing.subscription(subscription)
        async with self.backends.database.writing() as tx:
            return await following.subscription_is(self.backends, tx, said, asked_at=asked_at)

    async def later(self, *, hear: bool = True, **by: float) -> None:
        """The world moves on; what the clock brings is done by `timed`."""
        self.waiting += await self.till.advance(**by)
        if hear:
            await self.hear()

    async def timed(self) -> None:
        """Every job that the clock brings, once."""
        from directfanz.domains.memberships.jobs import TIMED, Now

        for job in TIMED:
            await job.run(self.backends, Now())
        await self.hear()

    async def may(
        self, who: Someone, creator: Creator, access: Access = "members", rank: int | None = None
    ) -> Decision:
        need = Need(creator_id=creator.id, access=access, min_rank=rank)
        return await entitlements.decide(self.backends, who.user_id, need)

    async def no_differences(self) -> None:
        found = await entitlements.compare(self.backends.database, self.stage.clock.now())
        mine = [each for each in found if each.creator_id in self.owners]
        assert not mine, mine


@asynccontextmanager
async def club_set(settings: Settings, clock: ManualClock) -> AsyncIterator[Club]:
    async with stage_set(settings, clock) as stage:
        with till(clock) as opened:
            stage.backends = dataclasses.replace(stage.backends, billing=opened.billing)
            yield Club(stage, opened)
