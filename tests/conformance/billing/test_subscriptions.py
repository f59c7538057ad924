from __future__ import annotations

from datetime import timedelta

import pytest

from directfanz.backends.billing.contract import CardRefused, Terms
from directfanz.errors import NotFound
from directfanz.kit.money import Money
from directfanz.kit.time import add_months
from tests.conformance.billing.conftest import GOLD, SILVER, Joins, key
from tests.support.billing import Till


async def test_it_renews_and_is_charged(stage: Till, joins: Joins) -> None:
    joined = await joins()
    begun = stage.clock.now()
    assert (joined.state, joined.price, joined.interval) == ("active", Money(1000, "USD"), "month")
    assert (joined.period_start, joined.period_end) == (begun, add_months(begun, 1))
    assert joined.card
    await stage.advance(days=31, hours=2)
    renewed = await stage.billing.subscription(joined.id)
    assert renewed.period_start == add_months(begun, 1)
    invoice = await stage.billing.invoice(stage.raw(joined.id)["latest_invoice"])
    assert (invoice.state, invoice.reason, invoice.paid) == ("paid", "subscription_cycle", Money(1000, "USD"))


async def test_the_same_card_is_known_again(joins: Joins) -> None:
    assert (await joins()).card == (await joins()).card


async def test_an_upgrade_costs_what_the_preview_said_to_the_cent(stage: Till, joins: Joins) -> None:
    joined = await joins(SILVER)
    await stage.advance(days=10, hours=7, minutes=13, seconds=29)
    at = stage.clock.now()
    preview = await stage.billing.preview_change(joined.id, GOLD, at=at)
    assert preview.id == ""
    assert [line.proration for line in preview.lines] == [True, True]
    await stage.advance(minutes=4)  # somebody reads before they press the button
    changed = await stage.billing.change_now(joined.id, GOLD, at=at, key=key())
    assert (changed.price, changed.state) == (Money(1000, "USD"), "active")
    assert (changed.period_start, changed.period_end) == (joined.period_start, joined.period_end)
    assert changed.metadata["tier"] == "gold"
    asked = await stage.billing.invoice(stage.raw(joined.id)["latest_invoice"])
    assert (asked.state, asked.total, asked.reason) == ("paid", preview.total, "subscription_update")
    assert 0 < asked.total.minor < 500
    assert sum(line.amount.minor for line in asked.lines) == asked.total.minor


async def test_an_upgrade_that_the_card_refuses_changes_nothing(stage: Till, joins: Joins) -> None:
    joined = await joins(SILVER)
    await stage.billing.change_at_renewal(joined.id, SILVER, key=key())
    stage.break_card(joined.customer, "insufficient_funds")
    await stage.advance(days=10)
    with pytest.raises(CardRefused) as refused:
        await stage.billing.change_now(joined.id, GOLD, at=stage.clock.now(), key=key())
    assert refused.value.reason == "insufficient_funds"
    after = await stage.billing.subscription(joined.id)
    assert (after.price, after.state, after.metadata) == (joined.price, "active", joined.metadata)
    assert stage.raw(joined.id)["schedule"]  # what was planned still is


async def test_from_months_to_a_year_begins_a_new_period(stage: Till, joins: Joins) -> None:
    joined = await joins()
    yearly = Terms(price=Money(10_000, "USD"), interval="year", product="Ada · Gold, a year")
    await stage.advance(days=5)
    at = stage.clock.now()
    preview = await stage.billing.preview_change(joined.id, yearly, at=at)
    changed = await stage.billing.change_now(joined.id, yearly, at=at, key=key())
    assert (changed.interval, changed.period_start) == ("year", at)
    asked = await stage.billing.invoice(stage.raw(joined.id)["latest_invoice"])
    assert asked.total == preview.total
    assert asked.total.minor == 10_000 - round(1000 * (31 - 5) / 31)


