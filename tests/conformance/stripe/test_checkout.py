"""docs.stripe.com/payments/checkout: sessions, and what completing their page leads to."""

from __future__ import annotations

from typing import Any

import pytest

from directfanz.local.simulators.stripe.engine.errors import Refusal
from tests.conformance.stripe.conftest import BEN, Shop, refused

OK = "https://fans.example/ok?session={CHECKOUT_SESSION_ID}"
HOUR = 3600


def _pwyw(amount: int = 700, **more: Any) -> dict[str, Any]:
    data = {"currency": "usd", "unit_amount": amount, "product_data": {"name": "Ada · Gold"}}
    return {"price_data": data | more, "quantity": 1}


def _subscribing(shop: Shop, **more: Any) -> Any:
    items = [_pwyw(recurring={"interval": "month"})]
    return shop.api.checkout.sessions.create({"mode": "subscription", "line_items": items, "success_url": OK} | more)


async def test_pay_what_you_want_and_subscribe(shop: Shop) -> None:
    told = {"metadata": {"tier": "gold"}}
    session = _subscribing(shop, customer_email=BEN, client_reference_id="order-7", subscription_data=told)
    assert (session.status, session.payment_status, session.amount_total) == ("open", "unpaid", 700)
    assert session.url.endswith(session.id)
    assert session.expires_at == shop.stripe.now() + 24 * HOUR
    shop.heard()
    shop.simulator.complete_checkout(session.id, email=BEN)
    done = shop.api.checkout.sessions.retrieve(session.id, {"expand": ["subscription", "line_items"]})
    assert (done.status, done.payment_status, done.url) == ("complete", "paid", None)
    assert done.customer_details.email == BEN
    assert done.subscription.metadata["tier"] == "gold"
    assert done.subscription.default_payment_method
    assert done.line_items.data[0].amount_total == 700
    heard = shop.heard()
    assert heard[-1] == "checkout.session.completed"
    assert {"customer.created", "customer.subscription.created", "invoice.paid"} <= set(heard)
    error = refused(shop.api.checkout.sessions.expire, session.id)
    assert error.http_status == 400


async def test_pay_once(shop: Shop) -> None:
    ben = shop.customer(card=None)
    told = {"metadata": {"kind": "tip"}, "setup_future_usage": "off_session", "transfer_group": "tip-1"}
    session = shop.api.checkout.sessions.create(
        {
            "mode": "payment",
            "customer": ben.id,
            "line_items": [_pwyw(500)],
            "success_url": OK,
            "payment_intent_data": told,
        }
    )
    assert session.payment_intent is None
    shop.simulator.complete_checkout(session.id)
    intent = shop.api.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]}).payment_intent
    assert (intent.status, intent.amount, intent.metadata["kind"]) == ("succeeded", 500, "tip")
    assert intent.transfer_group == "tip-1"
    assert len(shop.api.payment_methods.list({"customer": ben.id}).data) == 1


async def test_a_guest_pays_once_without_becoming_a_customer(shop: Shop) -> None:
    session = shop.api.checkout.sessions.create({"mode": "payment", "line_items": [_pwyw()], "success_url": OK})
    shop.simulator.complete_checkout(session.id)
    assert shop.api.checkout.sessions.retrieve(session.id).customer is None


async def test_leave_a_card(shop: Shop) -> None:
    ben = shop.customer(card=None)
    session = shop.api.checkout.sessions.create(
        {"mode": "setup", "customer": ben.id, "success_url": OK, "currency": "usd"}
    )
    assert session.payment_status == "no_payment_required"
    shop.simulator.complete_checkout(session.id)
    intent = shop.api.setup_intents.retrieve(session.setup_intent)
    assert (intent.status, intent.customer) == ("succeeded", ben.id)
    assert "setup_intent.succeeded" in shop.heard()


async def test_a_trial_costs_nothing_today(shop: Shop) -> None:
    session = _subscribing(shop, subscription_data={"trial_period_days": 7})
    assert session.amount_total == 0
    shop.simulator.complete_checkout(session.id)
    done = shop.api.checkout.sessions.retrieve(session.id, {"expand": ["subscription"]})
    assert (done.payment_status, done.subscription.status) == ("no_payment_required", "trialing")
    assert "invoice.paid" in await shop.advance(days=7, hours=2)


