"""Ends of subscriptions, at once or later, and taking it back: docs.stripe.com/billing/subscriptions/cancel."""

from __future__ import annotations

from directfanz.local.simulators.stripe.engine.collecting import collect
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, Params, on_timer
from directfanz.local.simulators.stripe.engine.errors import Refusal, invalid, missing
from directfanz.local.simulators.stripe.engine.invoicing import finalize
from directfanz.local.simulators.stripe.engine.proration import credit
from directfanz.local.simulators.stripe.engine.sub_invoices import invoice_for
from directfanz.local.simulators.stripe.engine.sub_items import period_of
from directfanz.local.simulators.stripe.store import Obj

ENDED = ("canceled", "incomplete_expired")


def cancel(engine: Engine, name: str, params: Params) -> Obj:
    sub = engine.get("subscription", name)
    if sub["status"] in ENDED:
        raise missing("subscription", name)
    explain(sub, params)
    _settle_up(engine, sub, params)
    end(engine, sub, "cancellation_requested")
    return sub


def _settle_up(engine: Engine, sub: Obj, params: Params) -> None:
    now = engine.now_of(sub)
    if params.get("prorate") and sub["status"] in ("active", "past_due"):
        start, period_end = period_of(sub)
        for item in sub["items"]["data"]:
            credit(engine, item, sub, now, start, period_end)
    if params.get("invoice_now"):
        invoice = invoice_for(engine, sub, "subscription_update", [], (period_of(sub)[0], now))
        finalize(engine, invoice)
        if invoice["status"] == "open":
            collect(engine, invoice)


def end(engine: Engine, sub: Obj, reason: str) -> None:
    """From here on it makes no invoices. Open ones stay open and are no longer collected by themselves."""
    now = engine.now_of(sub)
    sub[HIDDEN]["timers"] = {}
    sub |= {"status": "canceled", "ended_at": now, "canceled_at": sub["canceled_at"] or now, "pending_update": None}
    details = sub["cancellation_details"]
    details["reason"] = details["reason"] or reason
    invoice = engine.find("invoice", sub["latest_invoice"])
    if invoice and invoice["status"] in ("draft", "open") and invoice["auto_advance"]:
        invoice |= {"auto_advance": False, "next_payment_attempt": None}
        engine.set_timer(invoice, "invoice.retry", None)
        engine.store.save(invoice)
    schedule = engine.find("subscription_schedule", sub["schedule"])
    if schedule and schedule["status"] in ("active", "not_started"):
        schedule |= {"status": "canceled", "canceled_at": now, "current_phase": None}
        engine.store.save(schedule)
        engine.emit("subscription_schedule.canceled", schedule)
    engine.store.save(sub)
    engine.emit("customer.subscription.deleted", sub)


def explain(sub: Obj, params: Params) -> None:
    given = params.get("cancellation_details") or {}
    for name in ("comment", "feedback"):
        if name in given:
            sub["cancellation_details"][name] = given[name] or None


def change_end(engine: Engine, sub: Obj, params: Params) -> None:
    """`cancel_at_period_end`, `cancel_at`, and taking either back."""
    explain(sub, params)
    _, period_end = period_of(sub)
    if "cancel_at_period_end" in params and params.get("cancel_at"):
        raise invalid("cancel_at", "You may only specify one of these parameters: cancel_at, cancel_at_period_end.")
    if params.get("cancel_at_period_end") is True:
        _end_at(engine, sub, period_end, at_period_end=True)
    elif params.get("cancel_at_period_end") is False and sub["cancel_at_period_end"]:
        _stay(engine, sub)
    given = params.get("cancel_at")
    if given == "":
        _stay(engine, sub)
    elif given in ("min_period_end", "max_period_end"):
        _end_at(engine, sub, period_end, at_period_end=True)
    elif given is not None:
        if not isinstance(given, int) or given <= engine.now_of(sub):
            raise invalid("cancel_at", "cancel_at must be a timestamp in the future.")
        _end_at(engine, sub, given, at_period_end=False)


def _end_at(engine: Engine, sub: Obj, when: int, *, at_period_end: bool) -> None:
    if sub["schedule"]:
        raise Refusal(
            f"The subscription is managed by the subscription schedule `{sub['schedule']}`, and updating any cancelation "
            "behavior directly is not allowed. Please update the schedule instead.",
        )
    sub |= {"cancel_at": when, "cancel_at_period_end": at_period_end, "canceled_at": engine.now_of(sub)}
    sub["cancellation_details"]["reason"] = "cancellation_requested"
    engine.set_timer(sub, "subscription.cancel", when)


def _stay(engine: Engine, sub: Obj) -> None:
    sub |= {"cancel_at": None, "cancel_at_period_end": False, "canceled_at": None}
    sub["cancellation_details"] = {"comment": None, "feedback": None, "feedback_option": None, "reason": None}
    engine.set_timer(sub, "subscription.cancel", None)


@on_timer("subscription.cancel")
def due(engine: Engine, sub: Obj) -> None:
    if sub["status"] not in ENDED and sub["cancel_at"] is not None:
        end(engine, sub, "cancellation_requested")
