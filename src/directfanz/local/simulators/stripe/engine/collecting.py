"""Paying an open invoice with a card, and what a failure leads to."""

from __future__ import annotations

from directfanz.local.simulators.stripe.engine import hooks, payment_methods
from directfanz.local.simulators.stripe.engine.confirming import confirm_intent
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, on_timer
from directfanz.local.simulators.stripe.engine.errors import CardRefusal, Refusal
from directfanz.local.simulators.stripe.engine.periods import DAY
from directfanz.local.simulators.stripe.store import Obj

NO_CARD = (
    "This customer has no attached payment source or default payment method. Please consider adding a default payment "
    "method. For more information, visit https://stripe.com/docs/billing/subscriptions/payment-methods-setting."
)


def record_payment(engine: Engine, invoice: Obj, intent: Obj) -> Obj:
    """Which payment belongs to which invoice: docs.stripe.com/api/invoice-payment."""
    fields = {
        "amount_paid": None,
        "amount_requested": invoice["amount_due"],
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }
    payment = engine.make("inpay", "invoice_payment", fields, clock=invoice[HIDDEN]["clock"])
    payment[HIDDEN]["payment_intent"] = intent["id"]
    engine.store.save(payment)
    return payment


def method_for(engine: Engine, invoice: Obj) -> str | None:
    """The invoice's, the subscription's, the customer's, in this order."""
    sub = engine.store.find(invoice[HIDDEN].get("subscription") or "")
    customer = engine.get("customer", invoice["customer"])
    chosen: str | None = invoice["default_payment_method"] or (sub["default_payment_method"] if sub else None)
    return chosen or customer["invoice_settings"]["default_payment_method"]


def collect(engine: Engine, invoice: Obj, method: str | None = None, *, off_session: bool = False) -> Refusal | None:
    """One attempt. `off_session` declines where the bank wants to see the card holder; otherwise it is asked for."""
    method = method or method_for(engine, invoice)
    intent = engine.get("payment_intent", invoice[HIDDEN]["intent"])
    if method is None:
        _without_card(engine, invoice)
        return Refusal(NO_CARD, code="resource_missing", status=400)
    intent["payment_method"] = payment_methods.resolve(engine, method)["id"]
    intent["status"] = "requires_confirmation"
    refusal = confirm_intent(engine, intent, off_session=off_session, uses_mandate=True)
    if refusal is None and intent["status"] == "requires_action":
        _wait_for_holder(engine, invoice)
        return CardRefusal(
            "This payment requires additional user action before it can be completed successfully. Payment can be "
            "completed using the PaymentIntent associated with the invoice.",
            code="invoice_payment_intent_requires_action",
            payment_intent=engine.snapshot(intent),
        )
    return refusal


def _without_card(engine: Engine, invoice: Obj) -> None:
    _count(engine, invoice)
    engine.emit("invoice.payment_failed", invoice)
    hooks.tell(hooks.INVOICE_FAILED, engine, invoice)


def _wait_for_holder(engine: Engine, invoice: Obj) -> None:
    _count(engine, invoice)
    engine.emit("invoice.payment_action_required", invoice)
    engine.emit("invoice.payment_failed", invoice)
    hooks.tell(hooks.INVOICE_FAILED, engine, invoice)


def _count(engine: Engine, invoice: Obj) -> None:
    """Stripe tries again by itself only if the account is set up so."""
    invoice |= {"attempted": True, "attempt_count": invoice["attempt_count"] + 1, "next_payment_attempt": None}
    days = engine.options.smart_retry_days
    tried = invoice["attempt_count"] - 1
    if invoice["auto_advance"] and tried < len(days) and invoice["billing_reason"] != "subscription_create":
        first = invoice["status_transitions"]["finalized_at"]
        invoice["next_payment_attempt"] = max(first + days[tried] * DAY, engine.now_of(invoice) + 1)
        engine.set_timer(invoice, "invoice.retry", invoice["next_payment_attempt"])
    engine.store.save(invoice)


@on_timer("invoice.retry")
def retry(engine: Engine, invoice: Obj) -> None:
    if invoice["status"] == "open":
        collect(engine, invoice, off_session=True)


def _paid(engine: Engine, intent: Obj) -> None:
    from directfanz.local.simulators.stripe.engine.invoicing import settle

    invoice = engine.store.find(intent[HIDDEN].get("invoice") or "")
    if invoice is None:
        return
    for payment in engine.newest("invoice_payment", "_payment_intent", intent["id"]):
        payment |= {"status": "paid", "amount_paid": intent["amount_received"]}
        payment["status_transitions"]["paid_at"] = engine.now_of(invoice)
        engine.store.save(payment)
        engine.emit("invoice_payment.paid", payment)
    invoice["attempt_count"] += 1
    settle(engine, invoice)


def _failed(engine: Engine, intent: Obj) -> None:
    invoice = engine.store.find(intent[HIDDEN].get("invoice") or "")
    if invoice is not None and invoice["status"] == "open":
        _count(engine, invoice)
        engine.emit("invoice.payment_failed", invoice)
        hooks.tell(hooks.INVOICE_FAILED, engine, invoice)


hooks.PAID.append(_paid)
hooks.FAILED.append(_failed)
