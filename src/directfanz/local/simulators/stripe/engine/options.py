"""How this Stripe is set up: what an account holder chooses in Stripe's dashboard."""

from __future__ import annotations

from typing import Literal

import msgspec


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """Amounts of fees are per charge; days and hours as Stripe's defaults are."""

    keeps_events: bool = True  # off: events only leave through `take_events`, for long runs
    public_url: str = "http://127.0.0.1:8160"  # where the hosted pages are
    account_name: str = "DirectFanz"
    account_country: str = "US"
    fee_basis_points: int = 290
    fee_fixed: int = 30
    funds_available_after_days: int = 2
    draft_hours: int = 1  # how long a renewal's invoice stays a draft
    upcoming_days: int = 0  # how long before a renewal invoice.upcoming is told; 0 never
    smart_retry_days: tuple[int, ...] = ()  # days after the first failure on which Stripe itself tries again
    after_last_retry: Literal["past_due", "unpaid", "canceled"] = "past_due"
    incomplete_hours: int = 23  # until an incomplete subscription expires
    session_hours: int = 24  # until a Checkout session expires
    payout_days: int = 1  # until a payout arrives
    payout_failure_days: int = 1
    event_days: int = 30  # how long events are kept
