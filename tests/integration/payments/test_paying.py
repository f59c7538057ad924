"""Ben pays Ada, and every cent is where it belongs."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
import pytest

from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Need
from directfanz.domains.ledger.jobs import RELEASE, Release
from directfanz.domains.memberships.errors import MemberAlready
from directfanz.domains.payments.errors import (
    AmountRefused,
    NoSuchGoal,
    NoSuchOrder,
    NotForSale,
    OwnedAlready,
    SpendCapReached,
)
from directfanz.domains.payments.jobs import TIDY, Nothing
from directfanz.domains.payments.repository import papers
from directfanz.domains.payments.service import buying, checkout, goals, spending
from directfanz.errors import DirectFanzError, InvalidInput
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money
from tests.support.money import MoneyStage


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


async def test_a_tip_is_booked_once_and_split_to_the_cent(stage: MoneyStage) -> None:
    ben = await stage.fan("ben")
    opened = await stage.tip(ben, 1000, message="Thank you")
    assert (await stage.order(opened)).state == "pending"
    stage.pay(opened)
    await stage.told()
    order = await stage.order(opened)
    assert (order.state, order.total, order.fee) == ("paid", eur(1000), eur(100))
    assert order.provider_fee.minor > 0
    assert await stage.balances() == (900 - order.provider_fee.minor, 0, 0)
    await stage.later(days=8)
    await RELEASE.run(stage.backends, Release())
    assert await stage.balances() == (0, 900 - order.provider_fee.minor, 0)
    assert await stage.problems() == []


async def test_a_membership_is_paid_by_its_first_invoice_and_renews(stage: MoneyStage) -> None:
    ben = await stage.fan("ben")
    opened = await stage.join(ben, 1200)
    stage.pay(opened)
    await stage.told()
    order = await stage.order(opened)
    assert (order.state, order.total) == ("paid", eur(1200))
    need = Need(creator_id=stage.page.id, access="rank", min_rank=stage.gold.rank)
    assert (await entitlements.decide(stage.backends, ben.user_id, need)).allowed
    await stage.later(days=40)
    await stage.told()
    mine = await buying.mine(stage.backends, await stage.caller(ben), None, 10)
    assert [(each.kind, each.total.minor, each.state) for each in mine] == [("membership", 1200, "paid")] * 2
    assert await stage.problems() == []


async def test_who_comes_back_does_not_wait_for_an_event(stage: MoneyStage) -> None:
    ben = await stage.fan("ben")
    opened = await stage.join(ben)
    stage.pay(opened)
    caller = await stage.caller(ben)
    await buying.came_back(stage.backends, caller, opened.order_id)
    need = Need(creator_id=stage.page.id, access="members")
    assert (await entitlements.decide(stage.backends, ben.user_id, need)).allowed
    tip = await stage.tip(ben, 500)
    stage.pay(tip)
    assert (await buying.came_back(stage.backends, caller, tip.order_id)).order.state == "paid"
    await stage.told()
    assert await stage.problems() == []


async def test_a_purchase_opens_what_was_bought_and_is_not_sold_twice(stage: MoneyStage) -> None:
    ben, lesson = await stage.fan("ben"), new_id()
    opened = await stage.buy(ben, lesson)
    stage.pay(opened)
    await stage.told()
    need = Need(creator_id=stage.page.id, access="paid", object_id=lesson)
    assert (await entitlements.decide(stage.backends, ben.user_id, need)).because == "purchase"
    with pytest.raises(OwnedAlready):
        await stage.buy(ben, lesson)
    async with stage.backends.database.writing() as tx:
        assert await entitlements.compare(tx, stage.clock.now()) == []


async def test_a_gift_is_paid_and_then_there(stage: MoneyStage) -> None:
    ben = await stage.fan("ben")
    opened = await checkout.gift(stage.backends, await stage.caller(ben), stage.gold.id, 3, "For you")
    stage.pay(opened)
    await stage.told()
    order = await stage.order(opened)
    assert (order.kind, order.state) == ("gift", "paid")
    sql = "SELECT state FROM gifts WHERE id = $1"
    assert await stage.backends.database.fetch_value(sql, order.gift_id) == "paid"


async def test_the_same_key_is_one_order_and_another_amount_is_another(stage: MoneyStage) -> None:
    ben = await stage.fan("ben")
    first, again = await stage.tip(ben, 500, key="a"), await stage.tip(ben, 500, key="a")
    assert (first.order_id, first.url) == (again.order_id, again.url)
    assert (await stage.tip(ben, 600, key="a")).order_id != first.order_id
    both = await asyncio.gather(*(stage.tip(ben, 700, key="b") for _ in range(4)))
    assert len({each.order_id for each in both}) == 1


async def test_two_tabs_that_join_make_one_membership(stage: MoneyStage) -> None:
    ben = await stage.fan("ben")
    tabs = await asyncio.gather(*(stage.join(ben) for _ in range(3)), return_exceptions=True)
    there = [each for each in tabs if not isinstance(each, BaseException)]
    assert there
    assert all(isinstance(each, DirectFanzError) for each in tabs if isinstance(each, BaseException))
    assert len({each.order_id for each in there}) == 1
    stage.pay(there[0])
    await stage.told()
    with pytest.raises(MemberAlready):
        await stage.join(ben)
    assert await stage.balances() != (0, 0, 0)


@pytest.mark.parametrize(
    ("minor", "currency"), [(-100, "EUR"), (0, "EUR"), (1, "EUR"), (10**12, "EUR"), (2**62, "EUR"), (500, "USD")]
)
async def test_amounts_that_make_no_sense_are_refused(stage: MoneyStage, minor: int, currency: str) -> None:
    ben = await stage.fan("ben")
    with pytest.raises(AmountRefused):
        await checkout.tip(stage.backends, await stage.caller(ben), stage.page.id, Money(minor, currency))


async def test_nobody_pays_their_own_page_or_sees_another_ones_checkout(stage: MoneyStage) -> None:
    ben, cy = await stage.fan("ben"), await stage.fan("cy")
    with pytest.raises(NotForSale):
        await stage.tip(stage.ada, 500)
    opened = await stage.tip(ben, 500)
    for someone in (cy, stage.ada):
        with pytest.raises(NoSuchOrder):
            await buying.came_back(stage.backends, await stage.caller(someone), opened.order_id)
    with pytest.raises(NoSuchOrder):
        await buying.get(stage.backends, await stage.caller(cy), opened.order_id)
    assert (
        await buying.get(stage.backends, await stage.caller(stage.ada), opened.order_id)
    ).order.id == opened.order_id


async def test_a_cap_holds_also_between_two_tabs(stage: MoneyStage) -> None:
    ben = await stage.fan("ben")
    caller = await stage.caller(ben)
    await spending.set_cap(stage.backends, caller, eur(1000))
    tabs = await asyncio.gather(*(stage.tip(ben, 400) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(each, SpendCapReached) for each in tabs) == 2
    opened = next(each for each in tabs if not isinstance(each, BaseException))
    stage.pay(opened)
    await stage.told()
    with pytest.raises(SpendCapReached, match=r"2\.00 left"):
        await stage.tip(ben, 300)
    await stage.later(days=31)
    await stage.tip(ben, 1000)


async def test_a_goal_closes_on_its_day(stage: MoneyStage) -> None:
    ben, ada, backends = await stage.fan("ben"), await stage.caller(stage.ada), stage.backends
    now = stage.clock.now()
    for wrong in (now, now - timedelta(days=1), now + timedelta(days=800)):
        with pytest.raises(InvalidInput):
            await goals.create(backends, ada, stage.page.id, "A lamp", "", eur(5000), wrong)
    goal = await goals.create(backends, ada, stage.page.id, "A lamp", "", eur(5000), now + timedelta(days=3))
    stage.pay(await stage.tip(ben, 700, goal_id=goal.id))
    await stage.told()
    await stage.later(days=3)
    async with backends.database.reading() as reader:
        assert await goals.of_creator(backends, reader, stage.page.id) == [], "by the clock, before any job"
    with pytest.raises(NoSuchGoal):
        await stage.tip(ben, 700, goal_id=goal.id)
    for _ in range(2):
        await TIDY.run(backends, Nothing())
    rows = await backends.database.fetch("SELECT facts FROM notifications WHERE kind = 'payments.goal_ended'")
    assert [msgspec.json.decode(row[0])["raised"] for row in rows] == ["7.00 EUR"]
    async with backends.database.reading() as reader:
        (ended,) = await goals.of_creator(backends, reader, stage.page.id, only_open=False)
    assert (ended.state, ended.raised) == ("closed", eur(700))


async def test_papers_are_numbered_without_gaps_also_at_once(stage: MoneyStage) -> None:
    ben, cy = await stage.fan("ben"), await stage.fan("cy")
    opened = [await stage.tip(who, 500 + number) for number in range(3) for who in (ben, cy)]
    for each in opened:
        stage.pay(each)
    news = stage.happened()
    from directfanz.domains.payments.service import events

    await asyncio.gather(*(events.take(stage.backends, event) for event in news))
    numbers = [(await papers.of_order(stage.backends.database, each.order_id))[0].number for each in opened]
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6]
    assert await stage.problems() == []


async def test_a_page_nobody_pays_on_is_given_up_and_paid_late_is_paid_all_the_same(stage: MoneyStage) -> None:
    from directfanz.domains.payments.service import sweeping

    ben = await stage.fan("ben")
    tip, joining = await stage.tip(ben, 500), await stage.join(ben)
    late = await stage.tip(ben, 600)
    stage.pay(late)
    stage.happened()  # lost on the way
    await stage.later(hours=2)
    await sweeping.lapsed_orders(stage.backends)
    assert [(await stage.order(each)).state for each in (tip, joining, late)] == ["expired"] * 3
    await sweeping.events(stage.backends, stage.clock.now().replace(hour=0))
    assert (await stage.order(late)).state == "paid"
    await stage.join(ben)
    assert await stage.problems() == []


async def test_what_is_bought_twice_in_two_tabs_goes_back_once(stage: MoneyStage) -> None:
    ben, lesson = await stage.fan("ben"), new_id()
    tabs = [await stage.buy(ben, lesson), await stage.buy(ben, lesson)]
    for each in tabs:
        stage.pay(each)
    await stage.told()
    assert sorted([(await stage.order(each)).state for each in tabs]) == ["paid", "refunded"]
    need = Need(creator_id=stage.page.id, access="paid", object_id=lesson)
    assert (await entitlements.decide(stage.backends, ben.user_id, need)).allowed
    async with stage.backends.database.writing() as tx:
        assert await entitlements.compare(tx, stage.clock.now()) == []
    assert await stage.problems() == []
