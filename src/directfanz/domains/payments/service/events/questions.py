"""What the provider is asked while a stretch of events is taken: each thing once, however many events speak of it.

A renewal is told in four events, and each of them asks about the same invoice. All events of a stretch happened before it began, so
what is answered within it is as new as any of them needs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar

from directfanz.backends import Backends
from directfanz.backends.billing.contract import (
    Account,
    CheckoutPage,
    Dispute,
    Invoice,
    Payment,
    Payout,
    Refund,
    Subscription,
)

T = TypeVar("T")
AT_ONCE = 8


class Questions:
    def __init__(self, backends: Backends) -> None:
        self._backends, self._billing = backends, backends.billing
        self._asked: dict[tuple[str, ...], asyncio.Task[Any]] = {}
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def checkout(self, checkout_id: str) -> CheckoutPage:
        return await self._once(("checkout", checkout_id), lambda: self._billing.checkout(checkout_id))

    async def payment(self, payment_id: str) -> Payment:
        return await self._once(("payment", payment_id), lambda: self._billing.payment(payment_id))

    async def invoice(self, invoice_id: str) -> Invoice:
        return await self._once(("invoice", invoice_id), lambda: self._billing.invoice(invoice_id))

    async def refund(self, refund_id: str) -> Refund:
        return await self._once(("refund", refund_id), lambda: self._billing.refund_state(refund_id))

    async def dispute(self, dispute_id: str) -> Dispute:
        return await self._once(("dispute", dispute_id), lambda: self._billing.dispute(dispute_id))

    async def account(self, account_id: str) -> Account:
        return await self._once(("account", account_id), lambda: self._billing.account(account_id))

    async def payout(self, account_id: str, payout_id: str) -> Payout:
        return await self._once(("payout", account_id, payout_id), lambda: self._billing.payout(account_id, payout_id))

    async def subscription(self, subscription_id: str) -> tuple[Subscription, datetime]:
        """And the moment just before it was asked."""

        async def dated() -> tuple[Subscription, datetime]:
            asked_at = self._backends.clock.now()
            return await self._billing.subscription(subscription_id), asked_at

        return await self._once(("subscription", subscription_id), dated)

    async def _once(self, what: tuple[str, ...], ask: Callable[[], Awaitable[T]]) -> T:
        task = self._asked.get(what)
        if task is None:
            task = self._asked[what] = asyncio.ensure_future(self._in_turn(ask))
        return await asyncio.shield(task)

    async def _in_turn(self, ask: Callable[[], Awaitable[T]]) -> T:
        async with self._turn:
            return await ask()
