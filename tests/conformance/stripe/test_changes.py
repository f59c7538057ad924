"""Upgrades, downgrades, previews: docs.stripe.com/billing/subscriptions/prorations and .../change-price."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.stripe.conftest import YEARLY, Shop, refused

DAY = 86_400


async def _half_a_month_later(shop: Shop, **more: Any) -> tuple[Any, Any, Any]:
    """Ben pays 10 a month, 15.5 of 31 days have passed, and 20 is on offer."""
    ben = shop.customer()
    sub = shop.subscribe(ben, shop.price(1000, name="Silver"), **more)
    await shop.advance(days=15.5)
    return ben, sub, shop.price(2000, name="Gold")


def _to(shop: Shop, sub: Any, price: Any, **more: Any) -> dict[str, Any]:
    return {"items": [{"id": shop.item(sub).id, "price": price.id}], **more}


async def test_an_upgrade_is_charged_with_the_next_invoice(shop: Shop) -> None:
    """The example of Stripe's page: from 10 to 20 half way through is 5 more."""
    _, sub, gold = await _half_a_month_later(shop)
    shop.heard()
    changed = shop.api.subscriptions.update(sub.id, _to(shop, sub, gold))
    assert shop.item(changed).price.id == gold.id
    assert shop.item(changed).current_period_end == shop.item(sub).current_period_end
    assert "invoice.created" not in shop.heard()
    waiting = shop.api.invoice_items.list({"customer": sub.customer, "pending": True}).data
    assert sorted((one.amount, one.proration) for one in waiting) == [(-500, True), (1000, True)]
    assert waiting[0].parent.subscription_details.subscription == sub.id
    await shop.advance(days=15.5, hours=2)
    invoice = shop.api.invoices.list({"subscription": sub.id}).data[0]
    assert (invoice.total, invoice.status) == (2500, "paid")
    assert [line.amount for line in invoice.lines.data] == [-500, 1000, 2000]


async def test_an_upgrade_can_be_charged_now(shop: Shop) -> None:
    _, sub, gold = await _half_a_month_later(shop)
    told = _to(shop, sub, gold, proration_behavior="always_invoice", expand=["latest_invoice"])
    changed = shop.api.subscriptions.update(sub.id, told)
    invoice = changed.latest_invoice
    assert (invoice.amount_paid, invoice.billing_reason) == (500, "subscription_update")
    assert "Unused time on Silver after" in invoice.lines.data[0].description
    assert "Remaining time on Gold after" in invoice.lines.data[1].description
    assert invoice.lines.data[0].parent.subscription_item_details.proration is True


async def test_a_change_without_proration_costs_nothing_until_the_renewal(shop: Shop) -> None:
    _, sub, gold = await _half_a_month_later(shop)
    shop.api.subscriptions.update(sub.id, _to(shop, sub, gold, proration_behavior="none"))
    assert shop.api.invoice_items.list({"pending": True}).data == []
    await shop.advance(days=15.5, hours=2)
    assert shop.api.invoices.list({"subscription": sub.id}).data[0].total == 2000


async def test_a_downgrade_leaves_credit(shop: Shop) -> None:
    """docs.stripe.com/billing/customer/balance: an invoice below zero is credit for the next ones."""
    _, sub, _ = await _half_a_month_later(shop)
    bronze = shop.price(400, name="Bronze")
    told = _to(shop, sub, bronze, proration_behavior="always_invoice", expand=["latest_invoice"])
    invoice = shop.api.subscriptions.update(sub.id, told).latest_invoice
    assert (invoice.total, invoice.amount_due, invoice.status) == (-300, 0, "paid")
    assert shop.api.customers.retrieve(sub.customer).balance == -300
    await shop.advance(days=15.5, hours=2)
    renewed = shop.api.invoices.list({"subscription": sub.id}).data[0]
    assert (renewed.total, renewed.starting_balance, renewed.amount_due) == (400, -300, 100)
    assert shop.api.customers.retrieve(sub.customer).balance == 0


async def test_a_preview_says_what_the_change_then_costs(shop: Shop) -> None:
    """docs.stripe.com/billing/subscriptions/prorations#preview-proration: with the same proration_date."""
    _, sub, gold = await _half_a_month_later(shop)
    at = shop.stripe.now()
    change = _to(shop, sub, gold, proration_behavior="always_invoice", proration_date=at)
    shop.heard()
    preview = shop.api.invoices.create_preview({"subscription": sub.id, "subscription_details": change})
    assert preview.total == 500
    assert preview.id.startswith("upcoming_")
    assert shop.heard() == []
    assert shop.item(shop.api.subscriptions.retrieve(sub.id)).price.unit_amount == 1000
    await shop.advance(hours=3)
    paid = shop.api.subscriptions.update(sub.id, {**change, "expand": ["latest_invoice"]}).latest_invoice
    assert paid.total == preview.total


