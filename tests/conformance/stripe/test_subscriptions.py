"""docs.stripe.com/billing/subscriptions/overview: how subscriptions live, and what is told of it."""

from __future__ import annotations

from typing import Any

import pytest

from directfanz.backends.clock.manual import ManualClock
from directfanz.local.simulators.stripe.engine import Options
from tests.conformance.stripe.conftest import YEARLY, Shop, refused
from tests.support.stripe_simulator import stripe_in_process

DAY = 86_400
HOUR = 3600


async def test_the_first_invoice_is_paid_at_once(shop: Shop) -> None:
    ben = shop.customer()
    shop.heard()
    sub = shop.subscribe(ben, shop.price(), metadata={"tier": "gold"}, expand=["latest_invoice.payments"])
    assert sub.status == "active"
    assert sub.latest_invoice.status == "paid"
    assert sub.latest_invoice.billing_reason == "subscription_create"
    assert sub.latest_invoice.parent.subscription_details.subscription == sub.id
    assert sub.latest_invoice.parent.subscription_details.metadata["tier"] == "gold"
    assert sub.latest_invoice.payments.data[0].status == "paid"
    heard = shop.heard()
    assert heard.index("customer.subscription.created") < heard.index("invoice.paid")
    assert {"charge.succeeded", "payment_intent.succeeded", "invoice.payment_succeeded"} <= set(heard)


async def test_the_billing_period_is_told_with_the_items(shop: Shop) -> None:
    """docs.stripe.com/changelog/basil/2025-03-31/deprecate-subscription-current-period-start-and-end"""
    sub = shop.subscribe(shop.customer(), shop.price())
    assert "current_period_end" not in sub
    item = shop.item(sub)
    assert item.current_period_start == shop.stripe.now()
    assert item.current_period_end == shop.stripe.now() + 31 * DAY


async def test_a_renewal_is_a_draft_for_an_hour_and_then_paid(shop: Shop) -> None:
    """docs.stripe.com/billing/invoices/subscription#sub-created-invoice"""
    sub = shop.subscribe(shop.customer(), shop.price())
    shop.heard()
    assert await shop.advance(days=31, seconds=-1) == []
    begun = await shop.advance(seconds=1)
    assert "invoice.created" in begun
    assert "customer.subscription.updated" in begun
    draft = shop.api.invoices.list({"subscription": sub.id}).data[0]
    assert (draft.status, draft.billing_reason, draft.auto_advance) == ("draft", "subscription_cycle", True)
    assert draft.automatically_finalizes_at == shop.stripe.now() + HOUR
    assert "invoice.paid" in await shop.advance(hours=1)
    assert shop.api.invoices.retrieve(draft.id).status == "paid"


async def test_a_month_that_is_too_short_is_made_up_for(shop: Shop) -> None:
    """docs.stripe.com/billing/subscriptions/billing-cycle: the 31st falls on the last day of shorter months."""
    await shop.stripe.advance(_to_31st_of(shop))
    sub = shop.subscribe(shop.customer(), shop.price())
    ends = []
    for _ in range(3):
        ends.append(shop.item(sub).current_period_end)
        await shop.advance(seconds=ends[-1] - shop.stripe.now())
        sub = shop.api.subscriptions.retrieve(sub.id)
    days = [_day(end) for end in ends]
    assert days == ["04-30", "05-31", "06-30"]


def _to_31st_of(shop: Shop) -> Any:
    from datetime import datetime

    return datetime.fromisoformat("2026-03-31T09:00:00+00:00") - shop.stripe.clock.now()


def _day(moment: int) -> str:
    from datetime import UTC, datetime

    return f"{datetime.fromtimestamp(moment, UTC):%m-%d}"


async def test_without_a_card_there_is_no_subscription(shop: Shop) -> None:
    error = refused(shop.subscribe, shop.customer(card=None), shop.price())
    assert (error.http_status, error.code) == (400, "resource_missing")
    assert shop.api.subscriptions.list().data == []
    assert "customer.subscription.created" not in shop.heard()


async def test_a_first_payment_that_fails_leaves_it_incomplete_for_23_hours(shop: Shop) -> None:
    ben = shop.customer("pm_card_chargeCustomerFail")
    sub = shop.subscribe(ben, shop.price())
    assert sub.status == "incomplete"
    assert "invoice.payment_failed" in shop.heard()
    assert await shop.advance(hours=22) == []
    heard = await shop.advance(hours=1)
    assert {"invoice.voided", "customer.subscription.updated"} <= set(heard)
    assert shop.api.subscriptions.retrieve(sub.id).status == "incomplete_expired"
    assert shop.api.invoices.retrieve(sub.latest_invoice).status == "void"


async def test_error_if_incomplete_leaves_nothing_behind(shop: Shop) -> None:
    ben = shop.customer("pm_card_chargeCustomerFail")
    shop.heard()
    price = shop.price()
    shop.heard()
    error = refused(lambda: shop.subscribe(ben, price, payment_behavior="error_if_incomplete"))
    assert (error.http_status, error.code) == (402, "card_declined")
    assert shop.api.subscriptions.list({"status": "all"}).data == []
    assert shop.heard() == []


