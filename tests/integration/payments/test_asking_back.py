"""A fan asks for their money back; the page answers, or an operator does. And what a page gives back that closes for good."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from directfanz.domains.creators.service import own_data as closing_pages
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.ledger import service as ledger
from directfanz.domains.memberships.jobs import CLOSED as LEAVE
from directfanz.domains.memberships.jobs import Now
from directfanz.domains.memberships.service import gifts
from directfanz.domains.payments.errors import NoSuchRefundRequest, NotRefundable
from directfanz.domains.payments.jobs import ASKED_BACK, CLOSED, Nothing
from directfanz.domains.payments.models import Order
from directfanz.domains.payments.service import checkout, refund_requests, refunds
from directfanz.errors import InvalidInput, NotFound
from directfanz.kit.money import Money
from tests.support.accounts import Someone
from tests.support.money import MoneyStage


async def paid_tip(stage: MoneyStage, who: Someone, minor: int = 1000) -> Order:
    opened = await stage.tip(who, minor)
    stage.pay(opened)
    await stage.told()
    return await stage.order(opened)


async def told(stage: MoneyStage, who: Someone) -> list[str]:
    rows = await stage.backends.database.fetch(
        "SELECT kind FROM notifications WHERE user_id = $1 ORDER BY position", who.user_id
    )
    return [row[0] for row in rows]


async def test_ben_asks_and_ada_gives_a_part(stage: MoneyStage) -> None:
    ben, backends = await stage.fan("ben"), stage.backends
    order, me, ada = await paid_tip(stage, ben), await stage.caller(ben), await stage.caller(stage.ada)
    asked = await refund_requests.ask(backends, me, order.id, "I meant one, not ten.")
    again = await refund_requests.ask(backends, me, order.id, "Please.")
    assert (asked.state, again.id) == ("open", asked.id)
    assert "payments.refund_asked_for" in await told(stage, stage.ada)
    assert [row.id for row, _ in await refund_requests.waiting_of(backends, ada, stage.page.id)] == [asked.id]
    done = await asyncio.gather(
        *(refund_requests.approve(backends, ada, asked.id, Money(900, "EUR")) for _ in range(3)), return_exceptions=True
    )
    assert sum(isinstance(each, NotRefundable) for each in done) == 2, done
    await stage.told()
    assert (await stage.order(order.id)).refunded == Money(900, "EUR")
    answered = await refund_requests.of_order(backends, order)
    assert answered is not None
    assert (answered.state, answered.refund_id is not None, answered.answered_by) == ("approved", True, ada.user_id)
    assert "payments.refunded" in await told(stage, ben)
    actions = await backends.database.fetch(
        "SELECT action FROM audit_log WHERE target = $1 ORDER BY position", ben.user_id
    )
    assert [row[0] for row in actions][-2:] == ["payments.refund_asked_for", "payments.refund_approved"]
    assert await stage.problems() == []


async def test_a_no_can_be_taken_to_an_operator_whose_no_stays(stage: MoneyStage) -> None:
    ben, backends = await stage.fan("ben"), stage.backends
    order, me, ada = await paid_tip(stage, ben), await stage.caller(ben), await stage.caller(stage.ada)
    olu = await stage.caller(await stage.fan("olu"), "admin")
    first = await refund_requests.ask(backends, me, order.id, "It was not what I thought.")
    with pytest.raises(InvalidInput):
        await refund_requests.decline(backends, ada, first.id, "   ")
    await refund_requests.decline(backends, ada, first.id, "You read it, and it is as described.")
    assert "payments.refund_declined" in await told(stage, ben)
    second = await refund_requests.ask(backends, me, order.id, "It is half as long as it says.")
    assert second.state == "escalated"
    with pytest.raises(NotRefundable, match="people who run the platform"):
        await refund_requests.approve(backends, ada, second.id)
    assert [row.id for row, _ in await refund_requests.escalated(backends)] == [second.id]
    assert (await refund_requests.decline(backends, olu, second.id, "It is as long as it says.")).final
    with pytest.raises(NotRefundable, match="decided"):
        await refund_requests.ask(backends, me, order.id, "Once more!")
    assert (await stage.order(order.id)).refunded == Money(0, "EUR")


async def test_what_a_page_leaves_is_an_operators_after_a_week(stage: MoneyStage) -> None:
    ben, backends = await stage.fan("ben"), stage.backends
    order, me = await paid_tip(stage, ben), await stage.caller(ben)
    olu = await stage.caller(await stage.fan("olu"), "admin")
    asked = await refund_requests.ask(backends, me, order.id, "Twice by mistake.")
    await stage.later(days=6)
    await ASKED_BACK.run(backends, Nothing())
    assert await refund_requests.escalated(backends) == []
    await stage.later(days=1, hours=1)
    for _ in range(2):
        await ASKED_BACK.run(backends, Nothing())
    assert (await told(stage, ben)).count("payments.refund_escalated") == 1
    await refund_requests.approve(backends, olu, asked.id)
    await stage.told()
    assert (await stage.order(order.id)).state == "refunded"
    assert await stage.problems() == []


async def test_who_may_ask_and_who_may_answer(stage: MoneyStage) -> None:
    ben, cy, backends = await stage.fan("ben"), await stage.fan("cy"), stage.backends
    order, me, stranger = await paid_tip(stage, ben), await stage.caller(ben), await stage.caller(cy)
    with pytest.raises(NotFound):
        await refund_requests.ask(backends, stranger, order.id, "Give it to me.")
    with pytest.raises(InvalidInput):
        await refund_requests.ask(backends, me, order.id, "x" * 501)
    asked = await refund_requests.ask(backends, me, order.id, "Mine.")
    for who in (stranger, me):
        with pytest.raises(NoSuchRefundRequest):
            await refund_requests.approve(backends, who, asked.id)
    with pytest.raises(NoSuchRefundRequest):
        await refund_requests.withdraw(backends, stranger, asked.id)
    await refund_requests.withdraw(backends, me, asked.id)
    ada = await stage.caller(stage.ada)
    with pytest.raises(NotRefundable, match="answered"):
        await refund_requests.decline(backends, ada, asked.id, "No.")
    again = await refund_requests.ask(backends, me, order.id, "After all.")
    await refunds.refund(backends, ada, order.id)  # gives it back by hand: that answers it too
    found = await refund_requests.of_order(backends, order)
    assert found is not None
    assert (found.id, found.state) == (again.id, "approved")
    old = await paid_tip(stage, ben)
    await stage.later(days=61)
    with pytest.raises(NotRefundable, match="60 days"):
        await refund_requests.ask(backends, me, old.id, "Long ago.")


async def close(stage: MoneyStage) -> None:
    """Ada's account goes, and her page with it."""
    async with stage.backends.database.writing() as tx:
        await closing_pages.erase(stage.backends, tx, stage.ada.user_id)
    for _ in range(2):  # killed and run again it is the same
        await LEAVE.run(stage.backends, Now())
        await CLOSED.run(stage.backends, Nothing())
        await stage.told()


