"""Tax that the provider adds to the price is nobody's earnings: it lands in an account of its own, and goes back with a refund."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from directfanz.backends.clock.manual import ManualClock
from directfanz.domains.ledger import service as ledger
from directfanz.domains.payments.repository import papers
from directfanz.domains.payments.service import reconciling, refunds
from directfanz.kit.money import Money
from tests.support.money import MoneyHouse, MoneyStage


@pytest.fixture
async def taxed(house: MoneyHouse, clock: ManualClock) -> AsyncIterator[MoneyStage]:
    async with house.stage(clock, taxed=True) as stage:
        yield stage


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


async def collected(stage: MoneyStage) -> int:
    return (await ledger.totals(stage.backends.database)).get(("tax", "EUR"), 0)


async def test_tax_on_a_tip_and_on_a_membership_with_its_renewal(taxed: MoneyStage) -> None:
    ben = await taxed.fan("ben")
    tip, joined = await taxed.tip(ben, 1000), await taxed.join(ben, 1000)
    for each in (tip, joined):
        taxed.pay(each, country="DE")
    await taxed.told()
    for opened in (tip, joined):
        order = await taxed.order(opened)
        assert (order.subtotal, order.tax, order.total, order.fee) == (eur(1000), eur(190), eur(1190), eur(100))
        (paper,) = await papers.of_order(taxed.backends.database, order.id)
        assert (paper.paper.tax, paper.paper.total) == (eur(190), eur(1190))
    assert await collected(taxed) == 380
    await taxed.later(days=35)
    await taxed.told()
    assert await collected(taxed) == 570
    await refunds.refund(taxed.backends, await taxed.caller(taxed.ada), tip.order_id, eur(595))
    assert await collected(taxed) == 475
    await refunds.refund(taxed.backends, await taxed.caller(taxed.ada), tip.order_id)
    assert await collected(taxed) == 380
    assert await taxed.problems() == []
    assert (await reconciling.reconcile(taxed.backends)).clean
