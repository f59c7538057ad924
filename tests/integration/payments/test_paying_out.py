"""Ada is paid what is hers, each entry once, wherever the job is killed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from directfanz.backends.billing.stripe.shapes import Anything
from directfanz.domains.ledger.jobs import RELEASE, Release
from directfanz.domains.payments.models import Payout
from directfanz.domains.payments.service import payouts, reconciling, statements
from directfanz.kit.money import Money
from tests.support.money import MoneyStage


async def with_money(stage: MoneyStage, minor: int = 5000) -> None:
    """Released, and at the provider too."""
    ben = await stage.fan("ben")
    for _ in range(2):
        stage.pay(await stage.tip(ben, minor))
    await stage.told()
    await stage.later(days=8)
    await RELEASE.run(stage.backends, Release())


async def all_payouts(stage: MoneyStage) -> list[Payout]:
    return await statements.payouts_of(stage.backends, await stage.caller(stage.ada), stage.page.id, None, 20)


async def arrived(stage: MoneyStage) -> None:
    await stage.later(days=4)
    await stage.told()


async def test_what_is_available_is_paid_out_and_arrives(stage: MoneyStage) -> None:
    await stage.can_be_paid()
    await with_money(stage)
    _, available, _ = await stage.balances()
    assert await payouts.run(stage.backends) == 1
    await stage.told()
    (paid,) = await all_payouts(stage)
    assert (paid.amount.minor, paid.state) == (available, "submitted")
    await arrived(stage)
    assert (await all_payouts(stage))[0].state == "paid"
    assert await stage.balances() == (0, 0, 0)
    assert await payouts.run(stage.backends) == 0
    assert await stage.problems() == []
    assert (await reconciling.reconcile(stage.backends, stage.clock.now().replace(day=1))).clean


async def test_money_that_is_not_at_the_provider_yet_is_paid_when_it_is(stage: MoneyStage) -> None:
    await stage.can_be_paid()
    await with_money(stage)
    (there,) = await stage.till.billing.balance()
    await stage.till.billing._wire.post(  # the platform took it all to its own bank
        "payouts", Anything, "payout", {"amount": there.minor, "currency": "eur"}
    )
    assert await payouts.run(stage.backends) == 1
    for _ in range(3):  # days later than any key of ours may be asked with
        await stage.later(days=1)
        await payouts.go_on(stage.backends)
        assert (await all_payouts(stage))[0].state == "draft"
    stage.pay(await stage.tip(await stage.fan("cy"), 20_000))
    await stage.later(days=3)
    await payouts.go_on(stage.backends)
    assert (await all_payouts(stage))[0].state == "submitted"
    assert stage.till.simulator.engine.store.count("", "transfer") == 1
    await stage.told()
    assert await stage.problems() == []


async def test_two_runs_at_once_pay_once(stage: MoneyStage) -> None:
    await stage.can_be_paid()
    await with_money(stage)
    await asyncio.gather(*(payouts.run(stage.backends) for _ in range(4)))
    assert len(await all_payouts(stage)) == 1
    assert await stage.problems() == []


async def test_little_waits_and_so_does_a_page_without_an_account(stage: MoneyStage) -> None:
    await with_money(stage, 500)
    assert await payouts.run(stage.backends) == 0
    await stage.can_be_paid()
    assert await payouts.run(stage.backends) == 0, "less than the least that is paid out"
    _, available, _ = await stage.balances()
    assert available > 0
    assert await stage.problems() == []


async def test_a_payout_that_the_bank_sends_back_is_in_the_balance_again(stage: MoneyStage) -> None:
    account = await stage.can_be_paid()
    await with_money(stage)
    _, available, _ = await stage.balances()
    stage.till.simulator.onboard(account, account_number="000111111116")  # docs: fails after it was sent
    await payouts.run(stage.backends)
    await stage.told()
    await arrived(stage)
    assert (await all_payouts(stage))[0].state == "failed"
    await payouts.go_on(stage.backends)
    (back,) = await all_payouts(stage)
    assert back.state == "returned"
    assert back.failure
    assert await stage.balances() == (0, available, 0)
    assert await stage.problems() == []
    stage.till.simulator.onboard(account)
    await stage.told()
    assert await payouts.run(stage.backends) == 1
    await arrived(stage)
    assert [each.state for each in await all_payouts(stage)] == ["paid", "returned"]
    assert (await reconciling.reconcile(stage.backends, stage.clock.now().replace(day=1))).clean


class Killed(BaseException):
    """As by a signal: nothing catches it on the way."""


class Dying:
    """A provider whose caller dies at one moment: before it is asked, or after it did what it was asked for."""

    def __init__(self, billing: Any, call: str, after: bool) -> None:
        self._billing, self._call, self._after = billing, call, after

    def __getattr__(self, name: str) -> Any:
        whole = getattr(self._billing, name)
        if name != self._call:
            return whole

        async def die(*args: Any, **named: Any) -> None:
            if self._after:
                await whole(*args, **named)
            raise Killed

        return die


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", ["transfer", "pay_out"])
@pytest.mark.parametrize("events_first", [False, True])
async def test_killed_between_any_two_steps_it_pays_once(
    stage: MoneyStage, call: str, after: bool, events_first: bool
) -> None:
    await stage.can_be_paid()
    await with_money(stage)
    _, available, _ = await stage.balances()
    dying: Any = Dying(stage.backends.billing, call, after)
    with pytest.raises(Killed):
        await payouts.run(replace(stage.backends, billing=dying))
    if events_first:
        await stage.told()
    await stage.later(hours=1)
    await payouts.run(stage.backends)
    await arrived(stage)
    (paid,) = await all_payouts(stage)
    assert (paid.state, paid.amount.minor) == ("paid", available)
    assert await stage.balances() == (0, 0, 0)
    assert await stage.problems() == []
    moved = [
        move async for move in stage.backends.billing.balance_moves(stage.clock.now().replace(day=1), stage.clock.now())
    ]
    assert sum(move.net.minor for move in moved if move.kind == "transfer") == -available


async def test_what_hangs_longer_than_a_key_lives_is_not_tried_again(stage: MoneyStage) -> None:
    await stage.can_be_paid()
    await with_money(stage)
    dying: Any = Dying(stage.backends.billing, "transfer", after=True)
    with pytest.raises(Killed):
        await payouts.run(replace(stage.backends, billing=dying))
    stage.happened()  # even the event is lost
    await stage.later(days=2)
    await payouts.go_on(stage.backends)
    assert [each.state for each in await all_payouts(stage)] == ["draft"]
    from directfanz.domains.payments.service import sweeping

    await sweeping.events(stage.backends, stage.clock.now().replace(day=1))
    await payouts.go_on(stage.backends)
    assert [each.state for each in await all_payouts(stage)] == ["submitted"]
    assert await stage.problems() == []


async def test_a_payout_of_which_the_bank_told_while_we_were_away_is_heard_of(stage: MoneyStage) -> None:
    """The provider tells of it in the creator's own account, and nobody was there to hear it."""
    await stage.can_be_paid()
    await with_money(stage)
    await payouts.run(stage.backends)
    since = stage.clock.now()
    await stage.told()
    await stage.later(days=5)
    stage.happened()  # lost
    assert [each.state for each in await all_payouts(stage)] == ["submitted"]
    from directfanz.domains.payments.service import sweeping

    await sweeping.events(stage.backends, since)
    assert [each.state for each in await all_payouts(stage)] == ["paid"]
    assert await stage.problems() == []


async def test_a_statement_opens_down_to_orders(stage: MoneyStage) -> None:
    await stage.can_be_paid()
    await with_money(stage)
    await payouts.run(stage.backends)
    (paid,) = await all_payouts(stage)
    opened = await statements.of_payout(stage.backends, await stage.caller(stage.ada), paid.id)
    assert len(opened.lines) == 2
    assert sum(line.amount.minor for line in opened.lines) == paid.amount.minor
    first = opened.lines[0]
    assert first.total == Money(5000, "EUR")
    assert first.fee == Money(500, "EUR")
    assert first.release_at is not None
    csv = statements.as_csv(opened)
    assert csv.count("\n") == 3
    assert "50.00" in csv
