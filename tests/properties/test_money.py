"""No split, fee or rounding makes or loses a minor unit."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from directfanz.kit.money import DECIMALS, MAX_MINOR, Money, fee, money, parse, plain, split

currencies = st.sampled_from(["EUR", "USD", "GBP", *DECIMALS])
amounts = st.builds(money, st.integers(-MAX_MINOR, MAX_MINOR), currencies)
weights = st.lists(st.integers(0, 10**12), min_size=1, max_size=40).filter(any)


@given(amounts, weights)
@settings(max_examples=200)
def test_parts_add_up_and_each_is_within_one_unit_of_its_share(amount: Money, shares: list[int]) -> None:
    parts = split(amount, shares)
    assert sum(part.minor for part in parts) == amount.minor
    assert {part.currency for part in parts} == {amount.currency}
    for part, weight in zip(parts, shares, strict=True):
        assert abs(part.minor - Fraction(amount.minor * weight, sum(shares))) < 1
        assert weight or not part.minor


@given(amounts, weights)
@settings(max_examples=300)
def test_a_split_of_the_opposite_is_the_opposite(amount: Money, shares: list[int]) -> None:
    assert split(-amount, shares) == [-part for part in split(amount, shares)]


@given(amounts, st.integers(0, 10_000))
@settings(max_examples=200)
def test_a_fee_is_the_share_to_the_nearest_unit(amount: Money, basis_points: int) -> None:
    taken = fee(amount, basis_points)
    assert abs(taken.minor) <= abs(amount.minor)
    assert abs(Fraction(amount.minor * basis_points, 10_000) - taken.minor) <= Fraction(1, 2)
    assert fee(-amount, basis_points) == -taken
    assert (amount - taken) + taken == amount


@given(st.builds(money, st.integers(0, MAX_MINOR), currencies), st.integers(0, 9_999))
@settings(max_examples=200)
def test_a_higher_rate_is_never_a_lower_fee(amount: Money, basis_points: int) -> None:
    assert fee(amount, basis_points) <= fee(amount, basis_points + 1)


@given(amounts)
@settings(max_examples=200)
def test_what_is_written_is_read_back(amount: Money) -> None:
    assert parse(plain(amount), amount.currency) == amount


@given(st.text(max_size=30), currencies)
@settings(max_examples=200)
def test_any_text_is_an_amount_or_refused(text: str, currency: str) -> None:
    try:
        amount = parse(text, currency)
    except ValueError:
        return
    assert Fraction(plain(amount)) == Fraction(text.strip())


half = st.integers(-(MAX_MINOR // 4), MAX_MINOR // 4)


@given(half, half, half)
def test_sums_do_not_care_about_order(a: int, b: int, c: int) -> None:
    x, y, z = (money(minor, "EUR") for minor in (a, b, c))
    assert (x + y) + z == x + (y + z) == z + y + x
    assert (x < y) == (a < b)
    assert (x >= y) == (a >= b)
