"""Refunds and disputes: never more than was paid, to the cent, and with their effect on what somebody may see."""

from __future__ import annotations

import asyncio

import pytest

from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Need
from directfanz.domains.ledger import service as ledger
from directfanz.domains.ledger.jobs import RELEASE, Release
from directfanz.domains.payments.errors import AmountRefused, DisputeClosed, NoSuchDispute, NoSuchOrder, NotRefundable
from directfanz.domains.payments.models import Dispute, Order
from directfanz.domains.payments.repository import papers
from directfanz.domains.payments.service import disputes, refunds, sweeping
from directfanz.errors import Unavailable
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money
from tests.support.accounts import Someone
from tests.support.money import MoneyStage


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


async def paid_tip(stage: MoneyStage, who: Someone, minor: int = 1000) -> Order:
    opened = await stage.tip(who, minor)
    stage.pay(opened)
    await stage.told()
    return await stage.order(opened)


async def platform(stage: MoneyStage) -> dict[str, int]:
    return {account: minor for (account, _), minor in (await ledger.totals(stage.backends.database)).items() if minor}


async def test_a_whole_refund_takes_everything_back_but_the_providers_fee(stage: MoneyStage) -> None:
    ben = await stage.fan("ben")
    order = await paid_tip(stage, ben)
    ada = await stage.caller(stage.ada)
    done = await refunds.refund(stage.backends, ada, order.id, reason="A mistake")
    assert (done.amount, done.state) == (eur(1000), "done")
    await stage.told()
    order = await stage.order(order.id)
    assert (order.state, order.refunded) == ("refunded", eur(1000))
    sums = await platform(stage)
    assert sums["provider_fees"] == order.provider_fee.minor
    assert sums.get("platform_fees", 0) == sums.get("refunds", 0) == 0
    assert sum(await stage.balances()) == -order.provider_fee.minor
    kinds = [each.kind for each in await papers.of_order(stage.backends.database, order.id)]
    assert kinds == ["invoice", "credit_note"]
    assert await stage.problems() == []


async def test_small_refunds_add_up_to_a_whole_one(stage: MoneyStage) -> None:
    ben = await stage.fan("ben")
    order = await paid_tip(stage, ben, 1001)
    ada = await stage.caller(stage.ada)
    for minor in (333, 333, 333, 2):
        await refunds.refund(stage.backends, ada, order.id, eur(minor))
        assert await stage.problems() == []
    assert (await stage.order(order.id)).state == "refunded"
    assert (await platform(stage)).get("platform_fees", 0) == 0
    with pytest.raises(NotRefundable):
        await refunds.refund(stage.backends, ada, order.id)


async def test_refunds_at_once_never_exceed_what_was_paid(stage: MoneyStage) -> None:
    ben = await stage.fan("ben")
    order = await paid_tip(stage, ben)
    ada = await stage.caller(stage.ada)
    asked = await asyncio.gather(
        *(refunds.refund(stage.backends, ada, order.id, eur(400)) for _ in range(6)), return_exceptions=True
    )
    assert sum(not isinstance(each, BaseException) for each in asked) == 2
    assert (await stage.order(order.id)).refunded == eur(800)
    await stage.told()
    assert await stage.problems() == []


async def test_a_double_click_is_one_refund(stage: MoneyStage) -> None:
    ben = await stage.fan("ben")
    order = await paid_tip(stage, ben)
    ada = await stage.caller(stage.ada)
    both = await asyncio.gather(*(refunds.refund(stage.backends, ada, order.id, eur(100), key="k") for _ in range(3)))
    assert len({each.id for each in both}) == 1
    assert (await stage.order(order.id)).refunded == eur(100)


@pytest.mark.parametrize("amount", [eur(0), eur(-5), eur(1001), Money(100, "USD"), eur(2**62)])
async def test_a_refund_that_makes_no_sense_is_refused(stage: MoneyStage, amount: Money) -> None:
    ben = await stage.fan("ben")
    order = await paid_tip(stage, ben)
    with pytest.raises(AmountRefused):
        await refunds.refund(stage.backends, await stage.caller(stage.ada), order.id, amount)


