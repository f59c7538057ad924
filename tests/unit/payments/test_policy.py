"""Amounts, retries, states: the rules without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from directfanz.domains.payments.errors import AmountRefused
from directfanz.domains.payments.models import ORDER_MOVES, PAYOUT_MOVES
from directfanz.domains.payments.policy.amounts import least, most, require_chargeable
from directfanz.domains.payments.policy.retrying import next_try
from directfanz.domains.payments.service.refunds import state_after
from directfanz.kit.money import Money

FAILED = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("currency", "low", "high"), [("EUR", 100, 10**6), ("JPY", 100, 10**6), ("KWD", 1000, 10**7), ("USD", 100, 10**6)]
)
def test_the_least_and_the_most(currency: str, low: int, high: int) -> None:
    assert (least(currency).minor, most(currency).minor) == (low, high)
    require_chargeable(Money(low, currency), currency)
    require_chargeable(Money(high, currency), currency)
    for minor in (low - 1, high + 1, 0, -low):
        with pytest.raises(AmountRefused, match="between"):
            require_chargeable(Money(minor, currency), currency)


def test_another_currency_is_refused() -> None:
    with pytest.raises(AmountRefused, match="paid in EUR"):
        require_chargeable(Money(500, "USD"), "EUR")


def test_a_refused_card_is_tried_again_after_1_3_5_and_7_days() -> None:
    tries = [next_try(FAILED, number) for number in range(5)]
    assert tries == [FAILED + timedelta(days=days) for days in (1, 3, 5, 7)] + [None]


@pytest.mark.parametrize(
    ("back", "state"), [(0, "paid"), (1, "part_refunded"), (999, "part_refunded"), (1000, "refunded")]
)
def test_what_went_back_says_the_state(back: int, state: str) -> None:
    assert state_after(Money(1000, "EUR"), Money(back, "EUR")) == state


@pytest.mark.parametrize("moves", [ORDER_MOVES, PAYOUT_MOVES])
def test_every_state_can_be_reached_and_names_known_ones(moves: dict[str, frozenset[str]]) -> None:
    begins = next(iter(moves))
    reached, frontier = {begins}, [begins]
    while frontier:
        new = moves[frontier.pop()] - reached
        reached |= new
        frontier += new
    assert reached == set(moves)
