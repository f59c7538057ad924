"""Creators' accounts: Stripe asks who they are and shows them its own small dashboard; we decide when money goes to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directfanz.backends.billing.contract import Account, Metadata, Payout, Transfer
from directfanz.backends.billing.stripe import reading, shapes
from directfanz.backends.billing.stripe.part import Part
from directfanz.backends.billing.stripe.wire import at
from directfanz.kit.money import Money

if TYPE_CHECKING:
    from stripe.params import (
        AccountCreateParams,
        AccountLinkCreateParams,
        PayoutCreateParams,
        TransferCreateParams,
        TransferReversalCreateParams,
    )


class Creators(Part):
    async def open_account(self, *, country: str, email: str, metadata: Metadata, key: str) -> Account:
        """Nothing is sold in the account itself: it receives transfers, and pays out when we say so."""
        asked: AccountCreateParams = {
            "country": country,
            "email": email,
            "controller": {
                "fees": {"payer": "application"},
                "losses": {"payments": "application"},
                "requirement_collection": "stripe",
                "stripe_dashboard": {"type": "express"},
            },
            "capabilities": {"transfers": {"requested": True}},
            "settings": {"payouts": {"schedule": {"interval": "manual"}}},
            "metadata": dict(metadata),
        }
        return reading.account(await self._wire.post("accounts", shapes.Account, "open_account", asked, key=key))

    async def account(self, account_id: str) -> Account:
        return reading.account(await self._wire.get(at("accounts", account_id), shapes.Account, "account"))

    async def onboarding_page(self, account_id: str, *, return_url: str, refresh_url: str) -> str:
        asked: AccountLinkCreateParams = {
            "account": account_id,
            "return_url": return_url,
            "refresh_url": refresh_url,
            "type": "account_onboarding",
        }
        return (await self._wire.post("account_links", shapes.Link, "onboarding_page", asked)).url

    async def account_page(self, account_id: str) -> str:
        return (await self._wire.post(at("accounts", account_id, "login_links"), shapes.Link, "account_page", {})).url

    async def transfer(self, account_id: str, amount: Money, *, metadata: Metadata, key: str) -> Transfer:
        asked: TransferCreateParams = {
            "destination": account_id,
            "amount": reading.minor(amount),
            "currency": amount.currency.lower(),
            "metadata": dict(metadata),
        }
        return reading.transfer(await self._wire.post("transfers", shapes.Transfer, "transfer", asked, key=key))

    async def take_back(self, transfer_id: str, amount: Money, *, key: str) -> Transfer:
        asked: TransferReversalCreateParams = {"amount": reading.minor(amount), "expand": ["transfer"]}
        path = at("transfers", transfer_id, "reversals")
        found = await self._wire.post(path, shapes.Reversal, "take_back", asked, key=key)
        return reading.transfer(found.transfer)

    async def pay_out(self, account_id: str, amount: Money, *, metadata: Metadata, key: str) -> Payout:
        asked: PayoutCreateParams = {
            "amount": reading.minor(amount),
            "currency": amount.currency.lower(),
            "metadata": dict(metadata),
        }
        found = await self._wire.post("payouts", shapes.Payout, "pay_out", asked, key=key, account=account_id)
        return reading.payout(found, account_id)

    async def payout(self, account_id: str, payout_id: str) -> Payout:
        found = await self._wire.get(at("payouts", payout_id), shapes.Payout, "payout", account=account_id)
        return reading.payout(found, account_id)
