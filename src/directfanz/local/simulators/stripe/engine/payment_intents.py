"""docs.stripe.com/api/payment_intents: one payment, through as many attempts as it takes."""

from __future__ import annotations

import secrets
from typing import Any

from directfanz.local.simulators.stripe.engine import charges, payment_methods
from directfanz.local.simulators.stripe.engine.confirming import confirm_intent, settle_capture
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, Params, new_name
from directfanz.local.simulators.stripe.engine.errors import Refusal, invalid
from directfanz.local.simulators.stripe.engine.fields import (
    currency,
    metadata,
    nothing,
    positive,
    require_chargeable,
    take,
)
from directfanz.local.simulators.stripe.engine.lists import listing
from directfanz.local.simulators.stripe.store import Obj

OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
PLAIN = ("description", "receipt_email", "setup_future_usage", "statement_descriptor", "statement_descriptor_suffix")


def begin(engine: Engine, amount: int, code: str, customer: Obj | None, **fields: Any) -> Obj:
    """A new intent, not yet confirmed and not yet told."""
    name = new_name("pi")
    base = {
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "automatic_payment_methods": None,
        "capture_method": "automatic_async",
        "client_secret": f"{name}_secret_{secrets.token_hex(12)}",
        "confirmation_method": "automatic",
        "currency": code,
        "customer": customer["id"] if customer else None,
        "metadata": {},
        "payment_method_options": {"card": {"request_three_d_secure": "automatic", **_NO_CARD_OPTIONS}},
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
        **_EMPTY,
        **fields,
    }
    if base["payment_method"]:
        base["status"] = "requires_confirmation"
    clock = customer[HIDDEN]["clock"] if customer else None
    return engine.make("pi", "payment_intent", base, clock=clock, name=name)


_NO_CARD_OPTIONS = nothing("installments", "mandate_options", "network")
_EMPTY = nothing(
    "application",
    "application_fee_amount",
    "canceled_at",
    "cancellation_reason",
    "customer_account",
    "excluded_payment_method_types",
    "last_payment_error",
    "latest_charge",
    "next_action",
    "on_behalf_of",
    "payment_method",
    "payment_method_configuration_details",
    "processing",
    "review",
    "shipping",
    "source",
    "transfer_data",
    "transfer_group",
    *PLAIN,
)


def create(engine: Engine, params: Params) -> Obj:
    amount, code = positive(params), currency(params)
    require_chargeable(amount, code)
    _check_split(engine, params, amount)
    customer = engine.get("customer", params["customer"], "customer") if params.get("customer") else None
    intent = begin(engine, amount, code, customer)
    _fill(engine, intent, params)
    engine.store.save(intent)
    engine.emit("payment_intent.created", intent)
    if params.get("confirm"):
        _confirm(engine, intent, params)
    return intent


def _fill(engine: Engine, intent: Obj, params: Params) -> None:
    take(intent, params, *PLAIN, "transfer_group", "on_behalf_of", "application_fee_amount", "capture_method")
    take(intent, params, "payment_method_types", "confirmation_method")
    intent["metadata"] = metadata(intent["metadata"], params.get("metadata"))
    if "automatic_payment_methods" in params:
        intent["automatic_payment_methods"] = {"allow_redirects": "always", **params["automatic_payment_methods"]}
    if "transfer_data" in params:
        intent["transfer_data"] = params["transfer_data"]
    name = params.get("payment_method")
    data = params.get("payment_method_data")
    if name or data:
        method = payment_methods.resolve(engine, name) if name else payment_methods.create(engine, data or {})
        _require_owner(method, intent)
        intent["payment_method"] = method["id"]
        intent["status"] = "requires_confirmation"


def _require_owner(method: Obj, intent: Obj) -> None:
    if method["customer"] and method["customer"] != intent["customer"]:
        raise invalid(
            "payment_method",
            f"The PaymentMethod {method['id']} belongs to the customer {method['customer']}. "
            "Please include the customer in the `customer` parameter on the PaymentIntent.",
        )


