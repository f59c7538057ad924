"""Whatever is changed to whatever at whatever second: what is shown is what is charged, and it is the time that is left, to the cent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from directfanz.backends.billing.contract import Terms
from directfanz.backends.clock.manual import ManualClock
from directfanz.kit.money import Money
from tests.conformance.billing.conftest import key, page_for, somebody
from tests.support.billing import Till, till

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CURRENCIES = ("USD", "JPY")
prices = st.integers(100, 200_000)


def terms(minor: int, currency: str, tier: str) -> Terms:
    return Terms(price=Money(minor, currency), interval="month", product=f"Ada · {tier}", metadata={"tier": tier})


def half_away(amount: Fraction) -> int:
    whole = int(abs(amount) + Fraction(1, 2))
    return whole if amount >= 0 else -whole


async def joined(stage: Till, old: Terms) -> str:
    page = await page_for(stage, await somebody(stage), old)
    stage.simulator.complete_checkout(page.id)
    found = (await stage.billing.checkout(page.id)).subscription
    assert found
    return found


@settings(max_examples=100, deadline=None)
@given(
    old=prices, more=st.integers(1, 200_000), second=st.integers(1, 30 * 86_400), currency=st.sampled_from(CURRENCIES)
)
async def test_an_upgrade_costs_the_time_that_is_left(old: int, more: int, second: int, currency: str) -> None:
    with till(ManualClock(START)) as stage:
        name = await joined(stage, terms(old, currency, "silver"))
        begun = await stage.billing.subscription(name)
        await stage.advance(seconds=second)
        at, gold = stage.clock.now(), terms(old + more, currency, "gold")
        shown = await stage.billing.preview_change(name, gold, at=at)
        left = Fraction(
            int((begun.period_end - at).total_seconds()), int((begun.period_end - begun.period_start).total_seconds())
        )
        expected = half_away((old + more) * left) - half_away(old * left)
        assert shown.total == Money(expected, currency)
        assert 0 <= expected <= more + 1
        await stage.advance(seconds=90)  # somebody reads before they press the button
        await stage.billing.change_now(name, gold, at=at, key=key())
        charged = await stage.billing.invoice(stage.raw(name)["latest_invoice"])
        if expected >= 100:  # what is too small for a card waits for the next invoice
            assert (charged.state, charged.total, charged.paid) == ("paid", shown.total, shown.total)
        after = await stage.billing.subscription(name)
        assert (after.price, after.period_end) == (gold.price, begun.period_end)


@settings(max_examples=30, deadline=None)
@given(old=prices, less=st.integers(1, 99), second=st.integers(1, 27 * 86_400))
async def test_a_downgrade_costs_nothing_before_the_renewal(old: int, less: int, second: int) -> None:
    with till(ManualClock(START)) as stage:
        name = await joined(stage, terms(old, "USD", "gold"))
        silver = terms(max(50, old * less // 100), "USD", "silver")
        await stage.advance(seconds=second)
        before = stage.raw(name)["latest_invoice"]
        await stage.billing.change_at_renewal(name, silver, key=key())
        same = await stage.billing.subscription(name)
        assert (same.price.minor, stage.raw(name)["latest_invoice"]) == (old, before)
        renewal = same.period_end - stage.clock.now() + timedelta(hours=2)
        await stage.advance(seconds=renewal.total_seconds())
        after = await stage.billing.subscription(name)
        charged = await stage.billing.invoice(stage.raw(name)["latest_invoice"])
        assert (after.price, charged.total) == (silver.price, silver.price)