@pytest.mark.parametrize("card", ["4000000000009995", "4000000000000002", "4000000000000341"])
async def test_a_declined_card_leaves_the_session_open(shop: Shop, card: str) -> None:
    session = _subscribing(shop)
    with pytest.raises(Refusal, match=r"declined|funds"):
        shop.simulator.complete_checkout(session.id, card=card)
    assert shop.api.checkout.sessions.retrieve(session.id).status == "open"
    assert shop.api.subscriptions.list({"status": "all"}).data == []
    shop.simulator.complete_checkout(session.id)
    assert shop.api.checkout.sessions.retrieve(session.id).status == "complete"


async def test_the_bank_asks_first(shop: Shop) -> None:
    session = _subscribing(shop)
    with pytest.raises(Refusal):
        shop.simulator.complete_checkout(session.id, card="4000002760003184", passes_challenge=False)
    shop.simulator.complete_checkout(session.id, card="4000002760003184")
    assert shop.api.checkout.sessions.retrieve(session.id).status == "complete"


async def test_a_session_expires(shop: Shop) -> None:
    session = _subscribing(shop, expires_at=shop.stripe.now() + 31 * 60)
    shop.heard()
    assert await shop.advance(minutes=30) == []
    assert await shop.advance(minutes=1) == ["checkout.session.expired"]
    expired = shop.api.checkout.sessions.retrieve(session.id)
    assert (expired.status, expired.url) == ("expired", None)
    with pytest.raises(Refusal):
        shop.simulator.complete_checkout(session.id)


async def test_a_session_can_be_expired(shop: Shop) -> None:
    assert shop.api.checkout.sessions.expire(_subscribing(shop).id).status == "expired"
    assert shop.heard()[-1] == "checkout.session.expired"


async def test_a_discount_is_counted_and_used_up(shop: Shop) -> None:
    coupon = shop.api.coupons.create({"percent_off": 50, "duration": "once", "max_redemptions": 1})
    session = _subscribing(shop, discounts=[{"coupon": coupon.id}])
    assert (session.amount_subtotal, session.amount_total, session.total_details.amount_discount) == (700, 350, 350)
    assert shop.api.coupons.retrieve(coupon.id).times_redeemed == 0
    shop.simulator.complete_checkout(session.id)
    assert shop.api.coupons.retrieve(coupon.id).valid is False
    assert refused(lambda: _subscribing(shop, discounts=[{"coupon": coupon.id}])).code == "coupon_expired"


async def test_tax_is_added_where_the_buyer_is(shop: Shop) -> None:
    """docs.stripe.com/tax/checkout"""
    session = _subscribing(shop, automatic_tax={"enabled": True})
    assert session.automatic_tax.status == "requires_location_inputs"
    shop.simulator.complete_checkout(session.id, country="DE")
    done = shop.api.checkout.sessions.retrieve(session.id, {"expand": ["invoice"]})
    assert (done.automatic_tax.status, done.total_details.amount_tax, done.amount_total) == ("complete", 133, 833)
    assert done.invoice.total_taxes[0].amount == 133
    assert done.invoice.amount_paid == 833


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"line_items": []}, "line_items"),
        ({"success_url": "javascript:alert(1)"}, "success_url"),
        ({"expires_at": 5}, "expires_at"),
        ({"mode": "payment"}, "line_items[0][price]"),
        ({"payment_intent_data": {"description": "x"}}, "payment_intent_data"),
        ({"customer": "cus_nobody"}, "customer"),
        ({"ui_mode": "elements"}, "ui_mode"),
    ],
)
async def test_what_makes_no_sense_is_refused(shop: Shop, wrong: dict[str, Any], param: str) -> None:
    assert refused(lambda: _subscribing(shop, **wrong)).param == param


async def test_the_portal_has_an_address(shop: Shop) -> None:
    ben = shop.customer()
    session = shop.api.billing_portal.sessions.create({"customer": ben.id, "return_url": "https://fans.example/me"})
    assert session.url.endswith(session.id)
    assert shop.api.billing_portal.configurations.list().data[0].is_default
