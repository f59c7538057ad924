"""What an invoice would be: the change is made, looked at and forgotten (docs.stripe.com/api/invoices/create_preview)."""

from __future__ import annotations

from directfanz.local.simulators.stripe.engine import changing, invoice_items, sub_invoices
from directfanz.local.simulators.stripe.engine.cancelling import ENDED
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, Params, new_name
from directfanz.local.simulators.stripe.engine.errors import Refusal, absent
from directfanz.local.simulators.stripe.engine.invoicing import Order, draw_up
from directfanz.local.simulators.stripe.engine.proration import credit
from directfanz.local.simulators.stripe.engine.sub_items import next_end, period_of, set_period
from directfanz.local.simulators.stripe.store import Obj


def create(engine: Engine, params: Params) -> Obj:
    """Nothing of it stays: the engine's transaction is taken back, events included."""
    try:
        return engine.snapshot(_previewed(engine, params))
    finally:
        engine.rollback()


def _previewed(engine: Engine, params: Params) -> Obj:
    details = {k: v for k, v in (params.get("subscription_details") or {}).items() if k != "billing_mode"}
    if params.get("subscription"):
        sub = engine.get("subscription", params["subscription"], "subscription")
        return _finished(_of_subscription(engine, sub, params, details), sub)
    if params.get("schedule"):
        schedule = engine.get("subscription_schedule", params["schedule"], "schedule")
        sub = engine.get("subscription", schedule["subscription"], "schedule")
        return _finished(_of_subscription(engine, sub, params, {}), sub)
    if not params.get("customer"):
        raise absent("customer")
    customer = engine.get("customer", params["customer"], "customer")
    if details.get("items"):
        return _finished(_of_new(engine, customer, params, details), None)
    if params.get("invoice_items"):
        return _finished(_of_items(engine, customer, params), None)
    said = "You must pass a subscription, schedule, subscription_details.items or invoice_items."
    raise Refusal(said, code="invoice_upcoming_none")


def _finished(invoice: Obj, sub: Obj | None) -> Obj:
    invoice["id"] = f"upcoming_{invoice['id']}"
    for line in invoice["lines"]["data"]:
        line["invoice"] = invoice["id"]
    if sub and invoice["parent"]:
        invoice["parent"]["subscription_details"]["subscription"] = sub["id"]
    return invoice


def _of_subscription(engine: Engine, sub: Obj, params: Params, details: Params) -> Obj:
    if sub["status"] in ENDED:
        said = f"No upcoming invoices for customer: {sub['customer']}"
        raise Refusal(said, code="invoice_upcoming_none", status=404)
    if details.get("cancel_now"):
        return _of_end(engine, sub, details)
    extra = {name: params[name] for name in ("discounts", "automatic_tax") if name in params}
    at = details.get("proration_date")
    draft = changing.change(engine, sub, details | extra)
    if draft:
        if at is not None:
            draft["parent"]["subscription_details"]["subscription_proration_date"] = at
        return draft
    if sub["cancel_at"] is not None and sub["cancel_at"] <= period_of(sub)[1]:
        raise Refusal(f"No upcoming invoices for customer: {sub['customer']}", code="invoice_upcoming_none", status=404)
    invoice = _renewal(engine, sub)
    if at is not None:
        invoice["parent"]["subscription_details"]["subscription_proration_date"] = at
    return invoice


def _of_end(engine: Engine, sub: Obj, details: Params) -> Obj:
    now = engine.now_of(sub)
    start, end = period_of(sub)
    if details.get("proration_behavior", "create_prorations") != "none" and sub["status"] != "trialing":
        for item in sub["items"]["data"]:
            credit(engine, item, sub, details.get("proration_date", now), start, end)
    return sub_invoices.invoice_for(engine, sub, "upcoming", [], (start, now))


def _renewal(engine: Engine, sub: Obj) -> Obj:
    from directfanz.local.simulators.stripe.engine.schedules import follow

    start, end = period_of(sub)
    sub[HIDDEN]["previous_start"] = start
    follow(engine, sub, at=end)
    set_period(sub, end, next_end(sub, end))
    invoice = sub_invoices.renewal(engine, sub, name=new_name("in"))
    invoice |= {"billing_reason": "upcoming", "next_payment_attempt": end, "created": end}
    return invoice


def preview_of_renewal(engine: Engine, name: str) -> Obj:
    """For invoice.upcoming, inside of a transaction that goes on: what was there before comes back."""
    engine.commit()
    with engine.books(engine.account):
        try:
            invoice = engine.snapshot(_renewal(engine, engine.get("subscription", name)))
        finally:
            engine.rollback()
    del invoice["id"]
    return invoice


def _of_new(engine: Engine, customer: Obj, params: Params, details: Params) -> Obj:
    from directfanz.local.simulators.stripe.engine import subscriptions

    known = {name: params[name] for name in ("discounts", "automatic_tax") if name in params}
    sub = subscriptions.begin(engine, customer, details | known | {"customer": customer["id"]})
    start, end = period_of(sub)
    make = sub_invoices.trial_chargings if sub["status"] == "trialing" else sub_invoices.period_chargings
    invoice = sub_invoices.invoice_for(engine, sub, "upcoming", make(engine, sub, start, end), (start, start))
    invoice["parent"] = None
    return invoice


def _of_items(engine: Engine, customer: Obj, params: Params) -> Obj:
    now = engine.now(customer[HIDDEN]["clock"])
    given = params["invoice_items"]
    code = params.get("currency") or customer["currency"] or given[0].get("currency") or "usd"
    found = [invoice_items.charging_for(engine, one, code, now) for one in given]
    taxed = bool((params.get("automatic_tax") or {}).get("enabled"))
    return draw_up(engine, Order(customer, code, found, (now, now), "upcoming", taxed=taxed))
