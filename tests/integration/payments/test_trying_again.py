"""Ben's card fails at a renewal: it is tried again by the schedule, and then it recovers, or the membership ends."""

from __future__ import annotations

from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Need
from directfanz.domains.memberships import jobs as memberships
from directfanz.domains.payments.jobs import DUNNING, Nothing
from directfanz.domains.payments.service import buying
from tests.support.accounts import Someone
from tests.support.money import MoneyStage
from tests.support.work import run_schedules


async def member_whose_card_fails(stage: MoneyStage) -> Someone:
    ben = await stage.fan("ben")
    stage.pay(await stage.join(ben))
    await stage.told()
    customer = await stage.backends.database.fetch_value(
        "SELECT customer FROM customers WHERE user_id = $1", ben.user_id
    )
    stage.till.break_card(str(customer))
    await stage.later(days=32)
    await stage.told()
    return ben


async def is_in(stage: MoneyStage, who: Someone) -> bool:
    need = Need(creator_id=stage.page.id, access="members")
    return (await entitlements.decide(stage.backends, who.user_id, need)).allowed


async def a_day(stage: MoneyStage) -> None:
    await stage.later(days=1)
    await DUNNING.run(stage.backends, Nothing())
    await stage.told()
    await run_schedules(stage.backends, memberships.SCHEDULES)
    await stage.told()


async def state(stage: MoneyStage) -> tuple[str, int]:
    row = await stage.backends.database.fetch_row("SELECT state, tries FROM dunnings")
    return (row[0], row[1]) if row else ("none", 0)


async def test_it_recovers_when_the_card_is_good_again(stage: MoneyStage) -> None:
    ben = await member_whose_card_fails(stage)
    assert await state(stage) == ("open", 0)
    assert await is_in(stage, ben), "while it is tried again"
    assert len(await buying.refused_renewals(stage.backends, await stage.caller(ben))) == 1
    await a_day(stage)
    assert await state(stage) == ("open", 1)
    customer = await stage.backends.database.fetch_value("SELECT customer FROM customers")
    stage.till.break_card(str(customer), "")
    for _ in range(3):
        await a_day(stage)
    assert (await state(stage))[0] == "recovered"
    mine = await buying.mine(stage.backends, await stage.caller(ben), None, 10)
    assert [each.state for each in mine] == ["paid", "paid"]
    assert await is_in(stage, ben)
    assert await stage.problems() == []


async def test_it_is_given_up_after_the_last_try_and_the_membership_ends(stage: MoneyStage) -> None:
    ben = await member_whose_card_fails(stage)
    for _ in range(10):
        await a_day(stage)
    assert await state(stage) == ("given_up", 4)
    assert not await is_in(stage, ben)
    sql = "SELECT state, end_reason FROM memberships WHERE user_id = $1"
    row = await stage.backends.database.fetch_row(sql, ben.user_id)
    assert row is not None
    assert tuple(row) == ("ended", "unpaid")
    assert len(await buying.mine(stage.backends, await stage.caller(ben), None, 10)) == 1
    assert await stage.problems() == []
