"""docs.stripe.com/billing/subscriptions/coupons, docs.stripe.com/tax, docs.stripe.com/invoicing"""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.stripe.conftest import Shop, refused

GERMANY: dict[str, Any] = {"address": {"country": "DE"}}
TAXED = {"automatic_tax": {"enabled": True}}


@pytest.mark.parametrize(
    ("terms", "totals"),
    [
        ({"percent_off": 25, "duration": "once"}, [750, 1000, 1000]),
        ({"amount_off": 300, "currency": "usd", "duration": "repeating", "duration_in_months": 2}, [700, 700, 1000]),
        ({"percent_off": 10, "duration": "forever"}, [900, 900, 900]),
    ],
)
async def test_coupons_last_as_long_as_they_say(shop: Shop, terms: dict[str, object], totals: list[int]) -> None:
    coupon = shop.api.coupons.create(terms)
    sub = shop.subscribe(shop.customer(), shop.price(), discounts=[{"coupon": coupon.id}])
    await shop.advance(days=63)
    invoices = shop.api.invoices.list({"subscription": sub.id}).data
    assert [one.total for one in reversed(invoices)] == totals
    assert invoices[-1].total_discount_amounts[0].amount == 1000 - totals[0]
    assert len(shop.api.subscriptions.retrieve(sub.id).discounts) == int(terms["duration"] == "forever")


