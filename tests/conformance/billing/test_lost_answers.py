"""Every call may be lost on its way there or back; made again with its key it has one effect."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

import pytest
import stripe

from directfanz.backends.billing.stripe.adapter import StripeBilling
from directfanz.backends.billing.stripe.asking import RETRIES, StripeWire
from directfanz.backends.clock.manual import ManualClock
from directfanz.errors import Unavailable
from directfanz.kit.money import Money
from tests.conformance.billing.conftest import GOLD, SILVER, Joins, page_for, pays, somebody
from tests.support.billing import Till
from tests.support.stripe_simulator import BASE, SECRET_KEY, WithoutSockets

_no_answer: Callable[..., Exception] = stripe.APIConnectionError


class Losing(WithoutSockets):
    """The first answers to each thing that is asked to change are lost, and what was asked is done."""

    def __init__(self, simulator: Any, times: int) -> None:
        super().__init__(simulator)
        self.times = times
        self.lost: dict[str, int] = {}

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        answer = await super().request_async(method, url, headers, post_data)
        if method == "get":
            return answer
        named = f"{method} {url} {post_data}"
        self.lost[named] = self.lost.get(named, 0) + 1
        if self.lost[named] <= self.times:
            raise _no_answer("lost", should_retry=True)
        return answer


@pytest.fixture(params=[1, 1 + RETRIES], ids=["one", "all tries"])
def unlucky(stage: Till, clock: ManualClock, request: pytest.FixtureRequest) -> Iterator[StripeBilling]:
    transport = Losing(stage.simulator, request.param)
    yield StripeBilling(StripeWire(SECRET_KEY, BASE, clock, stage.telemetry, transport), clock, [])
    assert transport.lost


async def twice(ask: Callable[[], Awaitable[Any]], most: int = 8) -> Any:
    """As a job does it: again with the same key until an answer comes."""
    for _ in range(most):
        try:
            return await ask()
        except Unavailable:
            continue
    raise AssertionError("no answer came")


def count(stage: Till, kind: str) -> int:
    return stage.simulator.engine.store.count("", kind)


async def test_refunds(stage: Till, unlucky: StripeBilling) -> None:
    payment = await pays(stage, Money(1000, "USD"))
    await twice(lambda: unlucky.refund(payment, Money(400, "USD"), metadata={}, key="once"))
    assert (await stage.billing.payment(payment)).refunded == Money(400, "USD")


async def test_customers_and_pages(stage: Till, unlucky: StripeBilling, clock: ManualClock) -> None:
    given = {"email": "ben@example.com", "name": "Ben", "metadata": {}, "key": "once"}
    await twice(lambda: unlucky.ensure_customer(**given))  # type: ignore[arg-type]
    assert count(stage, "customer") == 1
    customer = await somebody(stage)
    expires = (await page_for(stage, customer)).expires_at
    assert expires
    page = await twice(
        lambda: unlucky.check_out_subscription(
            customer=customer, terms=SILVER, success_url="https://a.test", cancel_url="https://a.test",
            expires_at=expires, metadata={}, key="once-more",
        )
    )  # fmt: skip
    assert page.state == "open"
    assert count(stage, "checkout.session") == 2


async def test_money_for_creators(stage: Till, unlucky: StripeBilling) -> None:
    await pays(stage, Money(10_000, "USD"))
    await stage.advance(days=3)
    account = await twice(lambda: unlucky.open_account(country="US", email="a@a.test", metadata={}, key="account"))
    assert count(stage, "account") == 1
    stage.simulator.onboard(account.id)
    moved = await twice(lambda: unlucky.transfer(account.id, Money(500, "USD"), metadata={}, key="transfer"))
    assert count(stage, "transfer") == 1
    back = await twice(lambda: unlucky.take_back(moved.id, Money(100, "USD"), key="back"))
    assert back.reversed == Money(100, "USD")
    await twice(lambda: unlucky.pay_out(account.id, Money(400, "USD"), metadata={}, key="payout"))
    assert stage.simulator.engine.store.count(account.id, "payout") == 1


async def test_changes_of_a_subscription(stage: Till, unlucky: StripeBilling, joins: Joins) -> None:
    joined = await joins(SILVER)
    await stage.advance(days=10)
    at = stage.clock.now()
    await twice(lambda: unlucky.change_now(joined.id, GOLD, at=at, key="up"))
    assert (await stage.billing.subscription(joined.id)).price == GOLD.price
    assert count(stage, "invoice") == 2  # the first, and one for the difference
    await twice(lambda: unlucky.change_at_renewal(joined.id, SILVER, key="down"))
    assert count(stage, "subscription_schedule") == 1
    await twice(lambda: unlucky.take_back_change(joined.id, key="not down"))
    assert not stage.raw(joined.id)["schedule"]
    await twice(lambda: unlucky.change_at_renewal(joined.id, SILVER, key="down after all"))
    await twice(lambda: unlucky.cancel_at_end(joined.id, cancel=True, key="cancel"))
    assert (await stage.billing.subscription(joined.id)).cancels_at_end
    await twice(lambda: unlucky.cancel_now(joined.id, key="now"))
    assert (await stage.billing.subscription(joined.id)).state == "canceled"


async def test_a_renewal_that_is_paid_once(stage: Till, unlucky: StripeBilling, joins: Joins) -> None:
    joined = await joins()
    stage.break_card(joined.customer)
    await stage.advance(days=31, hours=2)
    stage.break_card(joined.customer, "")
    invoice = stage.raw(joined.id)["latest_invoice"]
    paid = await twice(lambda: unlucky.pay_invoice(invoice, key="try 1"))
    assert (paid.state, paid.attempts, paid.paid) == ("paid", 2, Money(1000, "USD"))