async def test_default_incomplete_waits_to_be_paid(shop: Shop) -> None:
    """docs.stripe.com/billing/subscriptions/build-subscriptions: the browser confirms with the secret."""
    wanted = {"payment_behavior": "default_incomplete", "expand": ["latest_invoice.confirmation_secret"]}
    sub = shop.subscribe(shop.customer(), shop.price(), **wanted)
    assert sub.status == "incomplete"
    secret = sub.latest_invoice.confirmation_secret.client_secret
    intent = secret.split("_secret_")[0]
    shop.api.payment_intents.confirm(intent, {"payment_method": "pm_card_visa"})
    assert shop.api.subscriptions.retrieve(sub.id).status == "active"


async def test_a_renewal_that_fails_is_past_due_and_never_tried_again_by_itself(shop: Shop) -> None:
    ben = shop.customer()
    sub = shop.subscribe(ben, shop.price())
    shop.simulator.make_card_fail(ben.invoice_settings.default_payment_method, "insufficient_funds")
    heard = await shop.advance(days=31, hours=2)
    assert "invoice.payment_failed" in heard
    sub = shop.api.subscriptions.retrieve(sub.id)
    invoice = shop.api.invoices.retrieve(sub.latest_invoice)
    assert sub.status == "past_due"
    assert (invoice.status, invoice.attempt_count, invoice.next_payment_attempt) == ("open", 1, None)
    assert "charge.failed" not in await shop.advance(days=20)
    shop.simulator.make_card_fail(ben.invoice_settings.default_payment_method, "")
    assert shop.api.invoices.pay(invoice.id).status == "paid"
    assert shop.api.subscriptions.retrieve(sub.id).status == "active"


async def test_smart_retries_can_be_switched_on(clock: ManualClock) -> None:
    options = Options(smart_retry_days=(1, 3), after_last_retry="canceled")
    with stripe_in_process(clock, options=options) as opened:
        shop = Shop(opened)
        ben = shop.customer()
        sub = shop.subscribe(ben, shop.price())
        shop.simulator.make_card_fail(ben.invoice_settings.default_payment_method)
        await shop.advance(days=31, hours=2)
        invoice = shop.api.invoices.retrieve(shop.api.subscriptions.retrieve(sub.id).latest_invoice)
        assert invoice.next_payment_attempt == invoice.status_transitions.finalized_at + DAY
        assert "customer.subscription.deleted" not in await shop.advance(days=1)
        assert "customer.subscription.deleted" in await shop.advance(days=2)
        ended = shop.api.subscriptions.retrieve(sub.id)
        assert (ended.status, ended.cancellation_details.reason) == ("canceled", "payment_failed")


async def test_a_bank_that_wants_to_see_somebody_asks_at_the_renewal(shop: Shop) -> None:
    """docs.stripe.com/billing/subscriptions/overview#requires-action"""
    ben = shop.customer()
    sub = shop.subscribe(ben, shop.price())
    method = shop.api.payment_methods.attach("pm_card_authenticationRequired", {"customer": ben.id})
    shop.api.subscriptions.update(sub.id, {"default_payment_method": method.id})
    heard = await shop.advance(days=31, hours=2)
    assert "invoice.payment_action_required" in heard
    sub = shop.api.subscriptions.retrieve(sub.id, {"expand": ["latest_invoice.payments"]})
    assert sub.status == "past_due"
    intent = shop.api.payment_intents.retrieve(sub.latest_invoice.payments.data[0].payment.payment_intent)
    assert intent.status == "requires_action"
    shop.simulator.answer_challenge(intent.id)
    assert shop.api.subscriptions.retrieve(sub.id).status == "active"


async def test_cancelling_at_the_end_of_the_period_can_be_taken_back(shop: Shop) -> None:
    sub = shop.subscribe(shop.customer(), shop.price())
    end = shop.item(sub).current_period_end
    told = {"cancel_at_period_end": True, "cancellation_details": {"feedback": "too_expensive"}}
    sub = shop.api.subscriptions.update(sub.id, told)
    assert (sub.status, sub.cancel_at, sub.canceled_at) == ("active", end, shop.stripe.now())
    assert sub.cancellation_details.reason == "cancellation_requested"
    assert sub.cancellation_details.feedback == "too_expensive"
    sub = shop.api.subscriptions.update(sub.id, {"cancel_at_period_end": False})
    assert (sub.cancel_at, sub.canceled_at, sub.cancel_at_period_end) == (None, None, False)
    shop.api.subscriptions.update(sub.id, {"cancel_at_period_end": True})
    shop.heard()
    assert await shop.advance(days=31) == ["customer.subscription.deleted"]
    ended = shop.api.subscriptions.retrieve(sub.id)
    assert (ended.status, ended.ended_at) == ("canceled", end)


async def test_cancelling_at_once_makes_no_more_invoices(shop: Shop) -> None:
    sub = shop.subscribe(shop.customer(), shop.price())
    shop.heard()
    assert shop.api.subscriptions.cancel(sub.id).status == "canceled"
    assert shop.heard() == ["customer.subscription.deleted"]
    assert await shop.advance(days=400) == []
    assert refused(shop.api.subscriptions.cancel, sub.id).code == "resource_missing"
    assert shop.api.subscriptions.list().data == []
    assert [one.id for one in shop.api.subscriptions.list({"status": "canceled"}).data] == [sub.id]


