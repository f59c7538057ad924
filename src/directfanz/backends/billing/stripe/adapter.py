"""The whole of Stripe as the platform's billing provider."""

from __future__ import annotations

from collections.abc import Sequence

from directfanz.backends.billing.stripe.checkout import Checkout
from directfanz.backends.billing.stripe.creators import Creators
from directfanz.backends.billing.stripe.happenings import Happenings
from directfanz.backends.billing.stripe.payments import Payments
from directfanz.backends.billing.stripe.people import People
from directfanz.backends.billing.stripe.subscriptions import Subscriptions
from directfanz.backends.billing.stripe.wire import Wire
from directfanz.backends.clock.contract import Clock


class StripeBilling(People, Checkout, Subscriptions, Payments, Creators, Happenings):
    def __init__(self, wire: Wire, clock: Clock, webhook_secrets: Sequence[str], *, taxed: bool = False) -> None:
        super().__init__(wire)
        self._clock = clock
        self._secrets = tuple(webhook_secrets)
        self._taxed = taxed

    async def close(self) -> None:
        await self._wire.close()
