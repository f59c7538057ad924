"""docs.stripe.com/connect/separate-charges-and-transfers, .../express-accounts, docs.stripe.com/payouts"""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.conformance.stripe.conftest import Shop, refused

DAY = 86_400


def _at(account: Any) -> dict[str, str]:
    """As that account: the Stripe-Account header."""
    return {"stripe_account": account.id}


async def test_an_account_comes_aboard(shop: Shop) -> None:
    account = shop.api.accounts.create({"type": "express", "country": "US", "email": "ada@example.com"})
    assert (account.charges_enabled, account.payouts_enabled, account.details_submitted) == (False, False, False)
    assert "external_account" in account.requirements.currently_due
    assert account.capabilities.transfers == "inactive"
    told = {"account": account.id, "type": "account_onboarding"}
    urls = {"refresh_url": "https://fans.example/again", "return_url": "https://fans.example/done"}
    link = shop.api.account_links.create(told | urls)
    assert link.expires_at == shop.stripe.now() + 300
    assert refused(shop.api.accounts.login_links.create, account.id).http_status == 400
    shop.stripe.events()
    shop.simulator.onboard(account.id)
    events = shop.stripe.events()
    assert [event.type for event in events] == ["account.external_account.created", "account.updated"]
    assert {event.account for event in events} == {account.id}
    ready = shop.api.accounts.retrieve(account.id)
    assert (ready.charges_enabled, ready.payouts_enabled, ready.requirements.currently_due) == (True, True, [])
    assert ready.capabilities.transfers == "active"
    assert shop.api.accounts.login_links.create(account.id).url


async def test_more_can_be_required_later(shop: Shop) -> None:
    ada = shop.creator()
    shop.simulator.demand(ada.id, ["individual.verification.document"])
    held = shop.api.accounts.retrieve(ada.id)
    assert (held.payouts_enabled, held.requirements.currently_due) == (False, ["individual.verification.document"])
    shop.simulator.demand(ada.id, [])
    assert shop.api.accounts.retrieve(ada.id).payouts_enabled


async def test_a_charge_is_shared_before_its_money_is_there(shop: Shop) -> None:
    """docs.stripe.com/connect/separate-charges-and-transfers#transfer-availability: `source_transaction`"""
    ada = shop.creator()
    intent = shop.pay(1000, transfer_group="order-7")
    told = {"amount": 850, "currency": "usd", "destination": ada.id, "source_transaction": intent.latest_charge}
    shop.heard()
    transfer = shop.api.transfers.create({**told, "metadata": {"order": "7"}})
    assert (transfer.transfer_group, transfer.metadata["order"]) == ("order-7", "7")
    assert shop.heard() == ["transfer.created"]
    error = refused(shop.api.transfers.create, {**told, "amount": 151})
    assert error.param == "amount"
    balance = shop.api.balance.retrieve({}, _at(ada))
    assert (balance.available[0].amount, balance.pending[0].amount) == (0, 850)
    await shop.advance(days=2)
    assert shop.api.balance.retrieve({}, _at(ada)).available[0].amount == 850
    payment = shop.api.charges.retrieve(transfer.destination_payment, {}, _at(ada))
    assert (payment.amount, payment.source_transfer) == (850, transfer.id)
    assert refused(shop.api.charges.retrieve, transfer.destination_payment).code == "resource_missing"


async def test_without_a_charge_the_money_has_to_be_there(shop: Shop) -> None:
    ada = shop.creator()
    told = {"amount": 900, "currency": "usd", "destination": ada.id}
    shop.pay(1000)
    assert refused(shop.api.transfers.create, told).code == "balance_insufficient"
    await shop.advance(days=2)
    assert shop.api.transfers.create(told).amount == 900


async def test_money_goes_only_to_who_is_aboard(shop: Shop) -> None:
    stranger = shop.api.accounts.create({"type": "express", "country": "US"})
    shop.pay(5000, card="pm_card_bypassPending")
    error = refused(shop.api.transfers.create, {"amount": 100, "currency": "usd", "destination": stranger.id})
    assert error.code == "insufficient_capabilities_for_transfer"


async def test_a_transfer_is_taken_back_in_parts(shop: Shop) -> None:
    ada = shop.creator()
    shop.pay(5000, card="pm_card_bypassPending")
    transfer = shop.api.transfers.create({"amount": 1000, "currency": "usd", "destination": ada.id})
    reversal = shop.api.transfers.reversals.create(transfer.id, {"amount": 400})
    assert (reversal.amount, reversal.transfer) == (400, transfer.id)
    assert shop.heard()[-1] == "transfer.reversed"
    shop.api.transfers.reversals.create(transfer.id)
    whole = shop.api.transfers.retrieve(transfer.id)
    assert (whole.amount_reversed, whole.reversed) == (1000, True)
    error = refused(shop.api.transfers.reversals.create, transfer.id)
    assert error.http_status == 400
    assert shop.api.balance.retrieve({}, _at(ada)).available[0].amount == 0
    assert len(shop.api.transfers.reversals.list(transfer.id).data) == 2


