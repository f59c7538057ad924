"""How Stripe is asked: docs.stripe.com/api, sections errors, expanding, idempotency, metadata, pagination, versioning."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from directfanz.local.simulators.stripe.http.api import Call
from tests.conformance.stripe.conftest import Shop, refused
from tests.support.stripe_simulator import SECRET_KEY, client_of


async def test_a_wrong_key(shop: Shop) -> None:
    other = client_of(shop.simulator)
    error = refused(other.v1.customers.list, {}, {"api_key": "sk_test_somebody_elses_key"})
    assert isinstance(error, stripe.AuthenticationError)
    assert "somebody_elses_key" not in str(error)


@pytest.mark.parametrize(
    ("path", "words"),
    [("/v1/nonsense", "Unrecognized request URL"), ("/v1/customers/cus_nobody", "No such customer: 'cus_nobody'")],
)
async def test_nothing_there(shop: Shop, path: str, words: str) -> None:
    answer = shop.simulator.answer(Call("GET", path, headers={"authorization": f"Bearer {SECRET_KEY}"}))
    assert answer.status == 404
    assert words in answer.body.decode()


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"emale": "x"}, "parameter_unknown", "emale"),
        ({"address": {"strret": "x"}}, "parameter_unknown", "address[strret]"),
        ({"balance": "much"}, "parameter_invalid_integer", "balance"),
        ({"tax_exempt": "perhaps"}, None, "tax_exempt"),
        ({"email": "not an address"}, "email_invalid", "email"),
        ({"payment_method": "pm_nobody"}, "resource_missing", "payment_method"),
        ({"metadata": {"k" * 41: "v"}}, None, f"metadata[{'k' * 41}]"),
    ],
)
async def test_parameters_that_make_no_sense(shop: Shop, params: dict[str, Any], code: str | None, param: str) -> None:
    error = refused(shop.api.customers.create, params)
    assert isinstance(error, stripe.InvalidRequestError)
    assert (error.code, error.param) == (code, param)
    assert error.http_status in (400, 404)


async def test_something_is_missing(shop: Shop) -> None:
    error = refused(shop.api.prices.create, {"currency": "usd", "unit_amount": 5})
    assert (error.code, error.param) == ("parameter_missing", "product")
    assert refused(shop.api.transfers.create, {"currency": "usd"}).param == "destination"


async def test_every_answer_says_which_request_and_version_it_was(shop: Shop) -> None:
    answer = shop.api.customers.create({}).last_response
    assert answer.headers["request-id"].startswith("req_")
    assert answer.headers["stripe-version"] == stripe.api_version
    events = shop.api.events.list().data
    assert events[0].request.id == answer.headers["request-id"]
    assert events[0].api_version == stripe.api_version


async def test_metadata_is_merged(shop: Shop) -> None:
    ben = shop.api.customers.create({"metadata": {"a": "1", "b": "2"}})
    assert shop.api.customers.update(ben.id, {"metadata": {"b": "", "c": "3"}}).metadata.to_dict() == {
        "a": "1",
        "c": "3",
    }
    assert shop.api.customers.update(ben.id, {"metadata": ""}).metadata.to_dict() == {}


async def test_lists_go_on(shop: Shop) -> None:
    made = [shop.api.customers.create({"name": str(number)}).id for number in range(25)]
    page = shop.api.customers.list({"limit": 10})
    assert (len(page.data), page.has_more, page.data[0].id) == (10, True, made[-1])
    after = shop.api.customers.list({"limit": 10, "starting_after": page.data[-1].id})
    assert after.data[0].id == made[14]
    before = shop.api.customers.list({"limit": 10, "ending_before": after.data[0].id})
    assert [one.id for one in before.data] == [one.id for one in page.data]
    assert [one.id for one in shop.api.customers.list({"limit": 7}).auto_paging_iter()] == made[::-1]
    last = shop.api.customers.list({"limit": 10, "starting_after": made[5]})
    assert (len(last.data), last.has_more) == (5, False)


@pytest.mark.parametrize("limit", [0, 101])
async def test_a_page_has_its_limits(shop: Shop, limit: int) -> None:
    assert refused(shop.api.customers.list, {"limit": limit}).param == "limit"


async def test_lists_are_filtered(shop: Shop) -> None:
    ben = shop.api.customers.create({"email": "ben@example.com"})
    shop.api.customers.create({"email": "cy@example.com"})
    assert [one.id for one in shop.api.customers.list({"email": "ben@example.com"}).data] == [ben.id]
    now = shop.stripe.now()
    assert len(shop.api.customers.list({"created": {"gte": now}}).data) == 2
    assert shop.api.customers.list({"created": {"gt": now}}).data == []
    assert refused(shop.api.customers.list, {"starting_after": "cus_nobody"}).param == "starting_after"


async def test_ids_become_objects(shop: Shop) -> None:
    sub = shop.subscribe(shop.customer(), shop.price())
    wanted = {"expand": ["customer", "latest_invoice.customer", "items.data.price.product"]}
    told = shop.api.subscriptions.retrieve(sub.id, wanted)
    assert told.customer.id == told.latest_invoice.customer.id
    assert shop.item(told).price.product.name == "Gold"
    listed = shop.api.subscriptions.list({"expand": ["data.customer"]})
    assert listed.data[0].customer.email == "ben@example.com"
    assert len(shop.api.customers.retrieve(sub.customer, {"expand": ["subscriptions"]}).subscriptions.data) == 1


@pytest.mark.parametrize(
    "path", ["nonsense", "name", "latest_invoice.payments.data.payment.payment_intent", "currency"]
)
async def test_what_cannot_be_expanded(shop: Shop, path: str) -> None:
    sub = shop.subscribe(shop.customer(), shop.price())
    assert refused(shop.api.subscriptions.retrieve, sub.id, {"expand": [path]}).http_status == 400


async def test_the_same_key_gets_the_same_answer(shop: Shop) -> None:
    options = {"idempotency_key": "order-7"}
    first = shop.api.customers.create({"email": "ben@example.com"}, options)
    shop.heard()
    again = shop.api.customers.create({"email": "ben@example.com"}, options)
    assert again.id == first.id
    assert again.last_response.headers["idempotent-replayed"] == "true"
    assert shop.heard() == []
    error = refused(shop.api.customers.create, {"email": "cy@example.com"}, options)
    assert isinstance(error, stripe.IdempotencyError)
    await shop.advance(hours=24)
    assert shop.api.customers.create({"email": "ben@example.com"}, options).id != first.id


async def test_a_decline_is_remembered_by_its_key_too(shop: Shop) -> None:
    told = {"amount": 1000, "currency": "usd", "payment_method": "pm_card_visa_chargeDeclined", "confirm": True}
    options = {"idempotency_key": "order-8"}
    first = refused(shop.api.payment_intents.create, told, options)
    again = refused(shop.api.payment_intents.create, told, options)
    assert first.error.payment_intent.id == again.error.payment_intent.id
    assert len(shop.api.payment_intents.list().data) == 1


async def test_what_is_deleted_says_so(shop: Shop) -> None:
    ben = shop.customer()
    sub = shop.subscribe(ben, shop.price())
    assert shop.api.customers.delete(ben.id).deleted
    assert shop.api.customers.retrieve(ben.id).deleted
    assert shop.api.subscriptions.retrieve(sub.id).status == "canceled"
    assert ben.id not in [one.id for one in shop.api.customers.list().data]
    assert refused(shop.api.subscriptions.create, {"customer": ben.id, "items": []}).code == "resource_missing"


async def test_it_fails_when_it_is_told_to(shop: Shop) -> None:
    shop.simulator.mischief.kind, shop.simulator.mischief.times = "error", 1
    assert isinstance(refused(shop.api.customers.create, {}), stripe.APIError)
    shop.simulator.mischief.kind, shop.simulator.mischief.times = "rate_limit", 1
    assert isinstance(refused(shop.api.customers.create, {}), stripe.RateLimitError)
    assert shop.api.customers.create({}).id


async def test_test_clocks(shop: Shop) -> None:
    """docs.stripe.com/billing/testing/test-clocks"""
    start = shop.stripe.now()
    clock = shop.api.test_helpers.test_clocks.create({"frozen_time": start, "name": "a year"})
    ben = shop.customer(test_clock=clock.id)
    sub = shop.subscribe(ben, shop.price())
    advancing = shop.api.test_helpers.test_clocks.advance(clock.id, {"frozen_time": start + 95 * 86_400})
    assert advancing.status == "advancing"
    ready = shop.api.test_helpers.test_clocks.retrieve(clock.id)
    assert (ready.status, ready.frozen_time) == ("ready", start + 95 * 86_400)
    assert len(shop.api.invoices.list({"subscription": sub.id, "status": "paid"}).data) == 4
    assert shop.api.invoices.list({"subscription": sub.id}).data[0].created > shop.stripe.now()
    assert shop.heard()[-1] == "test_helpers.test_clock.ready"
    error = refused(shop.api.test_helpers.test_clocks.advance, clock.id, {"frozen_time": start})
    assert error.param == "frozen_time"
    shop.api.test_helpers.test_clocks.delete(clock.id)
    assert shop.api.customers.retrieve(ben.id).deleted


async def test_products_and_prices(shop: Shop) -> None:
    price = shop.price(1000, lookup_key="gold")
    assert shop.api.prices.list({"lookup_keys": ["gold"]}).data[0].id == price.id
    assert refused(lambda: shop.price(900, lookup_key="gold")).param == "lookup_key"
    moved = shop.price(900, lookup_key="gold", transfer_lookup_key=True)
    assert shop.api.prices.list({"lookup_keys": ["gold"]}).data[0].id == moved.id
    assert refused(shop.api.prices.update, price.id, {"unit_amount": 5}).code == "parameter_unknown"
    assert shop.api.prices.update(price.id, {"active": False}).active is False
    assert [one.id for one in shop.api.prices.list({"active": True}).data] == [moved.id]
    assert refused(shop.api.products.delete, price.product).http_status == 400
    assert refused(lambda: shop.price(-5)).param == "unit_amount"