def _check_split(engine: Engine, params: Params, amount: int) -> None:
    if "transfer_data" in params:
        engine.get("account", params["transfer_data"]["destination"], "transfer_data[destination]")
    fee = params.get("application_fee_amount")
    if fee and fee > amount:
        raise invalid("application_fee_amount", "Your application fee cannot be larger than the total charge.")
    if fee and not engine.account and "transfer_data" not in params:
        raise invalid(
            "application_fee_amount",
            "Can only apply an application_fee_amount when the PaymentIntent is attempting a direct payment "
            "(using an OAuth key or Stripe-Account header) or destination payment (using `transfer_data[destination]`).",
        )


def _confirm(engine: Engine, intent: Obj, params: Params) -> None:
    refusal = confirm_intent(
        engine, intent, off_session=bool(params.get("off_session")), return_url=params.get("return_url")
    )
    if refusal is None and intent["status"] == "requires_action" and params.get("error_on_requires_action"):
        said = "This payment required an authentication action to complete, but `error_on_requires_action` was set."
        raise Refusal(said, code="authentication_required", status=402, kind="card_error")
    if refusal:
        raise refusal


def retrieve(engine: Engine, name: str, _: Params) -> Obj:
    return engine.get("payment_intent", name)


def update(engine: Engine, name: str, params: Params) -> Obj:
    intent = _require_open(engine, name, "updated")
    if "amount" in params:
        require_chargeable(positive(params), intent["currency"])
        intent["amount"] = params["amount"]
    if params.get("customer"):
        intent["customer"] = engine.get("customer", params["customer"], "customer")["id"]
    _fill(engine, intent, params)
    engine.store.save(intent)
    return intent


def confirm(engine: Engine, name: str, params: Params) -> Obj:
    intent = _require_open(engine, name, "confirmed")
    _fill(engine, intent, params)
    engine.store.save(intent)
    _confirm(engine, intent, params)
    return intent


def cancel(engine: Engine, name: str, params: Params) -> Obj:
    intent = engine.get("payment_intent", name)
    if intent["status"] not in (*OPEN, "requires_capture", "processing"):
        raise _unexpected(intent, "canceled")
    cancel_intent(engine, intent, params.get("cancellation_reason"))
    return intent


def cancel_intent(engine: Engine, intent: Obj, reason: str | None) -> None:
    intent |= {"status": "canceled", "canceled_at": engine.now_of(intent), "cancellation_reason": reason}
    intent |= {"next_action": None, "amount_capturable": 0}
    engine.store.save(intent)
    engine.emit("payment_intent.canceled", intent)


def capture(engine: Engine, name: str, params: Params) -> Obj:
    intent = engine.get("payment_intent", name)
    if intent["status"] != "requires_capture":
        raise _unexpected(intent, "captured")
    amount: int = params.get("amount_to_capture") or intent["amount_capturable"]
    if not 1 <= amount <= intent["amount_capturable"]:
        raise invalid("amount_to_capture", "The amount to capture exceeds what was authorized.", "amount_too_large")
    charge = engine.get("charge", intent["latest_charge"])
    charge |= {"captured": True, "amount_captured": amount}
    charges.book(engine, charge, engine.get("payment_method", intent["payment_method"]))
    engine.emit("charge.captured", charge)
    settle_capture(engine, intent, amount)
    return intent


def list_all(engine: Engine, params: Params) -> Obj:
    return listing(engine, "payment_intent", params, "/v1/payment_intents", customer=params.get("customer"))


def _require_open(engine: Engine, name: str, verb: str) -> Obj:
    intent = engine.get("payment_intent", name)
    if intent["status"] not in OPEN:
        raise _unexpected(intent, verb)
    return intent


def _unexpected(intent: Obj, verb: str) -> Refusal:
    said = f"This PaymentIntent could not be {verb} because it has a status of {intent['status']}."
    if intent["status"] == "succeeded" and verb == "confirmed":
        said = (
            "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed."
        )
    shown = {name: value for name, value in intent.items() if name != HIDDEN}
    return Refusal(said, code="payment_intent_unexpected_state", payment_intent=shown)
