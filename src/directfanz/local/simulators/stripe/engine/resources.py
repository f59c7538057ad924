"""All resources, read once, so that their timers and hooks are known."""

from directfanz.local.simulators.stripe.engine import (
    accounts,
    checkout,
    collecting,
    completing,
    disputes,
    events,
    payouts,
    pending_updates,
    refunds,
    renewing,
    schedules,
    sub_status,
    transfers,
)

__all__ = [
    "accounts",
    "checkout",
    "collecting",
    "completing",
    "disputes",
    "events",
    "payouts",
    "pending_updates",
    "refunds",
    "renewing",
    "schedules",
    "sub_status",
    "transfers",
]
