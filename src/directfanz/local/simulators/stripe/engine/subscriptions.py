"""docs.stripe.com/api/subscriptions"""

from __future__ import annotations

from directfanz.local.simulators.stripe.engine import (
    cancelling,
    changing,
    pending_updates,
    setup_intents,
    sub_invoices,
    sub_status,
)
from directfanz.local.simulators.stripe.engine.collecting import collect
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, Params, new_name
from directfanz.local.simulators.stripe.engine.errors import Refusal, absent, invalid, missing
from directfanz.local.simulators.stripe.engine.fields import anchor_moves
from directfanz.local.simulators.stripe.engine.invoicing import finalize
from directfanz.local.simulators.stripe.engine.lines import Charging
from directfanz.local.simulators.stripe.engine.lists import listing
from directfanz.local.simulators.stripe.engine.renewing import set_clocks
from directfanz.local.simulators.stripe.engine.sub_items import list_of_items, new_item, require_alike, set_period
from directfanz.local.simulators.stripe.engine.sub_shape import first_period, new_fields
from directfanz.local.simulators.stripe.store import Obj

HOUR = 3600


def create(engine: Engine, params: Params) -> Obj:
    if not params.get("customer"):
        raise absent("customer")
    customer = engine.get("customer", params["customer"], "customer")
    sub = begin(engine, customer, params)
    behavior = params.get("payment_behavior", "allow_incomplete")
    refusal = first_invoice(engine, sub, params, behavior)
    if refusal and behavior == "error_if_incomplete":
        refusal.keeps = False
        raise refusal
    return sub


def begin(engine: Engine, customer: Obj, params: Params) -> Obj:
    """Made and told, before its first invoice."""
    name = new_name("sub")
    items = [new_item(engine, one, name, customer) for one in params.get("items") or []]
    require_alike(items, customer)
    changing.require_location(params, customer)
    fields = new_fields(engine, customer, items, params)
    sub = engine.make("sub", "subscription", fields, clock=customer[HIDDEN]["clock"], name=name)
    sub["items"] = list_of_items(name, items)
    period = first_period(engine, sub, params)
    set_period(sub, period.start, period.end)
    sub[HIDDEN]["whole"] = period.whole
    changing.settings(engine, sub, {k: v for k, v in params.items() if k in _SETTINGS}, customer)
    if not customer["currency"]:
        customer["currency"] = sub["currency"]
        engine.store.save(customer)
    if params.get("cancel_at_period_end") or params.get("cancel_at"):
        cancelling.change_end(engine, sub, params)
    return sub


_SETTINGS = ("default_payment_method", "discounts", "payment_settings", "trial_settings", "transfer_data")


def first_invoice(engine: Engine, sub: Obj, params: Params, behavior: str) -> Refusal | None:
    start, end = (sub["items"]["data"][0][f"current_period_{which}"] for which in ("start", "end"))
    whole = sub[HIDDEN].pop("whole")
    if sub["status"] == "trialing":
        chargings = sub_invoices.trial_chargings(engine, sub, start, end)
    elif whole > end - start:
        free = params.get("proration_behavior") == "none"
        chargings = [] if free else sub_invoices.partial_chargings(engine, sub, start, end, whole)
    else:
        chargings = sub_invoices.period_chargings(engine, sub, start, end)
    chargings += added(engine, sub, params.get("add_invoice_items") or [])
    engine.emit("customer.subscription.created", sub)
    invoice = sub_invoices.invoice_for(engine, sub, "subscription_create", chargings, (start, start))
    set_clocks(engine, sub)
    refusal = pay_first(engine, sub, invoice, behavior)
    if behavior == "default_incomplete" and sub["status"] == "trialing":
        _set_up_later(engine, sub)
    return refusal


def added(engine: Engine, sub: Obj, given: list[Params]) -> list[Charging]:
    from directfanz.local.simulators.stripe.engine.invoice_items import charging_for

    start = engine.now_of(sub)
    return [charging_for(engine, one, sub["currency"], start, subscription=sub["id"]) for one in given]


def pay_first(engine: Engine, sub: Obj, invoice: Obj, behavior: str) -> Refusal | None:
    """A subscription is incomplete until its first invoice is paid; one without an amount is paid at once."""
    waits = invoice["total"] > 0 and sub["status"] != "trialing"
    if waits:
        sub["status"] = "incomplete"
        expires = engine.now_of(sub) + engine.options.incomplete_hours * HOUR
        engine.set_timer(sub, "subscription.expire", expires)
        engine.store.save(sub)
    finalize(engine, invoice)
    if invoice["status"] != "open" or behavior == "default_incomplete":
        return None
    refusal = collect(engine, invoice)
    if refusal and refusal.status == 400:
        refusal.keeps = False
        raise refusal  # without any card there is no subscription
    return refusal