async def test_a_preview_without_a_change_is_the_next_renewal(shop: Shop) -> None:
    _, sub, _ = await _half_a_month_later(shop)
    preview = shop.api.invoices.create_preview({"subscription": sub.id})
    assert (preview.total, preview.next_payment_attempt) == (1000, shop.item(sub).current_period_end)
    shop.api.subscriptions.update(sub.id, {"cancel_at_period_end": True})
    error = refused(shop.api.invoices.create_preview, {"subscription": sub.id})
    assert error.code == "invoice_upcoming_none"


async def test_a_preview_of_something_new(shop: Shop) -> None:
    ben = shop.customer()
    details = {"items": [{"price": shop.price(1234).id}]}
    preview = shop.api.invoices.create_preview({"customer": ben.id, "subscription_details": details})
    assert preview.total == 1234
    assert shop.api.subscriptions.list().data == []


async def test_another_interval_begins_a_new_period_and_is_paid_now(shop: Shop) -> None:
    _, sub, _ = await _half_a_month_later(shop)
    yearly = shop.price(10_000, every=YEARLY, name="Silver for a year")
    changed = shop.api.subscriptions.update(sub.id, _to(shop, sub, yearly, expand=["latest_invoice"]))
    assert changed.latest_invoice.total == 10_000 - 500
    assert shop.item(changed).current_period_start == shop.stripe.now() == changed.billing_cycle_anchor


async def test_the_anchor_can_be_now(shop: Shop) -> None:
    _, sub, _ = await _half_a_month_later(shop)
    told = {
        "billing_cycle_anchor": {"type": "now"},
        "proration_behavior": "create_prorations",
        "expand": ["latest_invoice"],
    }
    changed = shop.api.subscriptions.update(sub.id, told)
    assert changed.latest_invoice.total == 500
    assert shop.item(changed).current_period_start == shop.stripe.now()


async def test_an_upgrade_that_is_not_paid_can_be_refused_whole(shop: Shop) -> None:
    ben, sub, gold = await _half_a_month_later(shop)
    shop.simulator.make_card_fail(ben.invoice_settings.default_payment_method)
    told = _to(shop, sub, gold, proration_behavior="always_invoice", payment_behavior="error_if_incomplete")
    shop.heard()
    error = refused(shop.api.subscriptions.update, sub.id, told)
    assert (error.http_status, error.code) == (402, "card_declined")
    assert shop.item(shop.api.subscriptions.retrieve(sub.id)).price.unit_amount == 1000
    assert shop.heard() == []


async def test_an_upgrade_can_wait_for_its_payment(shop: Shop) -> None:
    """docs.stripe.com/billing/subscriptions/pending-updates"""
    ben, sub, gold = await _half_a_month_later(shop)
    shop.simulator.make_card_fail(ben.invoice_settings.default_payment_method)
    told = _to(shop, sub, gold, proration_behavior="always_invoice", payment_behavior="pending_if_incomplete")
    waiting = shop.api.subscriptions.update(sub.id, told)
    assert shop.item(waiting).price.unit_amount == 1000
    assert waiting.status == "active"
    assert waiting.pending_update.subscription_items[0].price.id == gold.id
    assert waiting.pending_update.expires_at == shop.stripe.now() + 23 * 3600
    shop.simulator.make_card_fail(ben.invoice_settings.default_payment_method, "")
    shop.api.invoices.pay(waiting.latest_invoice)
    applied = shop.api.subscriptions.retrieve(sub.id)
    assert (shop.item(applied).price.id, applied.pending_update) == (gold.id, None)
    assert "customer.subscription.pending_update_applied" in shop.heard()


async def test_a_pending_upgrade_that_nobody_pays_is_forgotten(shop: Shop) -> None:
    ben, sub, gold = await _half_a_month_later(shop)
    shop.simulator.make_card_fail(ben.invoice_settings.default_payment_method)
    told = _to(shop, sub, gold, proration_behavior="always_invoice", payment_behavior="pending_if_incomplete")
    waiting = shop.api.subscriptions.update(sub.id, told)
    heard = await shop.advance(hours=23)
    assert "customer.subscription.pending_update_expired" in heard
    assert shop.api.invoices.retrieve(waiting.latest_invoice).status == "void"
    assert shop.item(shop.api.subscriptions.retrieve(sub.id)).price.unit_amount == 1000
    error = refused(shop.api.subscriptions.update, sub.id, {**told, "default_payment_method": "pm_x"})
    assert error.param == "default_payment_method"