async def test_only_the_team_and_operators_give_back(stage: MoneyStage) -> None:
    ben, cy = await stage.fan("ben"), await stage.fan("cy")
    order = await paid_tip(stage, ben)
    for who in (ben, cy):
        with pytest.raises(NoSuchOrder):
            await refunds.refund(stage.backends, await stage.caller(who), order.id)
    await refunds.refund(stage.backends, await stage.caller(cy, role="admin"), order.id, eur(1))


async def test_a_refunded_membership_and_purchase_are_had_no_longer(stage: MoneyStage) -> None:
    ben, lesson = await stage.fan("ben"), new_id()
    bought, joined = await stage.buy(ben, lesson), await stage.join(ben)
    for each in (bought, joined):
        stage.pay(each)
    await stage.told()
    ada = await stage.caller(stage.ada)
    open_lesson = Need(creator_id=stage.page.id, access="paid", object_id=lesson)
    member = Need(creator_id=stage.page.id, access="members")
    await refunds.refund(stage.backends, ada, bought.order_id, eur(100))
    assert (await entitlements.decide(stage.backends, ben.user_id, open_lesson)).allowed
    await refunds.refund(stage.backends, ada, bought.order_id)
    await refunds.refund(stage.backends, ada, joined.order_id)
    await stage.told()
    for need in (open_lesson, member):
        assert not (await entitlements.decide(stage.backends, ben.user_id, need)).allowed
    async with stage.backends.database.writing() as tx:
        assert await entitlements.compare(tx, stage.clock.now()) == []
    await stage.later(days=40)
    await stage.told()
    assert (await stage.order(joined.order_id)).state == "refunded"
    assert await stage.problems() == []


async def test_a_refund_after_the_money_was_released_comes_out_of_what_is_available(stage: MoneyStage) -> None:
    ben = await stage.fan("ben")
    order = await paid_tip(stage, ben)
    await stage.later(days=8)
    await RELEASE.run(stage.backends, Release())
    await refunds.refund(stage.backends, await stage.caller(stage.ada), order.id)
    assert await stage.balances() == (0, -order.provider_fee.minor, 0)
    assert await stage.problems() == []


