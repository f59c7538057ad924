"""A change of a subscription: what is different from now on, and what that costs."""

from __future__ import annotations

from directfanz.local.simulators.stripe.engine import proration, sub_invoices
from directfanz.local.simulators.stripe.engine.cancelling import change_end
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, Params
from directfanz.local.simulators.stripe.engine.errors import Refusal, invalid
from directfanz.local.simulators.stripe.engine.fields import anchor_moves, metadata, take
from directfanz.local.simulators.stripe.engine.renewing import set_clocks
from directfanz.local.simulators.stripe.engine.sub_items import (
    changed_items,
    full_amount,
    interval_of,
    list_of_items,
    next_end,
    period_of,
    set_period,
)
from directfanz.local.simulators.stripe.store import Obj

PLAIN = ("description", "collection_method", "days_until_due", "application_fee_percent", "on_behalf_of")


def change(engine: Engine, sub: Obj, params: Params) -> Obj | None:
    """Made in place. Returns the draft of an invoice if the change is to be paid now."""
    customer = engine.get("customer", sub["customer"])
    settings(engine, sub, params, customer)
    change_end(engine, sub, params)
    old = sub["items"]["data"]
    new = changed_items(engine, sub, params.get("items") or [], customer)
    draft = _reprice(engine, sub, old, new, params)
    set_clocks(engine, sub)
    return draft


def settings(engine: Engine, sub: Obj, params: Params, customer: Obj) -> None:
    take(sub, params, *PLAIN)
    sub["metadata"] = metadata(sub["metadata"], params.get("metadata"))
    if "default_payment_method" in params:
        sub["default_payment_method"] = own_card(engine, params["default_payment_method"], customer)
    if "discounts" in params:
        for name in sub["discounts"]:
            engine.emit("customer.discount.deleted", engine.get("discount", name))
        sub_invoices.attach_discounts(engine, sub, params["discounts"], customer)
    if "payment_settings" in params:
        sub["payment_settings"] = {**sub["payment_settings"], **params["payment_settings"]}
    if "automatic_tax" in params:
        require_location(params, customer)
        sub["automatic_tax"] = tax_of(params)
    if "transfer_data" in params:
        sub["transfer_data"] = params["transfer_data"] or None
    if "trial_settings" in params:
        sub["trial_settings"] = params["trial_settings"]
    if "pause_collection" in params:
        _pause(engine, sub, params["pause_collection"])


def own_card(engine: Engine, name: str, customer: Obj) -> str | None:
    if not name:
        return None
    method = engine.get("payment_method", name, "default_payment_method")
    if method["customer"] != customer["id"]:
        said = f"The customer does not have a payment method with the ID {name}. The payment method must be attached to the customer."
        raise invalid("default_payment_method", said, "resource_missing")
    return name


def tax_of(params: Params) -> Obj:
    enabled = bool((params.get("automatic_tax") or {}).get("enabled"))
    return {"disabled_reason": None, "enabled": enabled, "liability": {"type": "self"} if enabled else None}


def require_location(params: Params, customer: Obj) -> None:
    if (params.get("automatic_tax") or {}).get("enabled") and not (customer["address"] or {}).get("country"):
        raise Refusal(
            "The customer's location isn't recognized. Set a valid customer address in order to automatically calculate tax.",
            code="customer_tax_location_invalid",
            param="automatic_tax",
        )


def _pause(engine: Engine, sub: Obj, given: Params | str) -> None:
    if not isinstance(given, dict):
        sub["pause_collection"] = None
        engine.set_timer(sub, "subscription.resume_collection", None)
        return
    sub["pause_collection"] = {"behavior": given["behavior"], "resumes_at": given.get("resumes_at")}
    engine.set_timer(sub, "subscription.resume_collection", given.get("resumes_at"))


def _reprice(engine: Engine, sub: Obj, old: list[Obj], new: list[Obj], params: Params) -> Obj | None:
    now = engine.now_of(sub)
    at = params.get("proration_date", now)
    behavior = params.get("proration_behavior", "create_prorations")
    start, end = period_of(sub)
    if not start <= at <= end:
        raise invalid("proration_date", "The proration date must be within the current period.")
    trialing, trial = sub["status"] == "trialing", params.get("trial_end")
    sub["items"] = list_of_items(sub["id"], new)
    if isinstance(trial, int):
        return _begin_trial(engine, sub, old, trial, behavior)
    resets = _resets(old, new, params, trialing)
    if not resets:
        set_period(sub, start, end)
        if not trialing and behavior != "none":
            _prorate(engine, sub, old, new, at)
            if behavior == "always_invoice":
                return _at_once(engine, sub, now)
        return None
    if not trialing and behavior != "none":
        for item in old:
            proration.credit(engine, item, sub, at, start, end)
    return _begin_period(engine, sub, now)


def _resets(old: list[Obj], new: list[Obj], params: Params, trialing: bool) -> bool:
    """Whether a new billing period begins with the change."""
    if params.get("trial_end") == "now" and trialing:
        return True
    if trialing:
        return anchor_moves(params)
    other = interval_of(old[0]) != interval_of(new[0])
    from_free = full_amount(old) == 0 and full_amount(new) > 0
    return other or from_free or anchor_moves(params)


def _prorate(engine: Engine, sub: Obj, old: list[Obj], new: list[Obj], at: int) -> None:
    start, end = period_of(sub)
    before, after = {item["id"]: item for item in old}, {item["id"]: item for item in new}
    for name in before | after:
        was, will = before.get(name), after.get(name)
        if proration.differs(was, will):
            if was:
                proration.credit(engine, was, sub, at, start, end)
            if will:
                proration.debit(engine, will, sub, at, start, end)


def _at_once(engine: Engine, sub: Obj, now: int) -> Obj | None:
    customer = engine.get("customer", sub["customer"])
    if not proration.waiting(engine, customer, sub["id"], sub["currency"]):
        return None
    return sub_invoices.invoice_for(engine, sub, "subscription_update", [], (now, now))


def _begin_period(engine: Engine, sub: Obj, now: int) -> Obj:
    if sub["status"] == "trialing":
        sub |= {"status": "active", "trial_end": now}
    sub["billing_cycle_anchor"] = now
    sub[HIDDEN]["previous_start"] = now
    set_period(sub, now, next_end(sub, now))
    chargings = sub_invoices.period_chargings(engine, sub, *period_of(sub))
    return sub_invoices.invoice_for(engine, sub, "subscription_update", chargings, (now, now))


def _begin_trial(engine: Engine, sub: Obj, old: list[Obj], trial_end: int, behavior: str) -> Obj | None:
    now = engine.now_of(sub)
    if trial_end <= now:
        raise invalid("trial_end", "Invalid timestamp: must be an integer Unix timestamp in the future.")
    start, end = period_of(sub)
    if sub["status"] != "trialing" and behavior != "none":
        for item in old:
            proration.credit(engine, item, sub, now, start, end)
    sub |= {"status": "trialing", "trial_end": trial_end, "trial_start": sub["trial_start"] or now}
    sub["billing_cycle_anchor"] = trial_end
    set_period(sub, now, trial_end)
    chargings = sub_invoices.trial_chargings(engine, sub, now, trial_end)
    return sub_invoices.invoice_for(engine, sub, "subscription_update", chargings, (now, now))
