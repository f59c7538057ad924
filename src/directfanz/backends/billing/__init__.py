"""Charging people, renewing what they subscribed to, paying creators."""

from __future__ import annotations

from typing import TYPE_CHECKING

STRIPE = "https://api.stripe.com"
# Where Stripe hosts what people are led to: paying, changing cards, being paid.
STRIPE_PAGES = ("https://billing.stripe.com", "https://checkout.stripe.com", "https://connect.stripe.com")

if TYPE_CHECKING:
    from directfanz.backends.billing.contract import Billing
    from directfanz.backends.clock.contract import Clock
    from directfanz.backends.telemetry.contract import Telemetry
    from directfanz.settings import Settings


def hosted_pages(settings: Settings) -> list[str]:
    """The origins that our forms lead to. A simulator hosts its pages where its API is."""
    if not settings.stripe_secret_key:
        return []
    base = settings.stripe_api_base.rstrip("/")
    return list(STRIPE_PAGES) if base == STRIPE else [base]


def open_billing(settings: Settings, clock: Clock, telemetry: Telemetry, *, taxed: bool = False) -> Billing:
    """The SDK is imported only with a key: a third of a second at every start. `taxed`: the provider adds tax to each price."""
    from directfanz.backends.billing.stripe.adapter import StripeBilling

    secrets = [one.strip() for one in (settings.stripe_webhook_secret or "").split(",") if one.strip()]
    if not settings.stripe_secret_key:
        from directfanz.backends.billing.missing import NoWire

        return StripeBilling(NoWire(), clock, secrets)
    from directfanz.backends.billing.stripe.asking import StripeWire
    from directfanz.backends.billing.stripe.transport import HttpxTransport

    base = settings.stripe_api_base.rstrip("/")
    wire = StripeWire(settings.stripe_secret_key, base, clock, telemetry, HttpxTransport(clock))
    return StripeBilling(wire, clock, secrets, taxed=taxed)
