"""Every test of this folder asks Stripe's simulator through Stripe's SDK."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from itertools import count

import pytest

from directfanz.backends.billing.contract import CheckoutPage, Discount, Subscription, Terms
from directfanz.backends.clock.manual import ManualClock
from directfanz.kit.money import Money
from tests.support.billing import Till, till

OK, NO = "https://fans.example/ok", "https://fans.example/no"
GOLD = Terms(price=Money(1000, "USD"), interval="month", product="Ada · Gold", metadata={"tier": "gold"})
SILVER = Terms(price=Money(500, "USD"), interval="month", product="Ada · Silver", metadata={"tier": "silver"})
Joins = Callable[..., Awaitable[Subscription]]
_keys = count()


@pytest.fixture
async def stage(clock: ManualClock) -> AsyncIterator[Till]:
    with till(clock) as opened:
        yield opened


def key() -> str:
    return f"key-{next(_keys)}"


async def somebody(stage: Till) -> str:
    return await stage.billing.ensure_customer(
        email="ben@example.com", name="Ben Okafor", metadata={"user": "ben"}, key=key()
    )


async def page_for(
    stage: Till, customer: str, terms: Terms = GOLD, *, trial_days: int = 0, discount: Discount | None = None
) -> CheckoutPage:
    return await stage.billing.check_out_subscription(
        customer=customer,
        terms=terms,
        trial_days=trial_days,
        discount=discount,
        success_url=OK,
        cancel_url=NO,
        expires_at=stage.clock.now() + timedelta(minutes=31),
        metadata={"order": "order-1", "kind": "membership"},
        key=key(),
    )


@pytest.fixture
def joins(stage: Till) -> Joins:
    """Ben goes through the hosted page."""

    async def join(terms: Terms = GOLD, *, trial_days: int = 0, discount: Discount | None = None) -> Subscription:
        page = await page_for(stage, await somebody(stage), terms, trial_days=trial_days, discount=discount)
        stage.simulator.complete_checkout(page.id)
        paid = await stage.billing.checkout(page.id)
        assert paid.subscription
        return await stage.billing.subscription(paid.subscription)

    return join


async def pays(stage: Till, price: Money, customer: str | None = None) -> str:
    """A single payment, all the way; answers the payment's id."""
    page = await stage.billing.check_out_payment(
        customer=customer or await somebody(stage),
        price=price,
        product="A tip for Ada",
        success_url=OK,
        cancel_url=NO,
        expires_at=stage.clock.now() + timedelta(minutes=31),
        metadata={"order": "order-2", "kind": "tip"},
        key=key(),
    )
    stage.simulator.complete_checkout(page.id)
    paid = await stage.billing.checkout(page.id)
    assert paid.payment
    return paid.payment
