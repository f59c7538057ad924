"""Every test of this folder drives the simulator through Stripe's own SDK, and checks what Stripe's pages document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import stripe

from directfanz.backends.clock.manual import ManualClock
from directfanz.local.simulators.stripe.simulator import Simulator
from tests.support.stripe_shapes import problems
from tests.support.stripe_simulator import InProcess, stripe_in_process

BEN = "ben@example.com"
MONTHLY = {"interval": "month"}
YEARLY = {"interval": "year"}


@dataclass
class Shop:
    """Ada's tiers and Ben, who has a card on file."""

    stripe: InProcess

    @property
    def api(self) -> Any:
        """Untyped on purpose: the SDK's parameter types are what the simulator itself reads."""
        return self.stripe.client.v1

    @property
    def simulator(self) -> Simulator:
        return self.stripe.simulator

    def customer(self, card: str | None = "pm_card_visa", **more: Any) -> Any:
        customer = self.api.customers.create({"email": BEN, "name": "Ben Okafor", **more})
        if card:
            method = self.api.payment_methods.attach(card, {"customer": customer.id})
            told = {"invoice_settings": {"default_payment_method": method.id}}
            customer = self.api.customers.update(customer.id, told)
        return customer

    def price(self, amount: int = 1000, *, currency: str = "usd", every: Any = MONTHLY, **more: Any) -> Any:
        product = self.api.products.create({"name": more.pop("name", "Gold")})
        told = {"product": product.id, "currency": currency, "unit_amount": amount, **more}
        return self.api.prices.create(told | ({"recurring": every} if every else {}))

    def subscribe(self, customer: Any, price: Any, **more: Any) -> Any:
        return self.api.subscriptions.create({"customer": customer.id, "items": [{"price": price.id}], **more})

    def pay(self, amount: int = 1000, card: str = "pm_card_visa", **more: Any) -> Any:
        told = {"amount": amount, "currency": "usd", "payment_method": card, "confirm": True}
        return self.api.payment_intents.create(told | {"automatic_payment_methods": {"enabled": True}} | more)

    def creator(self, *, number: str = "000123456789", paid: str = "manual") -> Any:
        """Ada, who may be paid."""
        told: dict[str, Any] = {"type": "express", "country": "US", "email": "ada@example.com"}
        told |= {"settings": {"payouts": {"schedule": {"interval": paid}}}}
        account = self.api.accounts.create(told)
        self.simulator.onboard(account.id, account_number=number)
        return self.api.accounts.retrieve(account.id)

    def item(self, subscription: Any) -> Any:
        return subscription["items"].data[0]

    async def advance(self, **by: float) -> list[str]:
        """The kinds of what happened on the way."""
        return [event.type for event in await self.stripe.advance(timedelta(**by))]

    def heard(self) -> list[str]:
        """The kinds of what happened since the last time, in order."""
        return [event.type for event in self.stripe.events()]


@pytest.fixture
def shop(clock: ManualClock) -> Iterator[Shop]:
    with stripe_in_process(clock) as opened:
        yield Shop(opened)
        odd = sorted({one for obj in opened.simulator.engine.store.everything() for one in _odd(obj)})
        assert not odd, "\n".join(odd)


def _odd(obj: dict[str, Any]) -> Iterator[str]:
    if obj["object"] == "note" or obj["_"].get("deleted"):
        return
    yield from problems({name: value for name, value in obj.items() if name != "_"})
    if obj["object"] == "event":
        yield from problems(obj["data"]["object"], f"event {obj['type']}")


def refused(call: Any, *words: Any) -> Any:
    """The error that a call is refused with."""
    with pytest.raises(stripe.StripeError) as caught:
        call(*words)
    return caught.value