async def test_a_payout_arrives(shop: Shop) -> None:
    ada = shop.creator()
    shop.pay(5000, card="pm_card_bypassPending")
    shop.api.transfers.create({"amount": 1000, "currency": "usd", "destination": ada.id})
    payout = shop.api.payouts.create({"amount": 700, "currency": "usd"}, _at(ada))
    assert (payout.status, payout.automatic) == ("pending", False)
    assert refused(shop.api.payouts.create, {"amount": 301, "currency": "usd"}, _at(ada)).code == "balance_insufficient"
    assert shop.heard()[-1] == "payout.created"
    assert await shop.advance(days=1) == ["payout.updated", "payout.paid"]
    assert shop.api.payouts.retrieve(payout.id, {}, _at(ada)).status == "paid"


@pytest.mark.parametrize(("number", "code"), [("000111111116", "no_account"), ("000111111113", "account_closed")])
async def test_a_payout_fails(shop: Shop, number: str, code: str) -> None:
    """docs.stripe.com/connect/testing#account-numbers"""
    account = shop.creator(number=number)
    shop.pay(5000, card="pm_card_bypassPending")
    shop.api.transfers.create({"amount": 1000, "currency": "usd", "destination": account.id})
    payout = shop.api.payouts.create({"amount": 1000, "currency": "usd"}, _at(account))
    shop.heard()
    assert await shop.advance(days=1) == ["payout.failed", "account.external_account.updated"]
    failed = shop.api.payouts.retrieve(payout.id, {"expand": ["failure_balance_transaction"]}, _at(account))
    assert (failed.status, failed.failure_code) == ("failed", code)
    assert failed.failure_balance_transaction.amount == 1000
    assert shop.api.balance.retrieve({}, _at(account)).available[0].amount == 1000


async def test_a_payout_can_be_stopped(shop: Shop) -> None:
    ada = shop.creator()
    shop.pay(5000, card="pm_card_bypassPending")
    shop.api.transfers.create({"amount": 1000, "currency": "usd", "destination": ada.id})
    payout = shop.api.payouts.create({"amount": 1000, "currency": "usd"}, _at(ada))
    assert shop.api.payouts.cancel(payout.id, {}, _at(ada)).status == "canceled"
    assert shop.api.balance.retrieve({}, _at(ada)).available[0].amount == 1000


async def test_payouts_come_daily_by_themselves(shop: Shop) -> None:
    """docs.stripe.com/connect/manage-payout-schedule: what is in each can be listed."""
    ada = shop.creator(paid="daily")
    shop.pay(5000, card="pm_card_bypassPending")
    shop.api.transfers.create({"amount": 1000, "currency": "usd", "destination": ada.id})
    assert "payout.created" in await shop.advance(days=1)
    payout = shop.api.payouts.list({}, _at(ada)).data[0]
    assert (payout.amount, payout.automatic, payout.reconciliation_status) == (1000, True, "in_progress")
    inside = shop.api.balance_transactions.list({"payout": payout.id}, _at(ada)).data
    assert [entry.type for entry in inside] == ["payment"]
    assert "payout.reconciliation_completed" in await shop.advance(days=1)


async def test_a_share_can_go_with_the_payment(shop: Shop) -> None:
    """docs.stripe.com/connect/destination-charges"""
    ada = shop.creator()
    intent = shop.pay(1000, transfer_data={"destination": ada.id}, application_fee_amount=150)
    charge = shop.api.charges.retrieve(intent.latest_charge, {"expand": ["transfer", "application_fee"]})
    assert (charge.transfer.amount, charge.application_fee.amount) == (1000, 150)
    await shop.advance(days=2)
    assert shop.api.balance.retrieve({}, _at(ada)).available[0].amount == 850
    shop.api.refunds.create({"payment_intent": intent.id, "reverse_transfer": True})
    assert shop.api.transfers.retrieve(charge.transfer.id).reversed


async def test_a_fee_needs_somebody_to_pay_it(shop: Shop) -> None:
    assert refused(lambda: shop.pay(application_fee_amount=5)).param == "application_fee_amount"


async def test_every_balance_is_the_sum_of_its_transactions(shop: Shop) -> None:
    ada = shop.creator()
    intent = shop.pay(3000)
    shop.api.transfers.create(
        {"amount": 2000, "currency": "usd", "destination": ada.id, "source_transaction": intent.latest_charge}
    )
    shop.api.refunds.create({"payment_intent": intent.id, "amount": 500})
    shop.pay(2000, card="pm_card_createDispute")
    await shop.advance(days=3)
    for options in ({}, _at(ada)):
        entries = shop.api.balance_transactions.list({"limit": 100}, options).auto_paging_iter()
        balance = shop.api.balance.retrieve({}, options)
        assert sum(one.net for one in entries) == balance.available[0].amount + balance.pending[0].amount


async def test_another_account_is_not_ours(shop: Shop) -> None:
    error = refused(shop.api.balance.retrieve, {}, {"stripe_account": "acct_nobody"})
    assert isinstance(error, stripe.PermissionError)
    assert error.error
    assert error.error.code == "account_invalid"
