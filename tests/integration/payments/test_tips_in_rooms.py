"""A tip given beside a stream is shown there when it is paid, once, and is gone when the money goes back."""

from __future__ import annotations

import random

import pytest

from directfanz.domains.chat import service as chat
from directfanz.domains.chat.errors import RoomClosed
from directfanz.domains.chat.models import Event
from directfanz.domains.chat.service import reading, tipping
from directfanz.domains.payments.events import TIP_MOVED, TipMoved
from directfanz.domains.payments.repository import orders
from directfanz.domains.payments.service import refunds
from directfanz.kit.money import Money
from tests.support.chats import room_of
from tests.support.money import MoneyStage


async def shown(stage: MoneyStage, room_id: object) -> list[Event]:
    return await reading.since(stage.backends, room_id, 0)  # type: ignore[arg-type]


async def test_a_tip_is_shown_once_paid_and_hidden_once_back(stage: MoneyStage) -> None:
    ben, room_id = await stage.fan("ben"), await room_of(stage.people, stage.page)
    me, backends = await stage.caller(ben), stage.backends
    url = await tipping.give(backends, me, room_id, Money(700, "EUR"), "For  the sea", "key-of-form")
    assert await tipping.give(backends, me, room_id, Money(700, "EUR"), "For  the sea", "key-of-form") == url
    await stage.told()
    assert await shown(stage, room_id) == []  # not before it is paid
    stage.till.simulator.complete_checkout("cs_" + url.split("cs_")[1].split("?")[0].split("#")[0].split("/")[0])
    await stage.told(shuffled=random.Random(7))
    (tip,) = await shown(stage, room_id)
    assert (tip.kind, tip.name, tip.body, tip.facts["amount"]) == ("tip", "Ben", "For the sea", "7.00 EUR")
    (order,) = [each for each in await orders.of_user(backends.database, ben.user_id, None, 10) if each.kind == "tip"]
    again = TipMoved(order_id=order.id, room_id=room_id, user_id=ben.user_id, amount="7.00 EUR", message="x")
    await tipping.show(backends, again)
    assert len(await shown(stage, room_id)) == 1
    await refunds.refund(backends, await stage.caller(stage.ada), order.id, None, "Sorry")
    await stage.told()
    events = await shown(stage, room_id)
    assert [(each.kind, each.hidden) for each in events] == [("tip", True), ("removed", False)]
    assert await stage.problems() == []


async def test_a_closed_room_takes_no_tips(stage: MoneyStage) -> None:
    ben, room_id = await stage.fan("ben"), await room_of(stage.people, stage.page)
    async with stage.backends.database.writing() as tx:
        await chat.close_room(stage.backends, tx, room_id)
    with pytest.raises(RoomClosed):
        await tipping.give(stage.backends, await stage.caller(ben), room_id, Money(500, "EUR"), "", "k")


async def test_what_nobody_listens_to_says_so(stage: MoneyStage) -> None:
    told = TipMoved(order_id=stage.page.id, room_id=stage.page.id, user_id=stage.page.id, amount="1", message="")
    with pytest.raises(NotImplementedError, match=r"payments\.tip_moved"):
        await TIP_MOVED.job.run(stage.backends, told)
