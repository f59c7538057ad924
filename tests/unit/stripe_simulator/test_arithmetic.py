"""Periods, shares and discounts, to the cent and the second."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from directfanz.local.simulators.stripe.engine.cards import BY_NUMBER, BY_TOKEN, card_of_token, passes_luhn
from directfanz.local.simulators.stripe.engine.lines import spread
from directfanz.local.simulators.stripe.engine.periods import percent, share, step
from directfanz.local.simulators.stripe.http.calls import all_calls
from directfanz.local.simulators.stripe.http.schema import fields_of, params_of
from directfanz.local.simulators.stripe.webhooks.signing import signature
from tests.support.stripe_shapes import problems

AMOUNTS = some.integers(0, 10**9)


def _at(day: str) -> int:
    return int(datetime.fromisoformat(f"{day}T09:00:00+00:00").timestamp())


@pytest.mark.parametrize(
    ("start", "anchor", "interval", "count", "end"),
    [
        ("2026-01-31", "2026-01-31", "month", 1, "2026-02-28"),
        ("2026-02-28", "2026-01-31", "month", 1, "2026-03-31"),
        ("2028-01-31", "2028-01-31", "month", 1, "2028-02-29"),
        ("2024-02-29", "2024-02-29", "year", 1, "2025-02-28"),
        ("2025-02-28", "2024-02-29", "year", 3, "2028-02-29"),
        ("2026-11-30", "2026-11-30", "month", 3, "2027-02-28"),
        ("2026-12-28", "2026-12-28", "week", 1, "2027-01-04"),
        ("2026-12-31", "2026-12-31", "day", 10, "2027-01-10"),
    ],
)
def test_periods_end(start: str, anchor: str, interval: str, count: int, end: str) -> None:
    found = datetime.fromtimestamp(step(_at(start), _at(anchor), interval, count), UTC)
    assert f"{found:%Y-%m-%d}" == end


@pytest.mark.parametrize(
    ("amount", "part", "whole", "expected"),
    [
        (1000, 1, 2, 500),
        (999, 1, 2, 500),
        (-999, 1, 2, -500),
        (1000, 1, 3, 333),
        (2000, 1, 3, 667),
        (5, 0, 9, 0),
        (5, 1, 0, 0),
    ],
)
def test_shares_round_halves_away_from_zero(amount: int, part: int, whole: int, expected: int) -> None:
    assert share(amount, part, whole) == expected


@given(AMOUNTS, some.integers(1, 10**7), some.data())
def test_a_credit_and_its_debit_cancel_out(amount: int, whole: int, data: some.DataObject) -> None:
    part = data.draw(some.integers(0, whole))
    assert share(-amount, part, whole) == -share(amount, part, whole)
    assert 0 <= share(amount, part, whole) <= amount
    assert abs(share(amount, part, whole) + share(amount, whole - part, whole) - amount) <= 1


@given(AMOUNTS, some.lists(some.integers(0, 10**6), min_size=1, max_size=12))
def test_an_amount_is_spread_to_the_last_cent(amount: int, weights: list[int]) -> None:
    total = sum(weights)
    off = min(amount, total)
    parts = spread(off, weights)
    assert sum(parts) == off
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))


def test_percentages_have_four_decimals() -> None:
    assert percent(10_000, 8.875) == 888
    assert percent(1000, 33.3333) == 333


def test_every_test_card_is_a_card() -> None:
    assert all(passes_luhn(number) for number in BY_NUMBER)
    assert all(card_of_token(f"pm_card_{name}") for name in BY_TOKEN)
    assert not passes_luhn("4242424242424241")
    assert card_of_token("pm_card_nobody") is None


def test_the_signature_is_stripes() -> None:
    """Against `openssl dgst -sha256 -hmac`."""
    told = signature("whsec_test", 1_700_000_000, b'{"id":"evt_1"}')
    assert told == "t=1700000000,v1=c89214b5b5da833daed6f0b8c5bb6bd58cea9022bd80ccc78230f3942d632925"


def test_every_call_has_parameters_that_the_sdk_knows() -> None:
    routes = all_calls()
    assert routes.find("GET", "/v1/customers/cus_1") is not None
    assert routes.find("GET", "/v1/customers/cus_1/nonsense") is None
    for name in ("customer_create", "checkout.session_create", "test_helpers.test_clock_advance"):
        assert fields_of(params_of(name))


def test_the_shapes_are_really_looked_at() -> None:
    assert list(problems({"object": "refund", "id": 5, "surprise": 1}))
    assert list(problems({"object": "nonsense"}))
