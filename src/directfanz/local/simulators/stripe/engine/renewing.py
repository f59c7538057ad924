"""What the calendar does to a subscription: trials end, periods end and begin."""

from __future__ import annotations

from directfanz.local.simulators.stripe.engine import sub_invoices
from directfanz.local.simulators.stripe.engine.cancelling import ENDED, end
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, on_timer, told
from directfanz.local.simulators.stripe.engine.invoicing import finalize, finalize_later, give_up
from directfanz.local.simulators.stripe.engine.periods import DAY
from directfanz.local.simulators.stripe.engine.sub_items import next_end, period_of, set_period
from directfanz.local.simulators.stripe.store import Obj

TRIAL_WARNING_DAYS = 3


def set_clocks(engine: Engine, sub: Obj) -> None:
    """The timers that go with its period and its trial. The subscription is saved with them."""
    now = engine.now_of(sub)
    _, period_end = period_of(sub)
    engine.set_timer(sub, "subscription.renew", period_end)
    warned = sub["trial_end"] and sub["trial_end"] - TRIAL_WARNING_DAYS * DAY
    trialing = sub["status"] == "trialing"
    engine.set_timer(sub, "subscription.trial_will_end", max(warned, now) if trialing and warned else None)
    days = engine.options.upcoming_days
    engine.set_timer(sub, "subscription.upcoming", max(period_end - days * DAY, now + 1) if days else None)
    engine.store.save(sub)


@on_timer("subscription.trial_will_end")
def trial_will_end(engine: Engine, sub: Obj) -> None:
    if sub["status"] == "trialing":
        engine.emit("customer.subscription.trial_will_end", sub)


@on_timer("subscription.upcoming")
def upcoming(engine: Engine, sub: Obj) -> None:
    """Told for a while before, as the preview that it is; the preview itself leaves nothing behind."""
    if sub["status"] in ENDED or sub["cancel_at_period_end"]:
        return
    from directfanz.local.simulators.stripe.engine.previews import preview_of_renewal

    invoice = preview_of_renewal(engine, sub["id"])
    engine.emit("invoice.upcoming", invoice | {HIDDEN: sub[HIDDEN]})


@on_timer("subscription.renew")
def renew(engine: Engine, sub: Obj) -> None:
    from directfanz.local.simulators.stripe.engine.schedules import follow

    if sub["status"] in (*ENDED, "paused"):
        return
    if sub["cancel_at"] is not None and sub["cancel_at"] <= engine.now_of(sub):
        end(engine, sub, "cancellation_requested")
        return
    if sub["status"] == "incomplete":
        return
    follow(engine, sub)
    if sub["status"] in ENDED:
        return
    if sub["status"] == "trialing" and _trial_ends(engine, sub):
        return
    _next_period(engine, sub)


def _trial_ends(engine: Engine, sub: Obj) -> bool:
    """True if there is nobody to charge and the subscription says not to go on then."""
    settings = sub["trial_settings"]["end_behavior"]["missing_payment_method"]
    customer = engine.get("customer", sub["customer"])
    has_card = sub["default_payment_method"] or customer["invoice_settings"]["default_payment_method"]
    if has_card or settings == "create_invoice":
        return False
    if settings == "cancel":
        end(engine, sub, "payment_failed")
        return True
    before = engine.snapshot(sub)
    paused = {"type": "trial_end_without_payment_method"}
    sub["status"] = "paused"
    sub["status_details"] = {
        "paused": {"type": "subscription", "transitioned_at": engine.now_of(sub), "subscription": paused}
    }
    engine.changed("customer.subscription.updated", sub, before)
    engine.emit("customer.subscription.paused", sub)
    return True


def _next_period(engine: Engine, sub: Obj) -> None:
    start, period_end = period_of(sub)
    before = _before(sub)
    if sub["status"] == "trialing":
        sub["status"] = "active"
    sub[HIDDEN]["previous_start"] = start
    set_period(sub, period_end, next_end(sub, period_end))
    set_clocks(engine, sub)
    invoice = sub_invoices.renewal(engine, sub)
    engine.emit("customer.subscription.updated", sub, _differences(sub, before))
    bill(engine, sub, invoice)


def _before(sub: Obj) -> Obj:
    items = sub["items"] | {"data": [dict(item) for item in sub["items"]["data"]]}
    return told(sub) | {"items": items, "discounts": list(sub["discounts"])}


def _differences(sub: Obj, before: Obj) -> Obj:
    """Cheaper than a snapshot, for what a renewal can change."""
    names = ("status", "items", "latest_invoice", "discounts")
    return {name: before[name] for name in names if sub[name] != before[name]}


def bill(engine: Engine, sub: Obj, invoice: Obj) -> None:
    """A draft for an hour, unless collection is paused or the subscription is unpaid."""
    pause = sub["pause_collection"]
    if sub["status"] == "unpaid" or (pause and pause["behavior"] == "keep_as_draft"):
        invoice["auto_advance"] = False
        engine.store.save(invoice)
    elif pause:
        finalize(engine, invoice)
        if invoice["status"] == "open":
            status = "void" if pause["behavior"] == "void" else "uncollectible"
            give_up(engine, invoice, status, "subscription_paused")
    else:
        finalize_later(engine, invoice)


@on_timer("subscription.resume_collection")
def resume_collection(engine: Engine, sub: Obj) -> None:
    before = engine.snapshot(sub)
    sub["pause_collection"] = None
    engine.changed("customer.subscription.updated", sub, before)
