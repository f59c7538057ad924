from __future__ import annotations

from datetime import timedelta

import pytest

from directfanz.backends.billing.contract import Discount, Terms
from directfanz.errors import NotFound, Rejected
from directfanz.kit.money import Money
from tests.conformance.billing.conftest import GOLD, NO, OK, Joins, key, page_for, pays, somebody
from tests.support.billing import Till


async def test_the_same_key_makes_one_customer(stage: Till) -> None:
    made = [
        await stage.billing.ensure_customer(email="ben@example.com", name="Ben", metadata={"user": "b"}, key="one")
        for _ in range(3)
    ]
    assert len(set(made)) == 1


async def test_the_same_key_for_something_else_is_rejected(stage: Till) -> None:
    await stage.billing.ensure_customer(email="ben@example.com", name="Ben", metadata={}, key="one")
    with pytest.raises(Rejected):
        await stage.billing.ensure_customer(email="cy@example.com", name="Cy", metadata={}, key="one")


async def test_a_page_opens_is_paid_and_names_what_was_bought(stage: Till) -> None:
    customer = await somebody(stage)
    page = await page_for(stage, customer)
    assert (page.state, page.paid, page.subscription) == ("open", False, None)
    assert page.url
    assert page.url.startswith("http")
    assert page.expires_at == stage.clock.now() + timedelta(minutes=31)
    stage.simulator.complete_checkout(page.id)
    after = await stage.billing.checkout(page.id)
    assert (after.state, after.paid, after.customer) == ("complete", True, customer)
    assert after.metadata == {"order": "order-1", "kind": "membership", "tier": "gold"}


async def test_metadata_is_on_the_page_the_subscription_and_its_invoice(stage: Till, joins: Joins) -> None:
    joined = await joins()
    expected = {"order": "order-1", "kind": "membership", "tier": "gold"}
    assert joined.metadata == expected
    invoice = await stage.billing.invoice(stage.raw(joined.id)["latest_invoice"])
    assert invoice.metadata == expected
    assert invoice.subscription == joined.id


async def test_a_single_payment_carries_its_metadata(stage: Till) -> None:
    payment = await stage.billing.payment(await pays(stage, Money(700, "USD")))
    assert payment.metadata == {"order": "order-2", "kind": "tip"}
    assert (payment.state, payment.amount, payment.invoice) == ("succeeded", Money(700, "USD"), None)


async def test_a_page_expires_by_our_wish_and_only_once_it_is_open(stage: Till) -> None:
    page = await page_for(stage, await somebody(stage))
    assert (await stage.billing.expire_checkout(page.id)).state == "expired"
    assert (await stage.billing.expire_checkout(page.id)).state == "expired"
    paid = await page_for(stage, await somebody(stage))
    stage.simulator.complete_checkout(paid.id)
    assert (await stage.billing.expire_checkout(paid.id)).state == "complete"


async def test_a_page_lapses_by_itself(stage: Till) -> None:
    page = await page_for(stage, await somebody(stage))
    happened = await stage.advance(minutes=32)
    assert "checkout.session.expired" in [one.type for one in happened]
    assert (await stage.billing.checkout(page.id)).state == "expired"


async def test_a_trial_costs_nothing_until_it_ends(stage: Till, joins: Joins) -> None:
    joined = await joins(trial_days=7)
    assert joined.state == "trialing"
    assert joined.trial_end == stage.clock.now() + timedelta(days=7)
    assert (await stage.billing.invoice(stage.raw(joined.id)["latest_invoice"])).total == Money(0, "USD")
    await stage.advance(days=7, hours=2)
    after = await stage.billing.subscription(joined.id)
    assert after.state == "active"
    assert (await stage.billing.invoice(stage.raw(joined.id)["latest_invoice"])).paid == Money(1000, "USD")


@pytest.mark.parametrize(
    ("discount", "first", "second"),
    [
        (Discount(name="Half", percent=50), 500, 1000),
        (Discount(name="Three off for long", amount=Money(300, "USD"), periods=2), 700, 700),
        (Discount(name="For good", percent=10, periods=None), 900, 900),
    ],
)
async def test_a_discount_lasts_its_periods(
    stage: Till, joins: Joins, discount: Discount, first: int, second: int
) -> None:
    joined = await joins(discount=discount)
    begun = await stage.billing.invoice(stage.raw(joined.id)["latest_invoice"])
    assert (begun.total.minor, begun.discount.minor) == (first, 1000 - first)
    await stage.advance(days=31, hours=2)
    renewed = await stage.billing.invoice(stage.raw(joined.id)["latest_invoice"])
    assert (renewed.reason, renewed.total.minor) == ("subscription_cycle", second)


async def test_a_year_renews_after_a_year(stage: Till, joins: Joins) -> None:
    yearly = Terms(price=Money(10_000, "USD"), interval="year", product="Ada · Gold, a year")
    joined = await joins(yearly)
    assert joined.interval == "year"
    assert joined.period_end == stage.clock.now().replace(year=2027)


async def test_currencies_without_hundredths(stage: Till) -> None:
    payment = await stage.billing.payment(await pays(stage, Money(900, "JPY")))
    assert payment.amount == Money(900, "JPY")


async def test_what_is_unknown_is_not_found(stage: Till) -> None:
    for asked in (
        stage.billing.checkout("cs_no"),
        stage.billing.subscription("sub_no"),
        stage.billing.payment("pi_no"),
    ):
        with pytest.raises(NotFound):
            await asked


async def test_an_id_that_is_a_path_leads_nowhere(stage: Till) -> None:
    with pytest.raises(NotFound):
        await stage.billing.invoice("../customers")


async def test_a_page_for_nobody_is_refused(stage: Till) -> None:
    with pytest.raises(NotFound):
        await page_for(stage, "cus_nobody")


async def test_an_amount_below_what_cards_take_is_rejected(stage: Till) -> None:
    with pytest.raises(Rejected):
        await pays(stage, Money(10, "USD"))


async def test_the_page_where_cards_are_changed(stage: Till) -> None:
    customer = await somebody(stage)
    first = await stage.billing.portal(customer, OK)
    assert first.startswith("http")
    assert await stage.billing.portal(customer, NO) != first


async def test_products_are_made_once(stage: Till) -> None:
    customer = await somebody(stage)
    for _ in range(2):
        await page_for(stage, customer, GOLD)
    assert stage.simulator.engine.store.count("", "product") == 1
    again = type(stage.billing)(stage.billing._wire, stage.clock, [])  # another process, which has not seen it
    page = await again.check_out_subscription(
        customer=customer, terms=GOLD, success_url=OK, cancel_url=NO, key=key(),
        expires_at=stage.clock.now() + timedelta(minutes=31), metadata={},
    )  # fmt: skip
    assert page.state == "open"
    assert stage.simulator.engine.store.count("", "product") == 1
