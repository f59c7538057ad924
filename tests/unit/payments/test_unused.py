"""What goes back for time that is not had: by the second, to the cent, never more than was paid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from directfanz.domains.payments.policy.unused import Paid, unused
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
END = START + timedelta(days=30)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def paid(total: int, subtotal: int | None = None, left: int | None = None) -> Paid:
    return Paid(
        order_id=new_id(), subtotal=eur(total if subtotal is None else subtotal), total=eur(total),
        left=eur(total if left is None else left),
    )  # fmt: skip


def sums(parts: Sequence[tuple[object, Money]]) -> list[int]:
    return [amount.minor for _, amount in parts]


def test_a_third_of_the_month_is_left() -> None:
    assert sums(unused(eur(1000), START, END, END - timedelta(days=10), [paid(1000)])) == [333]


def test_a_discount_is_not_given_back_and_tax_is() -> None:
    half = START + timedelta(days=15)
    assert sums(unused(eur(1000), START, END, half, [paid(500, subtotal=1000)])) == [250]
    assert sums(unused(eur(1000), START, END, half, [paid(1190, subtotal=1000)])) == [595]


def test_after_an_upgrade_the_newest_order_gives_first() -> None:
    """5 for the month, and at its half 2.50 more for a tier of 10: right after it half of 10 is unused."""
    half = START + timedelta(days=15)
    assert sums(unused(eur(1000), START, END, half, [paid(250), paid(500)])) == [250, 250]


def test_what_went_back_already_and_what_is_over() -> None:
    assert sums(unused(eur(1000), START, END, START, [paid(1000, left=300)])) == [300]
    assert unused(eur(1000), START, END, END, [paid(1000)]) == []
    assert unused(eur(1000), START, END, START, []) == []
    assert sums(unused(eur(1000), START, END, START - timedelta(days=3), [paid(1000)])) == [1000]


@given(
    st.integers(100, 10**6),
    st.integers(0, 30 * 86_400),
    st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 10**6)), max_size=4),
)
def test_never_more_than_is_left_and_less_the_later_it_ends(
    price: int, seconds: int, orders: list[tuple[int, int]]
) -> None:
    given_for = [paid(total, left=min(left, total)) for total, left in orders]
    sooner = unused(eur(price), START, END, START + timedelta(seconds=seconds), given_for)
    later = unused(eur(price), START, END, START + timedelta(seconds=seconds + 3600), given_for)
    left = {each.order_id: each.left.minor for each in given_for}
    assert all(0 < amount.minor <= left[order_id] for order_id, amount in sooner)
    assert sum(sums(later)) <= sum(sums(sooner)) <= price + 1
