"""The billing adapter in front of the simulator: in this process by a clock moved by hand, or over sockets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

import stripe

from directfanz.backends.billing.stripe.adapter import StripeBilling
from directfanz.backends.billing.stripe.asking import StripeWire
from directfanz.backends.clock.manual import ManualClock
from directfanz.backends.telemetry.contract import Telemetry
from directfanz.backends.telemetry.opening import open_telemetry
from directfanz.local.simulators.stripe.engine import Happened, Options
from directfanz.local.simulators.stripe.simulator import Simulator
from directfanz.platform_toml import load_platform
from tests.support.engines import REPOSITORY
from tests.support.plain_settings import plain_settings
from tests.support.stripe_simulator import BASE, SECRET_KEY, WEBHOOK_SECRET, WithoutSockets


@dataclass
class Till:
    """What the product asks (`billing`), and the world that it asks about (`simulator`)."""

    billing: StripeBilling
    simulator: Simulator
    clock: ManualClock
    telemetry: Telemetry

    async def advance(self, **by: float) -> list[Happened]:
        """Everything happens that is due by then."""
        await self.clock.advance(timedelta(**by))
        self.simulator.engine.advance_to(int(self.clock.now().timestamp()))
        return self.simulator.engine.take_events()

    def raw(self, name: str) -> dict[str, Any]:
        """An object as the provider has it."""
        found = self.simulator.engine.store.find(name)
        assert found is not None, name
        return self.simulator.engine.snapshot(found)

    def break_card(self, customer: str, decline: str = "generic_decline") -> None:
        """The card that the person pays with; an empty decline heals it."""
        engine = self.simulator.engine
        for method in list(engine.newest("payment_method", "customer", customer)):
            self.simulator.make_card_fail(method["id"], decline)


def wire_of(simulator: Simulator, clock: ManualClock, telemetry: Telemetry, key: str = SECRET_KEY) -> StripeWire:
    return StripeWire(key, BASE, clock, telemetry, cast(stripe.HTTPClient, WithoutSockets(simulator)))


@cache
def _silent() -> Telemetry:
    """Tells nobody anything, so one is enough for all."""
    return open_telemetry(plain_settings(telemetry_backend="none"), load_platform(REPOSITORY / "platform.toml"), "web")


@contextmanager
def till(
    clock: ManualClock, options: Options | None = None, file: Path | None = None, *, taxed: bool = False
) -> Iterator[Till]:
    simulator = Simulator(clock, SECRET_KEY, options=options, file=file)
    telemetry = _silent()
    billing = StripeBilling(wire_of(simulator, clock, telemetry), clock, [WEBHOOK_SECRET], taxed=taxed)
    try:
        yield Till(billing, simulator, clock, telemetry)
    finally:
        simulator.close()