async def test_a_price_can_be_made_on_the_spot(shop: Shop) -> None:
    """Pay what you want: `price_data` instead of a price."""
    ben = shop.customer()
    product = shop.api.products.create({"name": "Pay what you want"})
    data = {"currency": "usd", "product": product.id, "unit_amount": 777, "recurring": {"interval": "month"}}
    sub = shop.api.subscriptions.create({"customer": ben.id, "items": [{"price_data": data}]})
    assert shop.item(sub).price.unit_amount == 777
    raised = {"items": [{"id": shop.item(sub).id, "price_data": {**data, "unit_amount": 900}}]}
    assert shop.item(shop.api.subscriptions.update(sub.id, raised)).price.unit_amount == 900


async def test_a_downgrade_at_the_renewal_is_a_schedule(shop: Shop) -> None:
    """docs.stripe.com/billing/subscriptions/subscription-schedules/use-cases#downgrading-at-the-end"""
    _, sub, gold = await _half_a_month_later(shop)
    schedule = shop.api.subscription_schedules.create({"from_subscription": sub.id})
    assert (schedule.status, schedule.phases[0].end_date) == ("active", shop.item(sub).current_period_end)
    now = {"items": [{"price": shop.item(sub).price.id}], "start_date": schedule.phases[0].start_date}
    now["end_date"] = schedule.phases[0].end_date
    then = {"items": [{"price": gold.id}], "duration": {"interval": "month", "interval_count": 1}}
    planned = {"phases": [now, then], "end_behavior": "release"}
    schedule = shop.api.subscription_schedules.update(schedule.id, planned)
    assert len(schedule.phases) == 2
    preview = shop.api.invoices.create_preview({"subscription": sub.id})
    assert preview.total == 2000
    assert refused(shop.api.subscriptions.update, sub.id, {"cancel_at_period_end": True}).http_status == 400
    await shop.advance(days=15.5, hours=2)
    changed = shop.api.subscriptions.retrieve(sub.id, {"expand": ["latest_invoice"]})
    assert shop.item(changed).price.id == gold.id
    assert changed.latest_invoice.total == 2000
    heard = await shop.advance(days=31)
    assert "subscription_schedule.released" in heard
    assert shop.api.subscriptions.retrieve(sub.id).schedule is None


async def test_a_schedule_can_be_taken_back(shop: Shop) -> None:
    _, sub, _ = await _half_a_month_later(shop)
    schedule = shop.api.subscription_schedules.create({"from_subscription": sub.id})
    assert refused(shop.api.subscription_schedules.create, {"from_subscription": sub.id}).param == "from_subscription"
    assert shop.api.subscription_schedules.release(schedule.id).released_subscription == sub.id
    assert shop.api.subscriptions.retrieve(sub.id).schedule is None
    assert refused(shop.api.subscription_schedules.release, schedule.id).http_status == 400


@pytest.mark.parametrize("prorate", [True, False])
async def test_cancelling_may_give_back_what_is_left(shop: Shop, prorate: bool) -> None:
    _, sub, _ = await _half_a_month_later(shop)
    shop.api.subscriptions.cancel(sub.id, {"prorate": prorate, "invoice_now": True})
    assert shop.api.customers.retrieve(sub.customer).balance == (-500 if prorate else 0)


async def test_free_to_paid_begins_a_new_period(shop: Shop) -> None:
    ben = shop.customer()
    sub = shop.subscribe(ben, shop.price(0, name="Free"))
    await shop.advance(days=10)
    changed = shop.api.subscriptions.update(sub.id, _to(shop, sub, shop.price(1000), expand=["latest_invoice"]))
    assert changed.latest_invoice.amount_paid == 1000
    assert shop.item(changed).current_period_start == shop.stripe.now()


async def test_what_is_left_of_the_period_counts(shop: Shop) -> None:
    """To the second: with one of 31 days gone, thirty are left."""
    sub = shop.subscribe(shop.customer(), shop.price(3100))
    await shop.advance(days=1)
    told = _to(shop, sub, shop.price(6200), proration_behavior="always_invoice", expand=["latest_invoice"])
    lines = shop.api.subscriptions.update(sub.id, told).latest_invoice.lines.data
    assert [line.amount for line in lines] == [-3000, 6000]
