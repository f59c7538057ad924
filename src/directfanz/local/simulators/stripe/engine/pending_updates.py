"""Changes that wait for their payment: docs.stripe.com/billing/subscriptions/pending-updates."""

from __future__ import annotations

from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, Params, on_timer
from directfanz.local.simulators.stripe.engine.errors import Refusal
from directfanz.local.simulators.stripe.engine.invoicing import give_up
from directfanz.local.simulators.stripe.engine.renewing import set_clocks
from directfanz.local.simulators.stripe.store import Obj

HOURS = 23
ALLOWED = frozenset(
    [
        "billing_cycle_anchor",
        "cancel_at_period_end",
        "discounts",
        "expand",
        "items",
        "metadata",
        "off_session",
        "payment_behavior",
        "proration_behavior",
        "proration_date",
        "trial_end",
        "trial_from_plan",
    ]
)
CHANGED = ("items", "status", "trial_end", "billing_cycle_anchor", "cancel_at_period_end", "discounts", "metadata")


def require_supported(params: Params) -> None:
    for name in params:
        if name not in ALLOWED:
            raise Refusal(
                f"{name} is not supported when payment_behavior is set to `pending_if_incomplete`.", param=name
            )


def hold_back(engine: Engine, sub: Obj, before: Obj, invoice: Obj) -> None:
    """As it was before, with the change kept aside until its invoice is paid."""
    expires = engine.now_of(sub) + HOURS * 3600
    changed = {name: sub[name] for name in CHANGED if sub[name] != before[name]}
    sub[HIDDEN]["pending"] = {"invoice": invoice["id"], "fields": changed}
    for name in changed:
        sub[name] = before[name]
    sub["status"] = before["status"]
    items = changed.get("items")
    sub["pending_update"] = {
        "billing_cycle_anchor": changed.get("billing_cycle_anchor"),
        "expires_at": expires,
        "subscription_items": items["data"] if items else None,
        "trial_end": changed.get("trial_end"),
        "trial_from_plan": None,
    }
    engine.set_timer(sub, "subscription.pending_expires", expires)
    set_clocks(engine, sub)


def apply_pending(engine: Engine, sub: Obj, invoice: str) -> None:
    pending = sub[HIDDEN].get("pending")
    if not pending or pending["invoice"] != invoice:
        return
    before = engine.snapshot(sub)
    sub |= pending["fields"]
    _clear(engine, sub)
    set_clocks(engine, sub)
    engine.changed("customer.subscription.updated", sub, before)
    engine.emit("customer.subscription.pending_update_applied", sub)


def _clear(engine: Engine, sub: Obj) -> None:
    sub["pending_update"] = None
    del sub[HIDDEN]["pending"]
    engine.set_timer(sub, "subscription.pending_expires", None)


@on_timer("subscription.pending_expires")
def expire(engine: Engine, sub: Obj) -> None:
    pending = sub[HIDDEN].get("pending")
    if not pending:
        return
    _clear(engine, sub)
    engine.store.save(sub)
    invoice = engine.get("invoice", pending["invoice"])
    if invoice["status"] == "open":
        give_up(engine, invoice, "void")
    engine.emit("customer.subscription.pending_update_expired", sub)