async def test_a_downgrade_waits_for_the_renewal(stage: Till, joins: Joins) -> None:
    joined = await joins(GOLD)
    await stage.advance(days=3)
    await stage.billing.change_at_renewal(joined.id, SILVER, key=key())
    now = await stage.billing.subscription(joined.id)
    assert (now.price, now.metadata["tier"]) == (Money(1000, "USD"), "gold")
    await stage.advance(days=29)
    then = await stage.billing.subscription(joined.id)
    assert (then.price, then.metadata["tier"], then.metadata["order"]) == (Money(500, "USD"), "silver", "order-1")
    invoice = await stage.billing.invoice(stage.raw(joined.id)["latest_invoice"])
    assert (invoice.state, invoice.total) == ("paid", Money(500, "USD"))
    await stage.advance(days=31)
    assert (await stage.billing.subscription(joined.id)).price == Money(500, "USD")  # and stays


async def test_a_second_planned_change_replaces_the_first(stage: Till, joins: Joins) -> None:
    joined = await joins(GOLD)
    bronze = Terms(price=Money(300, "USD"), interval="month", product="Ada · Bronze")
    await stage.billing.change_at_renewal(joined.id, SILVER, key=key())
    await stage.billing.change_at_renewal(joined.id, bronze, key=key())
    await stage.advance(days=31, hours=2)
    assert (await stage.billing.subscription(joined.id)).price == Money(300, "USD")


async def test_a_planned_change_asked_twice_with_one_key_is_one(stage: Till, joins: Joins) -> None:
    joined = await joins(GOLD)
    for _ in range(2):
        await stage.billing.change_at_renewal(joined.id, SILVER, key="the-one")
    assert stage.simulator.engine.store.count("", "subscription_schedule") == 1


async def test_a_planned_change_is_taken_back_more_than_once(stage: Till, joins: Joins) -> None:
    joined = await joins(GOLD)
    await stage.billing.change_at_renewal(joined.id, SILVER, key=key())
    for _ in range(2):
        await stage.billing.take_back_change(joined.id, key=key())
    await stage.advance(days=31, hours=2)
    assert (await stage.billing.subscription(joined.id)).price == Money(1000, "USD")


async def test_an_upgrade_ends_a_planned_downgrade(stage: Till, joins: Joins) -> None:
    joined = await joins(SILVER)
    bronze = Terms(price=Money(300, "USD"), interval="month", product="Ada · Bronze")
    await stage.billing.change_at_renewal(joined.id, bronze, key=key())
    await stage.billing.change_now(joined.id, GOLD, at=stage.clock.now(), key=key())
    await stage.advance(days=31, hours=2)
    assert (await stage.billing.subscription(joined.id)).price == Money(1000, "USD")


async def test_a_planned_change_in_a_trial_keeps_the_trial(stage: Till, joins: Joins) -> None:
    joined = await joins(GOLD, trial_days=14)
    await stage.billing.change_at_renewal(joined.id, SILVER, key=key())
    assert (await stage.billing.subscription(joined.id)).trial_end == joined.trial_end
    await stage.advance(days=14, hours=2)
    invoice = await stage.billing.invoice(stage.raw(joined.id)["latest_invoice"])
    assert invoice.total == Money(500, "USD")


async def test_cancelled_at_the_end_and_taken_back(stage: Till, joins: Joins) -> None:
    joined = await joins()
    assert (await stage.billing.cancel_at_end(joined.id, cancel=True, key=key())).cancels_at_end
    back = await stage.billing.cancel_at_end(joined.id, cancel=False, key=key())
    assert not back.cancels_at_end
    await stage.advance(days=31, hours=2)
    assert (await stage.billing.subscription(joined.id)).state == "active"
    await stage.billing.cancel_at_end(joined.id, cancel=True, key=key())
    await stage.advance(days=31)
    over = await stage.billing.subscription(joined.id)
    assert (over.state, over.cancels_at_end) == ("canceled", False)
    assert over.ended_at


async def test_cancelling_lets_go_of_what_was_planned(stage: Till, joins: Joins) -> None:
    joined = await joins()
    await stage.billing.change_at_renewal(joined.id, SILVER, key=key())
    assert (await stage.billing.cancel_at_end(joined.id, cancel=True, key=key())).cancels_at_end
    await stage.advance(days=31, hours=2)
    assert (await stage.billing.subscription(joined.id)).state == "canceled"