def _set_up_later(engine: Engine, sub: Obj) -> None:
    customer = engine.get("customer", sub["customer"])
    if sub["default_payment_method"] or customer["invoice_settings"]["default_payment_method"]:
        return
    intent = setup_intents.begin(engine, customer)
    engine.store.save(intent)
    engine.emit("setup_intent.created", intent)
    sub["pending_setup_intent"] = intent["id"]
    engine.store.save(sub)


def retrieve(engine: Engine, name: str, _: Params) -> Obj:
    return engine.get("subscription", name)


def update(engine: Engine, name: str, params: Params) -> Obj:
    sub = engine.get("subscription", name)
    _require_changeable(sub, params)
    behavior = params.get("payment_behavior", "allow_incomplete")
    if behavior == "pending_if_incomplete":
        pending_updates.require_supported(params)
    if sub["pending_update"] and "items" in params:
        said = (
            "This subscription has a pending update. Pay or void its invoice before you change the subscription again."
        )
        raise Refusal(said, code="subscription_pending_update")
    before = engine.snapshot(sub)
    invoice = changing.change(engine, sub, params)
    if invoice:
        pay_change(engine, sub, before, invoice, behavior)
    engine.changed("customer.subscription.updated", sub, before)
    return sub


def _require_changeable(sub: Obj, params: Params) -> None:
    if sub["status"] in cancelling.ENDED and set(params) - {"metadata", "cancellation_details", "expand"}:
        said = "A canceled subscription can only update its cancellation_details and metadata."
        raise Refusal(said) if sub["status"] == "canceled" else missing("subscription", sub["id"])
    if sub["status"] == "incomplete" and "items" in params:
        raise Refusal("You cannot update the items of a subscription in `incomplete` status.", param="items")
    if "trial_period_days" in params:
        raise invalid("trial_period_days", "Received unknown parameter: trial_period_days", "parameter_unknown")


def pay_change(engine: Engine, sub: Obj, before: Obj, invoice: Obj, behavior: str) -> None:
    finalize(engine, invoice)
    if invoice["status"] != "open":
        return
    if behavior == "default_incomplete":
        sub_status.move(engine, sub, "past_due")
        return
    sub[HIDDEN]["keeps_status"] = behavior in ("pending_if_incomplete", "error_if_incomplete")
    refusal = collect(engine, invoice)
    sub[HIDDEN].pop("keeps_status", None)
    if refusal is None:
        return
    if behavior == "error_if_incomplete":
        refusal.keeps = False
        raise refusal
    if behavior == "pending_if_incomplete":
        pending_updates.hold_back(engine, sub, before, invoice)
    engine.store.save(sub)


def resume(engine: Engine, name: str, params: Params) -> Obj:
    """A paused one begins a new period with an invoice; it goes on when that is paid."""
    sub = engine.get("subscription", name)
    if sub["status"] != "paused":
        raise Refusal("You can only resume a subscription whose status is `paused`.")
    before = engine.snapshot(sub)
    sub["status_details"] = None
    now = engine.now_of(sub)
    sub["status"] = "active"
    if anchor_moves(params, "now"):
        sub["billing_cycle_anchor"] = now
    from directfanz.local.simulators.stripe.engine.sub_items import next_end, period_of

    set_period(sub, now, next_end(sub, now))
    chargings = sub_invoices.period_chargings(engine, sub, *period_of(sub))
    invoice = sub_invoices.invoice_for(engine, sub, "subscription_update", chargings, (now, now))
    set_clocks(engine, sub)
    finalize(engine, invoice)
    if invoice["status"] == "open":
        collect(engine, invoice)
    engine.changed("customer.subscription.updated", sub, before)
    engine.emit("customer.subscription.resumed", sub)
    return sub


def delete_discount(engine: Engine, name: str, _: Params) -> Obj:
    sub = engine.get("subscription", name)
    if not sub["discounts"]:
        raise missing("discount", name)
    before = engine.snapshot(sub)
    gone = engine.get("discount", sub["discounts"][0])
    engine.emit("customer.discount.deleted", gone)
    sub["discounts"] = []
    engine.changed("customer.subscription.updated", sub, before)
    gone[HIDDEN]["deleted"] = True
    engine.store.save(gone)
    return gone


def list_all(engine: Engine, params: Params) -> Obj:
    status, price = params.get("status"), params.get("price")

    def fits(sub: Obj) -> bool:
        ended = sub["status"] == "canceled"
        by_status = status == "all" or (sub["status"] == status if status and status != "ended" else not ended)
        if status == "ended":
            by_status = sub["status"] in cancelling.ENDED
        return by_status and (not price or any(item["price"]["id"] == price for item in sub["items"]["data"]))

    return listing(
        engine,
        "subscription",
        params,
        "/v1/subscriptions",
        customer=params.get("customer"),
        test_clock=params.get("test_clock"),
        test=fits,
    )
