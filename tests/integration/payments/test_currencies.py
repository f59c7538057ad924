"""A page keeps its money in its own currency, also one without cents; two of them in one book do not mix."""

from __future__ import annotations

from dataclasses import replace

import pytest

from directfanz.domains.creators.models import Creator
from directfanz.domains.ledger import service as ledger
from directfanz.domains.ledger.jobs import RELEASE, Release
from directfanz.domains.payments.errors import AmountRefused
from directfanz.domains.payments.service import buying, checkout, refunds
from directfanz.kit.money import Money
from tests.support.creators import page_of
from tests.support.money import MoneyStage


def yen(minor: int) -> Money:
    return Money(minor, "JPY")


async def page_in_yen(stage: MoneyStage) -> tuple[MoneyStage, Creator]:
    mio = await stage.fan("mio")
    shop = await page_of(stage.people, mio, currency="JPY")
    return replace(stage, ada=mio, page=shop), shop


async def test_yen_and_euros_beside_each_other(stage: MoneyStage) -> None:
    songs, shop = await page_in_yen(stage)
    ben = await stage.fan("ben")
    in_yen = await songs.tip(ben, 1001)
    in_euros = await stage.tip(ben, 1000)
    for opened in (in_yen, in_euros):
        stage.pay(opened)
    await stage.told()
    order = await stage.order(in_yen)
    assert (order.total, order.fee) == (yen(1001), yen(100))
    await stage.later(days=8)
    await RELEASE.run(stage.backends, Release())
    (theirs,) = await ledger.balances_of(stage.backends.database, shop.id)
    assert theirs.currency == "JPY"
    assert theirs.available == yen(1001) - order.fee - order.provider_fee
    receipt = await buying.get(stage.backends, await stage.caller(ben), in_yen.order_id)
    assert [paper.paper.total for paper in receipt.papers] == [yen(1001)]
    await refunds.refund(stage.backends, await stage.caller(songs.ada), in_yen.order_id, yen(333), "a third of it")
    await stage.told()
    assert (await stage.order(in_yen)).refunded == yen(333)
    totals = await ledger.totals(stage.backends.database)
    for currency in ("JPY", "EUR"):
        assert sum(minor for (_, code), minor in totals.items() if code == currency) == 0
    assert await stage.problems() == []


async def test_another_currency_than_the_pages_is_refused(stage: MoneyStage) -> None:
    songs, shop = await page_in_yen(stage)
    ben = await stage.fan("ben")
    with pytest.raises(AmountRefused):
        await checkout.tip(stage.backends, await stage.caller(ben), shop.id, Money(1000, "EUR"))
    with pytest.raises(AmountRefused):
        await songs.tip(ben, 10)  # less than can be charged in yen