async def test_an_answer_lost_on_the_way_is_asked_for_again_and_one_refund(
    stage: MoneyStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = await stage.fan("ben")
    order = await paid_tip(stage, ben)
    ada = await stage.caller(stage.ada)
    asked = await refunds.ask(stage.backends, ada, order.id, eur(400), "")
    # The provider heard it; we did not hear the provider.
    about = {"refund": str(asked.id), "order": str(order.id)}
    assert order.payment is not None
    await stage.backends.billing.refund(order.payment, eur(400), metadata=about, key=f"refund/{asked.id}")
    stage.happened()
    await stage.later(hours=1)
    await sweeping.unanswered_refunds(stage.backends)
    assert (await stage.order(order.id)).refunded == eur(400)
    assert (await stage.backends.billing.payment(order.payment)).refunded == eur(400)
    assert (await platform(stage)).get("refunds", 0) == 0
    assert await stage.problems() == []


async def test_a_refund_made_at_the_provider_is_booked_here(stage: MoneyStage) -> None:
    ben = await stage.fan("ben")
    opened = await stage.tip(ben, 1000)
    stage.pay(opened)
    page = await stage.backends.billing.checkout(stage.page_of(opened))
    assert page.payment is not None
    await stage.backends.billing.refund(page.payment, eur(250), metadata={}, key="by hand")
    news = stage.happened()
    from directfanz.domains.payments.service import events

    for event in reversed(news):  # the refund is told before the payment
        await events.take(stage.backends, event)
    order = await stage.order(opened)
    assert (order.state, order.refunded) == ("part_refunded", eur(250))
    assert await stage.problems() == []


async def test_a_bank_that_does_not_take_a_refund(stage: MoneyStage) -> None:
    ben = await stage.fan("ben")
    opened = await stage.tip(ben, 1000)
    stage.pay(opened, "4000000000005126")  # refunds to this card fail later
    await stage.told()
    done = await refunds.refund(stage.backends, await stage.caller(stage.ada), opened.order_id, eur(1000))
    assert done.state in ("sent", "done")
    await stage.later(days=1)
    await stage.told()
    order = await stage.order(opened)
    assert (order.state, order.refunded) == ("paid", eur(0))
    assert sum(await stage.balances()) == 900 - order.provider_fee.minor
    assert await stage.problems() == []


async def disputed(stage: MoneyStage, order: Order) -> None:
    assert order.charge is not None
    stage.till.simulator.dispute(order.charge)
    await stage.told()


async def the_dispute(stage: MoneyStage) -> Dispute:
    found = await disputes.of_creator(stage.backends, await stage.caller(stage.ada), stage.page.id)
    return found[0][0]


async def test_disputed_money_is_set_aside_and_comes_back_when_won(stage: MoneyStage) -> None:
    ben = await stage.fan("ben")
    order = await paid_tip(stage, ben)
    before = await stage.balances()
    await disputed(stage, order)
    row = await the_dispute(stage)
    assert (row.state, row.withdrawn) == ("needs_response", True)
    assert row.due_at is not None
    held, available, reserve = await stage.balances()
    assert (reserve, held + available + reserve) == (900, before[0] - row.fee.minor)
    with pytest.raises(NotRefundable):
        await refunds.refund(stage.backends, await stage.caller(stage.ada), order.id)
    await disputes.answer(
        stage.backends, await stage.caller(stage.ada), row.id, {"uncategorized_text": "winning_evidence"}
    )
    with pytest.raises(DisputeClosed):
        await disputes.answer(stage.backends, await stage.caller(stage.ada), row.id, {"uncategorized_text": "more"})
    await stage.later(minutes=10)
    await stage.told()
    assert (await the_dispute(stage)).state == "won"
    assert (await stage.order(order.id)).state == "paid"
    held, available, reserve = await stage.balances()
    assert (reserve, held + available) == (0, before[0] - row.fee.minor)
    assert await stage.problems() == []


async def test_a_lost_dispute_is_a_refund_with_a_fee(stage: MoneyStage) -> None:
    ben, lesson = await stage.fan("ben"), new_id()
    bought = await stage.buy(ben, lesson, 1000)
    stage.pay(bought)
    await stage.told()
    order = await stage.order(bought)
    await disputed(stage, order)
    row = await the_dispute(stage)
    await stage.later(days=8)  # nobody answers
    await stage.told()
    assert (await the_dispute(stage)).state == "lost"
    order = await stage.order(bought)
    assert (order.state, order.refunded) == ("refunded", eur(1000))
    assert sum(await stage.balances()) == -order.provider_fee.minor - row.fee.minor
    need = Need(creator_id=stage.page.id, access="paid", object_id=lesson)
    assert not (await entitlements.decide(stage.backends, ben.user_id, need)).allowed
    sums = await platform(stage)
    assert sums.get("disputes", 0) == sums.get("platform_fees", 0) == 0
    assert await stage.problems() == []


async def test_evidence_is_not_lost_with_the_providers_answer(
    stage: MoneyStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben, cy = await stage.fan("ben"), await stage.fan("cy")
    await disputed(stage, await paid_tip(stage, ben))
    row, ada = await the_dispute(stage), await stage.caller(stage.ada)
    stage.till.simulator.mischief.times = 10
    with pytest.raises(Unavailable):
        await disputes.answer(stage.backends, ada, row.id, {"uncategorized_text": "He was there."})
    stage.till.simulator.mischief.times = 0
    kept = (await disputes.get(stage.backends, ada, row.id))[0]
    assert (kept.evidence, kept.sent_at) == ({"uncategorized_text": "He was there."}, None)
    assert (await disputes.answer(stage.backends, ada, row.id, dict(kept.evidence or {}))).sent_at is not None
    with pytest.raises(NoSuchDispute):
        await disputes.get(stage.backends, await stage.caller(cy), row.id)