async def test_cancelled_now_and_again(stage: Till, joins: Joins) -> None:
    joined = await joins()
    for _ in range(2):
        gone = await stage.billing.cancel_now(joined.id, key=key())
        assert (gone.state, gone.ended_at) == ("canceled", stage.clock.now())
    with pytest.raises(NotFound):
        await stage.billing.cancel_now("sub_nobody", key=key())


async def test_paused_nothing_is_charged_and_the_paid_period_goes_on(stage: Till, joins: Joins) -> None:
    joined = await joins()
    assert (await stage.billing.pause(joined.id, key=key())).collection_paused
    await stage.advance(days=31, hours=2)
    skipped = await stage.billing.invoice(stage.raw(joined.id)["latest_invoice"])
    assert (skipped.state, skipped.paid) == ("void", Money(0, "USD"))
    resumed = await stage.billing.resume(joined.id, charge_now=False, key=key())
    assert not resumed.collection_paused
    await stage.advance(days=31)
    assert (await stage.billing.invoice(stage.raw(joined.id)["latest_invoice"])).state == "paid"


async def test_resumed_with_a_new_period_paid_at_once(stage: Till, joins: Joins) -> None:
    joined = await joins()
    await stage.billing.pause(joined.id, key=key())
    await stage.advance(days=50)
    resumed = await stage.billing.resume(joined.id, charge_now=True, key=key())
    assert not resumed.collection_paused
    assert (resumed.period_start, resumed.period_end) == (stage.clock.now(), add_months(stage.clock.now(), 1))
    paid = await stage.billing.invoice(stage.raw(joined.id)["latest_invoice"])
    assert (paid.state, paid.total) == ("paid", Money(1000, "USD"))


async def test_a_refused_card_leaves_it_paused(stage: Till, joins: Joins) -> None:
    joined = await joins()
    await stage.billing.pause(joined.id, key=key())
    await stage.advance(days=50)
    stage.break_card(joined.customer, "expired_card")
    with pytest.raises(CardRefused) as refused:
        await stage.billing.resume(joined.id, charge_now=True, key=key())
    assert refused.value.reason == "expired_card"
    assert (await stage.billing.subscription(joined.id)).collection_paused


async def test_the_next_charge_is_postponed(stage: Till, joins: Joins) -> None:
    joined = await joins()
    until = joined.period_end + timedelta(days=90)
    later = await stage.billing.postpone(joined.id, until, key=key())
    assert later.period_end == until
    await stage.advance(days=100)
    assert (await stage.billing.subscription(joined.id)).state == "trialing"
    await stage.advance(days=23)
    assert (await stage.billing.invoice(stage.raw(joined.id)["latest_invoice"])).paid == Money(1000, "USD")


async def test_a_failed_renewal_waits_for_us(stage: Till, joins: Joins) -> None:
    joined = await joins()
    stage.break_card(joined.customer, "insufficient_funds")
    await stage.advance(days=31, hours=2)
    assert (await stage.billing.subscription(joined.id)).state == "past_due"
    invoice = await stage.billing.invoice(stage.raw(joined.id)["latest_invoice"])
    assert (invoice.state, invoice.attempts) == ("open", 1)
    with pytest.raises(CardRefused) as refused:
        await stage.billing.pay_invoice(invoice.id, key=key())
    assert refused.value.reason == "insufficient_funds"
    stage.break_card(joined.customer, "")
    paid = await stage.billing.pay_invoice(invoice.id, key=key())
    assert (paid.state, paid.attempts) == ("paid", 3)
    assert (await stage.billing.pay_invoice(invoice.id, key=key())).state == "paid"  # twice is once
    assert (await stage.billing.subscription(joined.id)).state == "active"


async def test_giving_up_voids_what_is_open(stage: Till, joins: Joins) -> None:
    joined = await joins()
    stage.break_card(joined.customer)
    await stage.advance(days=31, hours=2)
    invoice = stage.raw(joined.id)["latest_invoice"]
    for _ in range(2):
        assert (await stage.billing.void_invoice(invoice, key=key())).state == "void"
    assert (await stage.billing.cancel_now(joined.id, key=key())).state == "canceled"
