"""Who gets which part, to the cent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directfanz.domains.payments.policy.sharing import Back, FeesOn, of_paid, of_refund
from directfanz.kit.money import Money

NONE = Money(0, "EUR")
amounts = st.integers(1, 10**9)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def test_the_example_of_the_decision() -> None:
    shares, cut = of_paid(eur(1000), NONE, eur(27), 1000, "creator")
    assert (shares.creator, shares.platform, shares.provider, cut) == (eur(873), eur(100), eur(27), eur(100))


def test_the_platform_may_carry_the_providers_fee() -> None:
    shares, _ = of_paid(eur(1000), NONE, eur(27), 1000, "platform")
    assert (shares.creator, shares.platform, shares.provider) == (eur(900), eur(73), eur(27))


def test_a_fee_is_never_taken_from_tax() -> None:
    shares, cut = of_paid(eur(1190), eur(190), eur(27), 1000, "creator")
    assert (shares.tax, cut, shares.creator) == (eur(190), eur(100), eur(873))


def test_a_creator_is_never_charged_more_than_an_order_brings() -> None:
    shares, _ = of_paid(eur(20), NONE, eur(30), 1000, "creator")
    assert (shares.creator, shares.platform) == (NONE, eur(-10))


@given(
    amounts, st.integers(0, 30), st.integers(0, 10**4), st.integers(0, 500), st.sampled_from(["creator", "platform"])
)
def test_the_parts_are_the_whole(total: int, tax_percent: int, bps: int, provider: int, fees_on: FeesOn) -> None:
    shares, cut = of_paid(eur(total), eur(total * tax_percent // 100), eur(provider), bps, fees_on)
    assert shares.total == eur(total)
    assert shares.creator.minor >= 0
    assert cut.minor <= total


@given(amounts, st.integers(0, 30), st.integers(0, 10**4), st.lists(st.integers(1, 10**9), max_size=12))
def test_many_refunds_take_what_one_takes(total: int, tax_percent: int, bps: int, wanted: list[int]) -> None:
    whole, tax = eur(total), eur(total * tax_percent // 100)
    _, cut = of_paid(whole, tax, NONE, bps, "creator")
    back, creator = Back(amount=NONE, tax=NONE, fee=NONE), NONE
    for minor in [*wanted, total]:
        amount = min(eur(minor), whole - back.amount)
        if amount.minor == 0:
            continue
        shares = of_refund(whole, tax, cut, back, amount)
        assert shares.total == amount
        back = Back(amount=back.amount + amount, tax=back.tax + shares.tax, fee=back.fee + shares.platform)
        creator = creator + shares.creator
    assert (back.amount, back.tax, back.fee, creator) == (whole, tax, cut, whole - tax - cut)


@pytest.mark.parametrize("amount", [0, -1, 501])
def test_no_refund_beyond_what_is_left(amount: int) -> None:
    back = Back(amount=eur(500), tax=NONE, fee=eur(50))
    with pytest.raises(ValueError, match="refund"):
        of_refund(eur(1000), NONE, eur(100), back, eur(amount))
