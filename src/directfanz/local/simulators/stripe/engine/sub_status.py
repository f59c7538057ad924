"""How a subscription follows its invoices: docs.stripe.com/billing/subscriptions/overview#subscription-statuses."""

from __future__ import annotations

from directfanz.local.simulators.stripe.engine import hooks
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, on_timer
from directfanz.local.simulators.stripe.engine.invoicing import give_up
from directfanz.local.simulators.stripe.store import Obj


def move(engine: Engine, sub: Obj, status: str) -> None:
    if sub["status"] != status:
        before = engine.snapshot(sub)
        sub["status"] = status
        engine.changed("customer.subscription.updated", sub, before)


def _of(engine: Engine, invoice: Obj) -> Obj | None:
    return engine.store.find(invoice[HIDDEN].get("subscription") or "")


def _paid(engine: Engine, invoice: Obj) -> None:
    from directfanz.local.simulators.stripe.engine.pending_updates import apply_pending

    sub = _of(engine, invoice)
    if sub is None:
        return
    _remember_card(engine, sub, invoice)
    apply_pending(engine, sub, invoice["id"])
    if sub["status"] == "incomplete" and invoice["billing_reason"] == "subscription_create":
        engine.set_timer(sub, "subscription.expire", None)
        move(engine, sub, "trialing" if (sub["trial_end"] or 0) > engine.now_of(sub) else "active")
    elif sub["status"] in ("past_due", "unpaid") and sub["latest_invoice"] == invoice["id"]:
        move(engine, sub, "active")
    _count_delinquent(engine, sub, invoice)


def _remember_card(engine: Engine, sub: Obj, invoice: Obj) -> None:
    wanted = (sub["payment_settings"] or {}).get("save_default_payment_method") == "on_subscription"
    intent = engine.store.find(invoice[HIDDEN].get("intent") or "")
    if wanted and intent and intent["payment_method"]:
        sub["default_payment_method"] = intent["payment_method"]
        engine.store.save(sub)


def _count_delinquent(engine: Engine, sub: Obj, invoice: Obj) -> None:
    customer = engine.get("customer", sub["customer"])
    late = invoice["status"] == "open" and invoice["attempted"]
    if customer["delinquent"] != late:
        before = engine.snapshot(customer)
        customer["delinquent"] = late
        engine.changed("customer.updated", customer, before)


def _failed(engine: Engine, invoice: Obj) -> None:
    sub = _of(engine, invoice)
    if sub is None or sub["latest_invoice"] != invoice["id"]:
        return
    if sub["status"] in ("active", "trialing") and not sub[HIDDEN].get("keeps_status"):
        move(engine, sub, "past_due")
    _count_delinquent(engine, sub, invoice)
    last = invoice["next_payment_attempt"] is None and invoice["billing_reason"] == "subscription_cycle"
    after = engine.options.after_last_retry
    if last and sub["status"] == "past_due" and after == "unpaid":
        move(engine, sub, "unpaid")
    elif last and sub["status"] == "past_due" and after == "canceled":
        from directfanz.local.simulators.stripe.engine.cancelling import end

        end(engine, sub, "payment_failed")


def _given_up(engine: Engine, invoice: Obj) -> None:
    sub = _of(engine, invoice)
    if sub is None or sub["latest_invoice"] != invoice["id"]:
        return
    if sub["status"] == "incomplete" and invoice["status"] == "void":
        _expire(engine, sub)
    elif sub["status"] == "past_due":
        move(engine, sub, "active")


@on_timer("subscription.expire")
def expire(engine: Engine, sub: Obj) -> None:
    """Nobody paid the first invoice in 23 hours."""
    if sub["status"] != "incomplete":
        return
    invoice = engine.find("invoice", sub["latest_invoice"])
    if invoice and invoice["status"] == "open":
        give_up(engine, invoice, "void")
    if sub["status"] == "incomplete":
        _expire(engine, sub)


def _expire(engine: Engine, sub: Obj) -> None:
    sub[HIDDEN]["timers"] = {}
    sub["ended_at"] = engine.now_of(sub)
    move(engine, sub, "incomplete_expired")
    engine.store.save(sub)


hooks.INVOICE_PAID.append(_paid)
hooks.INVOICE_FAILED.append(_failed)
hooks.INVOICE_GIVEN_UP.append(_given_up)
