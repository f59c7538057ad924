from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest

from directfanz.domains.memberships.errors import AmountWrong, OfferRefused
from directfanz.domains.memberships.models import Choice, Offer, Tier
from directfanz.domains.memberships.policy.codes import ALPHABET, hashed, new_code
from directfanz.domains.memberships.policy.selling import (
    check_amount,
    check_chargeable,
    check_offer,
    direction,
    gift_price,
    least_charged,
    most_charged,
)
from directfanz.domains.memberships.service.members import harmless
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def tier(**values: Any) -> Tier:
    known: dict[str, Any] = {
        "id": new_id(), "creator_id": new_id(), "rank": 1, "name": "Gold", "about": "", "benefits": [], "min_amount": 1000,
        "suggested_amount": None, "yearly_min_amount": None, "currency": "EUR", "pay_what_you_want": False, "trial_days": 0,
        "cap": None, "state": "open", "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip
    return Tier(**(known | values))


def offer(**values: Any) -> Offer:
    known: dict[str, Any] = {
        "id": new_id(), "creator_id": new_id(), "tier_id": None, "code": "X", "name": "X", "percent": 20, "amount": None,
        "currency": "EUR", "periods": 1, "at_most": None, "expires_at": None, "audience": "all", "state": "open",
        "created_at": NOW,
    }  # fmt: skip
    return Offer(**(known | values))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ((1, 500, "month"), (2, 1000, "month"), "now"),
        ((2, 1000, "month"), (1, 500, "month"), "renewal"),
        ((1, 1500, "month"), (2, 1000, "month"), "now"),  # a higher tier is had at once, whatever it costs
        ((1, 500, "month"), (1, 600, "month"), "now"),
        ((1, 600, "month"), (1, 500, "month"), "renewal"),
        ((1, 500, "month"), (1, 5000, "year"), "now"),
        ((1, 5000, "year"), (1, 500, "month"), "renewal"),
        ((2, 5000, "year"), (1, 9000, "year"), "renewal"),
    ],
)
def test_more_is_had_now_and_less_at_the_renewal(
    old: tuple[int, int, Literal["month", "year"]], new: tuple[int, int, Literal["month", "year"]], expected: str
) -> None:
    def choice(each: tuple[int, int, Literal["month", "year"]]) -> Choice:
        return Choice(tier=tier(rank=each[0]), amount=each[1], interval=each[2])

    assert direction(choice(old), choice(new)) == expected


@pytest.mark.parametrize(
    ("currency", "least", "most"), [("EUR", 100, 1_000_000), ("JPY", 100, 1_000_000), ("KWD", 1000, 10_000_000)]
)
def test_what_can_be_charged(currency: str, least: int, most: int) -> None:
    assert (least_charged(currency), most_charged(currency)) == (least, most)
    for fine in (0, least, most):
        check_chargeable(Money(fine, currency))
    for wrong in (-1, 1, least - 1, most + 1):
        with pytest.raises(AmountWrong):
            check_chargeable(Money(wrong, currency))


def test_a_fixed_price_is_the_price() -> None:
    check_amount(tier(), Money(1000, "EUR"), "month")
    for amount in (999, 1001):
        with pytest.raises(AmountWrong):
            check_amount(tier(), Money(amount, "EUR"), "month")
    with pytest.raises(AmountWrong):
        check_amount(tier(), Money(1000, "EUR"), "year")
    check_amount(tier(yearly_min_amount=9000), Money(9000, "EUR"), "year")


@pytest.mark.parametrize(
    ("values", "was_member", "fine"),
    [
        ({}, False, True), ({"expires_at": NOW}, False, False), ({"expires_at": NOW + timedelta(1)}, False, True),
        ({"at_most": 3, "used": 2}, False, True), ({"at_most": 3, "used": 3}, False, False),
        ({"audience": "new"}, True, False), ({"audience": "new"}, False, True), ({"audience": "former"}, True, True),
        ({"audience": "former"}, False, False), ({"tier_id": new_id()}, False, False),
        ({"percent": None, "amount": 1000}, False, True), ({"percent": None, "amount": 900}, False, True),
        ({"percent": None, "amount": 950}, False, False), ({"percent": None, "amount": 1100}, False, False),
    ],
)  # fmt: skip
def test_who_may_use_a_code(values: dict[str, Any], was_member: bool, fine: bool) -> None:
    if fine:
        check_offer(offer(**values), tier(), 1000, was_member=was_member, now=NOW)
        return
    with pytest.raises(OfferRefused):
        check_offer(offer(**values), tier(), 1000, was_member=was_member, now=NOW)


def test_a_gift_costs_its_months() -> None:
    assert gift_price(tier(), 3).minor == 3000
    assert gift_price(tier(), 12).minor == 12_000
    assert gift_price(tier(yearly_min_amount=10_000), 12).minor == 10_000


def test_a_code_is_read_however_it_is_typed() -> None:
    code = new_code()
    assert len(code) == 19
    assert set(code) <= set(ALPHABET) | {"-"}
    assert hashed(code) == hashed(code.lower()) == hashed(code.replace("-", " ")) == hashed(f" {code}\n")
    assert hashed("OIL0-1111-1111-1111") == hashed("0110-1111-1111-1111")
    assert hashed(code) != hashed(new_code())


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert harmless("a" + cell) == "a" + cell
