"""Charging people, renewing what they subscribed to, paying creators."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from directfanz.backends.billing.contract import Billing
    from directfanz.backends.clock.contract import Clock
    from directfanz.backends.telemetry.contract import Telemetry
    from directfanz.settings import Settings


def open_billing(settings: Settings, clock: Clock, telemetry: Telemetry) -> Billing:
    """The SDK is imported only with a key: a third of a second at every start."""
    from directfanz.backends.billing.stripe.adapter import StripeBilling

    secrets = [one.strip() for one in (settings.stripe_webhook_secret or "").split(",") if one.strip()]
    if not settings.stripe_secret_key:
        from directfanz.backends.billing.missing import NoWire

        return StripeBilling(NoWire(), clock, secrets)
    from directfanz.backends.billing.stripe.asking import StripeWire
    from directfanz.backends.billing.stripe.transport import HttpxTransport

    base = settings.stripe_api_base.rstrip("/")
    wire = StripeWire(settings.stripe_secret_key, base, clock, telemetry, HttpxTransport(clock))
    return StripeBilling(wire, clock, secrets)
