"""Stripe's way of sending nested things in a form, and what its SDK says may be in them."""

from __future__ import annotations

from typing import Any

import pytest

from directfanz.local.simulators.stripe.engine.errors import Refusal
from directfanz.local.simulators.stripe.http.forms import parse_form
from directfanz.local.simulators.stripe.http.schema import params_of, read


@pytest.mark.parametrize(
    ("body", "form"),
    [
        ("a=1&b=two", {"a": "1", "b": "two"}),
        ("metadata[order]=7&metadata[who]=B%C3%A9n", {"metadata": {"order": "7", "who": "Bén"}}),
        ("expand[]=a&expand[]=b", {"expand": {"0": "a", "1": "b"}}),
        ("items[1][price]=y&items[0][price]=x", {"items": {"1": {"price": "y"}, "0": {"price": "x"}}}),
        ("a=", {"a": ""}),
        ("", {}),
    ],
)
def test_nested_forms(body: str, form: dict[str, Any]) -> None:
    assert parse_form(body) == form


@pytest.mark.parametrize(
    "body", ["a[=1", "[a]=1", "a[b]c=1", "a=1&a[b]=2", "a[b]=1&a=2", "a" + "[b]" * 20 + "=1", "a=%ff"]
)
def test_forms_that_make_no_sense(body: str) -> None:
    with pytest.raises(Refusal):
        parse_form(body)


def _read(name: str, body: str) -> dict[str, Any]:
    return read(params_of(name), parse_form(body))


def test_values_come_in_their_types() -> None:
    told = _read(
        "subscription_create", "customer=cus_1&items[0][price]=p&items[0][quantity]=2&cancel_at_period_end=true"
    )
    assert told == {"customer": "cus_1", "items": [{"price": "p", "quantity": 2}], "cancel_at_period_end": True}
    assert _read("coupon_create", "percent_off=12.5") == {"percent_off": 12.5}
    assert _read("subscription_update", "trial_end=now") == {"trial_end": "now"}
    assert _read("subscription_update", "trial_end=17") == {"trial_end": 17}
    assert _read("customer_update", "metadata=") == {"metadata": ""}
    assert _read("charge_list", "created[gte]=5") == {"created": {"gte": 5}}
    assert _read("charge_list", "created=5") == {"created": 5}


@pytest.mark.parametrize(
    ("name", "body", "param"),
    [
        ("customer_create", "nonsense=1", "nonsense"),
        ("subscription_create", "items[0][prize]=p", "items[0][prize]"),
        ("subscription_create", "items[0][quantity]=many", "items[0][quantity]"),
        ("subscription_create", "items[0][quantity]=99999999999999999999", "items[0][quantity]"),
        ("subscription_create", "items[0][quantity]=1_000", "items[0][quantity]"),
        ("subscription_create", "cancel_at_period_end=yes", "cancel_at_period_end"),
        ("subscription_create", "proration_behavior=perhaps", "proration_behavior"),
        ("subscription_create", "items=p", "items"),
        ("coupon_create", "percent_off=nan", "percent_off"),
        ("transfer_create", "currency=usd", "destination"),
        ("customer_create", "api_key=sk_live", "api_key"),
    ],
)
def test_what_the_sdk_does_not_know_is_refused(name: str, body: str, param: str) -> None:
    with pytest.raises(Refusal) as refused:
        _read(name, body)
    assert refused.value.param == param
    assert refused.value.status == 400