async def test_a_trial_costs_nothing_and_is_told_before_it_ends(shop: Shop) -> None:
    """docs.stripe.com/billing/subscriptions/trials: three days before, customer.subscription.trial_will_end."""
    sub = shop.subscribe(shop.customer(), shop.price(), trial_period_days=7, expand=["latest_invoice"])
    assert (sub.status, sub.latest_invoice.total, sub.latest_invoice.status) == ("trialing", 0, "paid")
    assert sub.trial_end == shop.stripe.now() + 7 * DAY == shop.item(sub).current_period_end
    shop.heard()
    assert await shop.advance(days=4) == ["customer.subscription.trial_will_end"]
    assert "invoice.paid" in await shop.advance(days=3, hours=1)
    sub = shop.api.subscriptions.retrieve(sub.id, {"expand": ["latest_invoice"]})
    assert (sub.status, sub.latest_invoice.amount_paid) == ("active", 1000)


@pytest.mark.parametrize(("behavior", "status"), [("cancel", "canceled"), ("pause", "paused")])
async def test_a_trial_without_a_card_ends_as_it_says(shop: Shop, behavior: str, status: str) -> None:
    settings = {"end_behavior": {"missing_payment_method": behavior}}
    ben = shop.customer(card=None)
    sub = shop.subscribe(ben, shop.price(), trial_period_days=7, trial_settings=settings)
    await shop.advance(days=7, hours=2)
    assert shop.api.subscriptions.retrieve(sub.id).status == status
    if status == "paused":
        method = shop.api.payment_methods.attach("pm_card_visa", {"customer": ben.id})
        shop.api.customers.update(ben.id, {"invoice_settings": {"default_payment_method": method.id}})
        assert shop.api.subscriptions.resume(sub.id).status == "active"


async def test_a_trial_can_end_now(shop: Shop) -> None:
    sub = shop.subscribe(shop.customer(), shop.price(), trial_period_days=30)
    sub = shop.api.subscriptions.update(sub.id, {"trial_end": "now", "expand": ["latest_invoice"]})
    assert (sub.status, sub.latest_invoice.amount_paid) == ("active", 1000)
    assert shop.item(sub).current_period_start == shop.stripe.now()


@pytest.mark.parametrize(
    ("behavior", "status"), [("void", "void"), ("keep_as_draft", "draft"), ("mark_uncollectible", "uncollectible")]
)
async def test_collection_can_be_paused(shop: Shop, behavior: str, status: str) -> None:
    """docs.stripe.com/billing/subscriptions/pause-payment"""
    sub = shop.subscribe(shop.customer(), shop.price())
    back = shop.stripe.now() + 40 * DAY
    sub = shop.api.subscriptions.update(sub.id, {"pause_collection": {"behavior": behavior, "resumes_at": back}})
    assert (sub.status, sub.pause_collection.behavior) == ("active", behavior)
    await shop.advance(days=31, hours=2)
    assert shop.api.invoices.list({"subscription": sub.id}).data[0].status == status
    await shop.advance(days=9)
    assert shop.api.subscriptions.retrieve(sub.id).pause_collection is None
    await shop.advance(days=31)
    assert shop.api.invoices.list({"subscription": sub.id}).data[0].status == "paid"


async def test_a_year_is_a_year(shop: Shop) -> None:
    sub = shop.subscribe(shop.customer(), shop.price(12_000, every=YEARLY))
    assert shop.item(sub).current_period_end == shop.stripe.now() + 365 * DAY


async def test_one_customer_has_one_currency(shop: Shop) -> None:
    ben = shop.customer()
    shop.subscribe(ben, shop.price())
    error = refused(shop.subscribe, ben, shop.price(currency="eur"))
    assert "cannot combine currencies" in str(error)


async def test_a_one_time_price_is_no_subscription(shop: Shop) -> None:
    error = refused(shop.subscribe, shop.customer(), shop.price(every=None))
    assert error.param == "items[0][price]"


async def test_a_subscription_that_ended_only_changes_its_metadata(shop: Shop) -> None:
    sub = shop.subscribe(shop.customer(), shop.price())
    shop.api.subscriptions.cancel(sub.id)
    assert refused(shop.api.subscriptions.update, sub.id, {"cancel_at_period_end": True}).http_status == 400
    assert shop.api.subscriptions.update(sub.id, {"metadata": {"seen": "1"}}).metadata["seen"] == "1"


async def test_a_billing_cycle_can_begin_later(shop: Shop) -> None:
    """docs.stripe.com/billing/subscriptions/billing-cycle: until then a part of the price is charged."""
    now = shop.stripe.now()
    sub = shop.subscribe(
        shop.customer(), shop.price(3100), billing_cycle_anchor=now + 10 * DAY, expand=["latest_invoice"]
    )
    assert sub.latest_invoice.total == 1000
    assert shop.item(sub).current_period_end == now + 10 * DAY
