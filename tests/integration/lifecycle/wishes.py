"""What people do on an ordinary day, by chance."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.billing.contract import Interval
from directfanz.domains.memberships.models import Membership, Tier
from directfanz.domains.memberships.service import cancelling, changes, claiming, gifts, mine, pausing
from directfanz.domains.payments.models import Order
from directfanz.domains.payments.service import buying, checkout, refunds
from directfanz.domains.payments.service.checkout import Opened
from directfanz.domains.payments.service.spending import Limit
from directfanz.errors import DirectFanzError
from directfanz.http.caller import Caller
from directfanz.kit.money import Money
from directfanz.local.simulators.stripe.engine.errors import Refusal
from tests.integration.lifecycle.cast import Page, Tally
from tests.support.billing import Till

GOOD, POOR_AFTER_TRIAL, REFUSED = "4242424242424242", "4000000000000341", "4000000000000002"
DECLINES = ("insufficient_funds", "expired_card", "generic_decline")


@dataclass
class Wishes:
    backends: Backends
    till: Till
    chance: random.Random
    pages: list[Page]
    fans: list[Caller]
    tally: Tally = field(default_factory=Tally)
    codes: list[str] = field(default_factory=list)
    broken: list[tuple[str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.by_id = {fan.require_user(): fan for fan in self.fans}

    async def join(self) -> None:
        fan, page = self.chance.choice(self.fans), self.chance.choice(self.pages)
        tier = self.chance.choice(page.tiers)
        interval: Interval = "year" if tier.yearly_min_amount and self.chance.random() < 0.2 else "month"
        opened = await checkout.join(self.backends, fan, tier.id, self._amount(tier, interval), interval)
        self._pay(opened)

    async def tip(self) -> None:
        fan, page = self.chance.choice(self.fans), self.chance.choice(self.pages)
        self._pay(
            await checkout.tip(self.backends, fan, page.creator.id, Money(self.chance.randrange(100, 5000), "USD"))
        )

    async def give(self) -> None:
        fan, tier = self.chance.choice(self.fans), self.chance.choice(self.chance.choice(self.pages).tiers)
        opened = await checkout.gift(self.backends, fan, tier.id, self.chance.choice((1, 3, 6)))
        self._pay(opened, GOOD)
        bought = await buying.came_back(self.backends, fan, opened.order_id)
        gift_id = bought.order.gift_id
        assert gift_id is not None
        self.codes.append(await gifts.new_code_for(self.backends, fan, gift_id))

    async def claim(self) -> None:
        if self.codes:
            code = self.codes.pop(self.chance.randrange(len(self.codes)))
            await claiming.claim(self.backends, self.chance.choice(self.fans), code)

    async def upgrade(self) -> None:
        fan, row, wanted = await self._other_tier(+1)
        seen = await changes.preview(self.backends, fan, row.id, wanted)
        await changes.upgrade_now(self.backends, fan, row.id, wanted, seen.at, Limit())

    async def downgrade(self) -> None:
        fan, row, wanted = await self._other_tier(-1)
        await changes.downgrade_at_renewal(self.backends, fan, row.id, wanted)
        if self.chance.random() < 0.2:
            await changes.take_back(self.backends, fan, row.id)

    async def leave(self) -> None:
        fan, row = await self._somebody()
        await cancelling.cancel(self.backends, fan, row.id, "too_dear")
        if self.chance.random() < 0.3:
            await cancelling.take_back(self.backends, fan, row.id)

    async def pause(self) -> None:
        fan, row = await self._somebody()
        await pausing.pause(self.backends, fan, row.id, self.chance.choice((None, 1, 2)))

    async def resume(self) -> None:
        fan, row = await self._somebody("paused")
        await pausing.resume(self.backends, fan, row.id, Limit())

    async def break_card(self) -> None:
        """It fails from now on, and perhaps its owner mends it in some days."""
        _, row = await self._somebody()
        customer = (await self.backends.billing.subscription(row.subscription or "")).customer
        self.till.break_card(customer, self.chance.choice(DECLINES))
        self.broken.append((customer, self.chance.choice((4, 20, 38, 400))))

    def mend_cards(self, days: int) -> None:
        for customer in [customer for customer, left in self.broken if left <= 0]:
            self.till.break_card(customer, "")
        self.broken = [(customer, left - days) for customer, left in self.broken if left > 0]

    async def refund(self) -> None:
        order, page = await self._paid_order()
        amount = None if self.chance.random() < 0.5 else Money(max(1, order.refundable.minor // 3), "USD")
        await refunds.refund(self.backends, page.owner, order.id, amount, "as they asked")

    async def dispute(self) -> None:
        order, _ = await self._paid_order()
        if order.charge:
            self.till.simulator.dispute(
                order.charge, self.chance.choice(("fraudulent", "product_not_received", "inquiry"))
            )

    def _pay(self, opened: Opened, card: str = "") -> None:
        """Most do, some with a card that fails later; some go away, and some are refused."""
        card = card or self.chance.choices((GOOD, POOR_AFTER_TRIAL, REFUSED, ""), (86, 4, 4, 6))[0]
        if not card:
            return
        session = "cs_" + opened.url.rpartition("cs_")[2]
        try:
            self.till.simulator.complete_checkout(session, card=card)
        except Refusal as refusal:
            # Who asks to join twice at the same time pays on the newer page.
            if card == GOOD and "is over" not in str(refusal):
                raise

    def _amount(self, tier: Tier, interval: Interval) -> Money:
        least = tier.least(interval) or 0
        return Money(least + (self.chance.randrange(0, 500) if tier.pay_what_you_want else 0), tier.currency)

    async def _somebody(self, state: str = "active") -> tuple[Caller, Membership]:
        fan, membership_id = await self._any(
            "SELECT id, user_id FROM memberships WHERE source = 'paid' AND state = $1 ORDER BY created_at, id", state
        )
        return fan, (await mine.one(self.backends, fan, membership_id)).membership

    async def _other_tier(self, step: int) -> tuple[Caller, Membership, changes.Wanted]:
        fan, row = await self._somebody()
        tiers = next(page.tiers for page in self.pages if page.creator.id == row.creator_id)
        place = next(i for i, tier in enumerate(tiers) if tier.id == row.tier_id) + step
        if not 0 <= place < len(tiers) or row.interval == "year":
            raise Nobody("There is no such tier for them.")
        return fan, row, changes.Wanted(tiers[place].id, self._amount(tiers[place], "month"), "month")

    async def _paid_order(self) -> tuple[Order, Page]:
        fan, order_id = await self._any(
            "SELECT id, user_id FROM orders WHERE state = 'paid' AND total > 0 AND paid_at > $1 ORDER BY created_at, id",
            self.backends.clock.now() - timedelta(days=40),
        )
        order = (await buying.get(self.backends, fan, order_id)).order
        return order, next(page for page in self.pages if page.creator.id == order.creator_id)

    async def _any(self, query: str, *values: object) -> tuple[Caller, UUID]:
        rows = await self.backends.database.fetch(query, *values)
        if not rows:
            raise Nobody("There is nobody like that today.")
        row = self.chance.choice(rows)
        return self.by_id[row["user_id"]], row["id"]

    async def one(self, kind: str) -> None:
        wish = cast(Callable[[], Awaitable[None]], getattr(self, kind))
        try:
            await wish()
        except DirectFanzError as problem:
            if not isinstance(problem, Nobody):
                self.tally.add(kind, problem)
            return
        self.tally.add(kind)


class Nobody(DirectFanzError):
    """Chance chose something that is not there."""