async def test_a_page_that_closes_gives_back_what_was_not_had(stage: MoneyStage) -> None:
    ben, cy, backends = await stage.fan("ben"), await stage.fan("cy"), stage.backends
    member, tip = await stage.join(ben, 3100), await stage.tip(ben, 500)
    gift = await checkout.gift(backends, await stage.caller(cy), stage.gold.id, 3)
    for each in (member, tip, gift):
        stage.pay(each)
    await stage.told()
    await stage.later(days=10)
    await close(stage)
    month = timedelta(days=31)  # from 2 March
    left = (month - timedelta(days=10)) / month
    assert abs((await stage.order(member)).refunded.minor - 3100 * left) <= 2
    assert (await stage.order(tip)).refunded.minor == 0
    assert (await stage.order(gift)).state == "refunded"
    assert (await told(stage, ben)).count("payments.page_closed") == 1
    assert (await gifts.of_buyer(backends, await stage.caller(cy), _gift(await stage.order(gift)))).state == "refunded"
    async with backends.database.writing() as tx:
        assert await entitlements.compare(tx, stage.clock.now()) == []
    assert sum((await ledger.totals(backends.database)).values()) == 0
    assert await stage.problems() == []


def _gift(order: Order) -> UUID:
    assert order.gift_id is not None
    return order.gift_id
