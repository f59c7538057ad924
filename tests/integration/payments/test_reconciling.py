"""The provider's account beside our book: the same, and when it is not, it is found and shown."""

from __future__ import annotations

import pytest

from directfanz.domains.payments.jobs import RECONCILE, Nothing
from directfanz.domains.payments.service import reconciling, refunds
from directfanz.errors import Rejected
from directfanz.kit.money import Money
from tests.support.money import MoneyHouse, MoneyStage


async def a_month(stage: MoneyStage) -> None:
    ben, cy = await stage.fan("ben"), await stage.fan("cy")
    joined = await stage.join(ben)
    stage.pay(joined)
    tips = [await stage.tip(cy, 700 + each) for each in range(3)]
    for each in tips:
        stage.pay(each)
    await stage.told()
    await refunds.refund(stage.backends, await stage.caller(stage.ada), tips[0].order_id, Money(300, "EUR"))
    charge = (await stage.order(tips[1])).charge
    assert charge is not None
    stage.till.simulator.dispute(charge)
    await stage.told()
    await stage.later(days=35)
    await stage.told()


async def test_a_month_leaves_no_difference(stage: MoneyStage) -> None:
    await a_month(stage)
    done = await reconciling.reconcile(stage.backends, stage.clock.now().replace(month=1, day=1))
    assert done.differences == []
    assert done.moves >= 7
    assert [(each.theirs, each.currency) for each in done.balances] == [(each.ours, "EUR") for each in done.balances]
    await RECONCILE.run(stage.backends, Nothing())


async def test_an_event_that_never_arrived_is_fetched_first(stage: MoneyStage) -> None:
    ben = await stage.fan("ben")
    opened = await stage.tip(ben, 500)
    stage.pay(opened)
    stage.happened()
    await stage.later(hours=2)
    assert (await reconciling.reconcile(stage.backends)).clean
    assert (await stage.order(opened)).state == "paid"


PLANTED = [
    ("UPDATE ledger_entries SET amount = amount - 1 WHERE account = 'provider'", {"another amount", "balance"}),
    ("UPDATE ledger_transactions SET key = 'lost/' || key WHERE kind = 'order_paid'", {"unknown move", "no move"}),
]


@pytest.mark.parametrize(("how", "found"), PLANTED)
async def test_a_planted_difference_is_found_and_shown(
    stage: MoneyStage, house: MoneyHouse, how: str, found: set[str]
) -> None:
    ben = await stage.fan("ben")
    stage.pay(await stage.tip(ben, 500))
    await stage.told()
    await stage.later(hours=1)
    await house.world.keeper.execute(how)
    done = await reconciling.reconcile(stage.backends)
    assert {each.what for each in done.differences} == found
    with pytest.raises(Rejected, match="do not agree"):
        await RECONCILE.run(stage.backends, Nothing())
    assert not (await reconciling.newest(stage.backends))[0].clean
