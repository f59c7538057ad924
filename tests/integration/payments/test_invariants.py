"""What must hold between orders, refunds, payouts, papers and the ledger: each thing that is planted is found, by the look at what is
recent as by the look at everything; what is older than recent is found by the latter."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from directfanz.domains.ledger.jobs import RELEASE, Release
from directfanz.domains.ledger.models import broken_of
from directfanz.domains.payments.invariants import FIRST, invariants
from directfanz.domains.payments.service import overseeing, payouts, refunds
from directfanz.kit.ids import created_at, first_of, new_id
from directfanz.kit.money import Money
from tests.support.money import MoneyHouse, MoneyStage

PLANTED = [
    (
        "UPDATE orders SET total = total + 1, subtotal = subtotal + 1 WHERE paid_at IS NOT NULL",
        "paid_orders_are_booked",
    ),
    ("DELETE FROM ledger_transactions WHERE kind = 'order_paid'", "paid_orders_are_booked"),
    ("UPDATE orders SET paid_at = NULL, state = 'pending'", "paid_orders_are_booked"),
    ("UPDATE orders SET refunded = refunded + 1 WHERE refunded > 0", "refunds_add_up"),
    ("UPDATE refunds SET amount = amount - 1", "refunds_add_up"),
    ("UPDATE payouts SET amount = amount + 1", "payouts_add_up"),
    ("INSERT INTO ledger_unpaid SELECT entry_id, '{any}', 'EUR', amount FROM payout_items", "payouts_add_up"),
    ("UPDATE invoice_numbers SET last = last + 1", "numbers_have_no_gaps"),
    ("DELETE FROM invoices WHERE number = 1", "numbers_have_no_gaps"),
]


async def a_story(stage: MoneyStage) -> None:
    """Two tips, one of them given back in part, and what was left paid out."""
    ben = await stage.fan("ben")
    await stage.can_be_paid()
    first, second = await stage.tip(ben, 3000), await stage.tip(ben, 4000)
    stage.pay(first)
    stage.pay(second)
    await stage.told()
    await refunds.refund(stage.backends, await stage.caller(stage.ada), first.order_id, Money(1000, "EUR"), "a part")
    await stage.told()
    await stage.later(days=8)
    await RELEASE.run(stage.backends, Release())
    await payouts.run(stage.backends)
    await stage.told()


class Planting:
    """The server's owner, who may write what the product never could; asked within the same transaction, which is undone."""

    def __init__(self, keeper: asyncpg.Connection) -> None:
        self.fetch, self.fetch_row, self.fetch_value = keeper.fetch, keeper.fetchrow, keeper.fetchval


async def found(keeper: asyncpg.Connection, since: UUID) -> set[str]:
    reader: Any = Planting(keeper)
    return {problem.split(":")[0] for problem in await broken_of(reader, invariants(since))}


async def test_what_is_planted_is_found_by_both_looks(stage: MoneyStage, house: MoneyHouse) -> None:
    keeper = house.world.keeper
    before = first_of(created_at(new_id()) - timedelta(seconds=1))
    await a_story(stage)
    assert await keeper.fetchval("SELECT count(*) FROM payout_items") > 0
    await asyncio.sleep(0.002)  # ids tell milliseconds apart
    later = new_id()
    assert await found(keeper, FIRST) == await found(keeper, before) == set()
    assert await overseeing.recent_problems(stage.backends) == []
    for how, found_by in PLANTED:
        planted = keeper.transaction()
        await planted.start()
        await keeper.execute(how.replace("{any}", str(stage.page.id)))
        whole = await found(keeper, FIRST)
        assert found_by in whole, how
        assert await found(keeper, before) == whole, how
        if "ledger_unpaid" not in how:  # which is read whole each night: it holds what was not paid yet
            assert found_by not in await found(keeper, later), how
        await planted.rollback()


async def test_a_refund_of_today_makes_an_old_order_recent(stage: MoneyStage, house: MoneyHouse) -> None:
    ben, keeper = await stage.fan("ben"), house.world.keeper
    opened = await stage.tip(ben, 3000)
    stage.pay(opened)
    await stage.told()
    await asyncio.sleep(0.002)
    since = new_id()
    await refunds.refund(stage.backends, await stage.caller(stage.ada), opened.order_id, Money(1000, "EUR"), "a part")
    await stage.told()
    assert await found(keeper, since) == set()
    await keeper.execute("UPDATE orders SET refunded = refunded + 1")
    assert await found(keeper, since) == {"refunds_add_up"}
