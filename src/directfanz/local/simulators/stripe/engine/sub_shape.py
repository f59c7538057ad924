"""What a subscription looks like when it begins, and when its first period ends."""

from __future__ import annotations

from typing import NamedTuple

from directfanz.local.simulators.stripe.engine import changing
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, Params
from directfanz.local.simulators.stripe.engine.errors import invalid
from directfanz.local.simulators.stripe.engine.fields import metadata, nothing
from directfanz.local.simulators.stripe.engine.periods import DAY, days_later, step
from directfanz.local.simulators.stripe.engine.sub_items import interval_of
from directfanz.local.simulators.stripe.store import Obj

LONGEST_TRIAL_DAYS = 730
_EMPTY = nothing(
    *[
        "application",
        "application_fee_percent",
        "billing_cycle_anchor_config",
        "billing_thresholds",
        "cancel_at",
        "canceled_at",
    ],
    *[
        "customer_account",
        "days_until_due",
        "default_payment_method",
        "default_source",
        "description",
        "ended_at",
        "latest_invoice",
    ],
    *["managed_payments", "next_pending_invoice_item_invoice", "on_behalf_of", "pause_collection"],
    *["pending_invoice_item_interval", "pending_setup_intent", "pending_update", "presentment_details", "schedule"],
    *["status_details", "transfer_data", "trial_end", "trial_start"],
)


class Period(NamedTuple):
    """`whole` is how long a full period is, when this one is only a part of it."""

    start: int
    end: int
    whole: int


def new_fields(engine: Engine, customer: Obj, items: list[Obj], params: Params) -> Obj:
    now = engine.now(customer[HIDDEN]["clock"])
    return {
        **_EMPTY,
        "application_fee_percent": params.get("application_fee_percent") or None,
        "automatic_tax": changing.tax_of(params),
        "billing_cycle_anchor": now,
        "billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible", "updated_at": now},
        "billing_schedules": [],
        "cancel_at_period_end": False,
        "cancellation_details": nothing("comment", "feedback", "feedback_option", "reason"),
        "collection_method": params.get("collection_method", "charge_automatically"),
        "currency": items[0]["price"]["currency"],
        "customer": customer["id"],
        "days_until_due": params.get("days_until_due"),
        "default_tax_rates": [],
        "description": params.get("description"),
        "discounts": [],
        "invoice_settings": {
            **nothing("account_tax_ids", "custom_fields", "description", "footer"),
            "issuer": {"type": "self"},
        },
        "metadata": metadata(None, params.get("metadata")),
        "on_behalf_of": params.get("on_behalf_of") or None,
        "payment_settings": {
            **nothing("payment_method_options", "payment_method_types"),
            "save_default_payment_method": "off",
        },
        "start_date": now,
        "status": "active",
        "test_clock": customer["test_clock"],
        "trial_settings": {"end_behavior": {"billing_cycle_anchor": None, "missing_payment_method": "create_invoice"}},
    }


def first_period(engine: Engine, sub: Obj, params: Params) -> Period:
    now = engine.now_of(sub)
    interval, count = interval_of(sub["items"]["data"][0])
    trial = _trial_end(sub, params, now)
    if trial:
        sub |= {"status": "trialing", "trial_start": now, "trial_end": trial, "billing_cycle_anchor": trial}
        return Period(now, trial, trial - now)
    anchor = params.get("billing_cycle_anchor")
    full_end = step(now, now, interval, count)
    if anchor is None:
        return Period(now, full_end, full_end - now)
    if not now < anchor <= full_end:
        raise invalid("billing_cycle_anchor", "billing_cycle_anchor cannot be later than next natural billing date.")
    sub["billing_cycle_anchor"] = anchor
    return Period(now, anchor, full_end - now)


def _trial_end(sub: Obj, params: Params, now: int) -> int | None:
    given, days = params.get("trial_end"), params.get("trial_period_days")
    if given is not None and days is not None:
        raise invalid("trial_end", "You may only specify one of these parameters: trial_end, trial_period_days.")
    if params.get("trial_from_plan"):
        days = max((item["price"]["recurring"]["trial_period_days"] or 0 for item in sub["items"]["data"]), default=0)
    if given == "now":
        return None
    if days is not None and not 0 <= days <= LONGEST_TRIAL_DAYS:
        raise invalid("trial_period_days", f"The trial can be {LONGEST_TRIAL_DAYS} days at most.")
    end = int(given) if given is not None else days_later(now, days) if days else None
    if end is None:
        return None
    if end <= now:
        raise invalid("trial_end", "Invalid timestamp: must be an integer Unix timestamp in the future.")
    if end > now + LONGEST_TRIAL_DAYS * DAY:
        raise invalid("trial_end", "Invalid timestamp: can be no more than two years in the future.")
    return end
