from __future__ import annotations

import pytest

from directfanz.backends.billing.contract import BalanceTooLow
from directfanz.errors import NotFound, Rejected
from directfanz.kit.money import Money
from tests.conformance.billing.conftest import NO, OK, key, pays
from tests.support.billing import Till


async def ada(stage: Till) -> str:
    opened = await stage.billing.open_account(
        country="US", email="ada@example.com", metadata={"creator": "ada"}, key="ada's account"
    )
    stage.simulator.onboard(opened.id)
    return opened.id


async def test_an_account_is_opened_once_and_waits_for_its_owner(stage: Till) -> None:
    given = {"country": "US", "email": "ada@example.com", "metadata": {"creator": "ada"}, "key": "ada's account"}
    opened = await stage.billing.open_account(**given)  # type: ignore[arg-type]
    assert opened == await stage.billing.open_account(**given)  # type: ignore[arg-type]
    assert (opened.can_be_paid, opened.submitted, opened.country) == (False, False, "US")
    assert "external_account" in opened.missing
    assert opened.metadata == {"creator": "ada"}
    page = await stage.billing.onboarding_page(opened.id, return_url=OK, refresh_url=NO)
    assert page.startswith("http")
    with pytest.raises(Rejected):
        await stage.billing.account_page(opened.id)  # nothing to show yet


async def test_onboarded_it_can_be_paid(stage: Till) -> None:
    account = await stage.billing.account(await ada(stage))
    assert (account.can_be_paid, account.submitted, list(account.missing), account.trouble) == (True, True, [], None)
    assert (await stage.billing.account_page(account.id)).startswith("http")
    stage.simulator.demand(account.id, ["individual.id_number"])
    asked = await stage.billing.account(account.id)
    assert (asked.can_be_paid, list(asked.missing)) == (False, ["individual.id_number"])
    assert asked.trouble


async def test_money_goes_to_a_creator_and_on_to_the_bank(stage: Till) -> None:
    account = await ada(stage)
    await pays(stage, Money(10_000, "USD"))
    for _ in range(2):  # it is not there yet, and a key that was answered so stays answered
        with pytest.raises(BalanceTooLow):
            await stage.billing.transfer(account, Money(5000, "USD"), metadata={}, key="too early")
    await stage.advance(days=3)
    moved = await stage.billing.transfer(account, Money(5000, "USD"), metadata={"payout": "p1"}, key="t1")
    again = await stage.billing.transfer(account, Money(5000, "USD"), metadata={"payout": "p1"}, key="t1")
    assert (moved.id, moved.account, moved.reversed) == (again.id, account, Money(0, "USD"))
    assert await stage.billing.balance() == [Money(10_000 - 320 - 5000, "USD")]
    paid = await stage.billing.pay_out(account, Money(5000, "USD"), metadata={"payout": "p1"}, key=key())
    assert (paid.account, paid.amount, paid.failure) == (account, Money(5000, "USD"), None)
    assert paid.arrives_at
    await stage.advance(days=3)
    assert (await stage.billing.payout(account, paid.id)).state == "paid"
    with pytest.raises(NotFound):  # it is in the creator's books, not in another's
        await stage.billing.payout("acct_nobody", paid.id)


async def test_a_transfer_is_taken_back_in_parts(stage: Till) -> None:
    account = await ada(stage)
    await pays(stage, Money(10_000, "USD"))
    await stage.advance(days=3)
    moved = await stage.billing.transfer(account, Money(5000, "USD"), metadata={}, key=key())
    back = await stage.billing.take_back(moved.id, Money(2000, "USD"), key="back")
    assert (back.id, back.amount, back.reversed) == (moved.id, Money(5000, "USD"), Money(2000, "USD"))
    assert (await stage.billing.take_back(moved.id, Money(2000, "USD"), key="back")).reversed == Money(2000, "USD")
    with pytest.raises(Rejected):
        await stage.billing.take_back(moved.id, Money(3001, "USD"), key=key())


async def test_more_than_a_creator_has_is_not_paid_out(stage: Till) -> None:
    with pytest.raises(BalanceTooLow):
        await stage.billing.pay_out(await ada(stage), Money(5000, "USD"), metadata={}, key=key())


async def test_what_nobody_onboarded_receives_nothing(stage: Till) -> None:
    opened = await stage.billing.open_account(country="US", email="ada@example.com", metadata={}, key=key())
    await pays(stage, Money(10_000, "USD"))
    await stage.advance(days=3)
    with pytest.raises(Rejected):
        await stage.billing.transfer(opened.id, Money(5000, "USD"), metadata={}, key=key())