async def test_codes_people_type(shop: Shop) -> None:
    coupon = shop.api.coupons.create({"percent_off": 50, "duration": "once"})
    told = {"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "WELCOME", "max_redemptions": 1}
    promo = shop.api.promotion_codes.create(told)
    assert shop.api.promotion_codes.list({"code": "welcome"}).data[0].id == promo.id
    sub = shop.subscribe(shop.customer(), shop.price(), discounts=[{"promotion_code": promo.id}])
    discount = shop.api.invoices.retrieve(sub.latest_invoice, {"expand": ["discounts"]}).discounts[0]
    assert (discount.promotion_code, discount.source.coupon) == (promo.id, coupon.id)
    error = refused(lambda: shop.subscribe(shop.customer(), shop.price(), discounts=[{"promotion_code": promo.id}]))
    assert error.code == "promotion_code_expired"


async def test_a_code_for_newcomers_only(shop: Shop) -> None:
    coupon = shop.api.coupons.create({"percent_off": 50, "duration": "once"})
    told = {"promotion": {"type": "coupon", "coupon": coupon.id}, "restrictions": {"first_time_transaction": True}}
    promo = shop.api.promotion_codes.create(told)
    ben = shop.customer()
    shop.pay(customer=ben.id, card=ben.invoice_settings.default_payment_method)
    error = refused(lambda: shop.subscribe(ben, shop.price(), discounts=[{"promotion_code": promo.id}]))
    assert error.code == "promotion_code_customer_has_prior_transactions"


async def test_a_coupon_is_a_percentage_or_an_amount(shop: Shop) -> None:
    assert refused(shop.api.coupons.create, {"duration": "once"}).http_status == 400
    assert refused(shop.api.coupons.create, {"amount_off": 5, "duration": "once"}).param == "currency"
    assert refused(shop.api.coupons.create, {"percent_off": 101, "duration": "once"}).param == "percent_off"


async def test_tax_is_added_to_the_price(shop: Shop) -> None:
    sub = shop.subscribe(shop.customer(**GERMANY), shop.price(), **TAXED, expand=["latest_invoice"])
    invoice = sub.latest_invoice
    assert (invoice.subtotal, invoice.total, invoice.total_excluding_tax) == (1000, 1190, 1000)
    tax = invoice.total_taxes[0]
    assert (tax.amount, tax.tax_behavior, tax.taxable_amount) == (190, "exclusive", 1000)
    assert shop.api.tax_rates.retrieve(tax.tax_rate_details.tax_rate).percentage == 19
    assert invoice.automatic_tax.status == "complete"


async def test_tax_can_be_in_the_price(shop: Shop) -> None:
    price = shop.price(1190, tax_behavior="inclusive")
    invoice = shop.subscribe(shop.customer(**GERMANY), price, **TAXED, expand=["latest_invoice"]).latest_invoice
    assert (invoice.total, invoice.total_excluding_tax, invoice.total_taxes[0].amount) == (1190, 1000, 190)


async def test_tax_needs_a_place(shop: Shop) -> None:
    error = refused(lambda: shop.subscribe(shop.customer(), shop.price(), **TAXED))
    assert error.code == "customer_tax_location_invalid"


async def test_some_places_and_people_pay_none(shop: Shop) -> None:
    nowhere = shop.customer(address={"country": "BR"})
    invoice = shop.subscribe(nowhere, shop.price(), **TAXED, expand=["latest_invoice"]).latest_invoice
    assert (invoice.total, invoice.total_taxes[0].taxability_reason) == (1000, "not_collecting")
    exempt = shop.customer(**GERMANY, tax_exempt="exempt")
    invoice = shop.subscribe(exempt, shop.price(), **TAXED, expand=["latest_invoice"]).latest_invoice
    assert (invoice.total, invoice.total_taxes[0].taxability_reason) == (1000, "customer_exempt")


async def test_an_invoice_made_by_hand(shop: Shop) -> None:
    ben = shop.customer()
    invoice = shop.api.invoices.create({"customer": ben.id, "currency": "usd"})
    assert (invoice.status, invoice.total) == ("draft", 0)
    told = {"customer": ben.id, "invoice": invoice.id, "amount": 1500, "currency": "usd", "description": "A print"}
    shop.api.invoice_items.create(told)
    assert shop.api.invoices.retrieve(invoice.id).total == 1500
    opened = shop.api.invoices.finalize_invoice(invoice.id)
    assert (opened.status, opened.number.endswith("-0001")) == ("open", True)
    assert refused(shop.api.invoices.finalize_invoice, invoice.id).http_status == 400
    paid = shop.api.invoices.pay(invoice.id)
    assert (paid.status, paid.amount_paid) == ("paid", 1500)
    assert refused(shop.api.invoices.pay, invoice.id).code == "invoice_already_paid"
    payments = shop.api.invoice_payments.list({"invoice": invoice.id}).data
    assert (payments[0].status, payments[0].amount_paid) == ("paid", 1500)
    by_intent = {"type": "payment_intent", "payment_intent": payments[0].payment.payment_intent}
    assert shop.api.invoice_payments.list({"payment": by_intent}).data[0].invoice == invoice.id


async def test_invoices_are_numbered_without_gaps(shop: Shop) -> None:
    ben = shop.customer()
    sub = shop.subscribe(ben, shop.price())
    await shop.advance(days=93)
    numbers = [one.number.rsplit("-", 1)[1] for one in shop.api.invoices.list({"subscription": sub.id}).data]
    assert numbers == ["0004", "0003", "0002", "0001"][-len(numbers) :]


async def test_an_invoice_can_be_given_up(shop: Shop) -> None:
    ben = shop.customer()
    sub = shop.subscribe(ben, shop.price())
    shop.simulator.make_card_fail(ben.invoice_settings.default_payment_method)
    await shop.advance(days=31, hours=2)
    latest = shop.api.subscriptions.retrieve(sub.id).latest_invoice
    assert shop.api.invoices.mark_uncollectible(latest).status == "uncollectible"
    assert shop.api.subscriptions.retrieve(sub.id).status == "active"
    assert shop.api.invoices.void_invoice(latest).status == "void"
    assert refused(shop.api.invoices.pay, latest).http_status == 400


async def test_a_zero_decimal_currency(shop: Shop) -> None:
    invoice = shop.subscribe(shop.customer(), shop.price(500, currency="jpy"), expand=["latest_invoice"]).latest_invoice
    assert (invoice.currency, invoice.amount_paid) == ("jpy", 500)
    assert "¥500" in invoice.lines.data[0].description


async def test_what_is_too_small_to_charge_waits(shop: Shop) -> None:
    """docs.stripe.com/billing/invoices/subscription: below the minimum, the balance carries it over."""
    ben = shop.customer()
    invoice = shop.subscribe(ben, shop.price(30), expand=["latest_invoice"]).latest_invoice
    assert (invoice.status, invoice.amount_due) == ("paid", 0)
    assert shop.api.customers.retrieve(ben.id).balance == 30
