"""docs.stripe.com/api/setup_intents: a card put on file without a charge."""

from __future__ import annotations

import secrets

from directfanz.local.simulators.stripe.engine import payment_methods
from directfanz.local.simulators.stripe.engine.confirming import confirm_setup
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, Params, new_name
from directfanz.local.simulators.stripe.engine.errors import Refusal
from directfanz.local.simulators.stripe.engine.fields import metadata, nothing
from directfanz.local.simulators.stripe.engine.lists import listing
from directfanz.local.simulators.stripe.store import Obj

OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
_EMPTY = nothing(
    "application",
    "automatic_payment_methods",
    "cancellation_reason",
    "customer_account",
    "description",
    "excluded_payment_method_types",
    "flow_directions",
    "last_setup_error",
    "latest_attempt",
    "mandate",
    "next_action",
    "on_behalf_of",
    "payment_method",
    "payment_method_configuration_details",
    "single_use_mandate",
)


def begin(engine: Engine, customer: Obj | None, usage: str = "off_session") -> Obj:
    name = new_name("seti")
    fields = {
        **_EMPTY,
        "client_secret": f"{name}_secret_{secrets.token_hex(12)}",
        "customer": customer["id"] if customer else None,
        "metadata": {},
        "payment_method_options": {
            "card": {"request_three_d_secure": "automatic", **nothing("mandate_options", "network")}
        },
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
        "usage": usage,
    }
    clock = customer[HIDDEN]["clock"] if customer else None
    return engine.make("seti", "setup_intent", fields, clock=clock, name=name)


def create(engine: Engine, params: Params) -> Obj:
    customer = engine.get("customer", params["customer"], "customer") if params.get("customer") else None
    intent = begin(engine, customer, params.get("usage", "off_session"))
    _fill(engine, intent, params)
    engine.store.save(intent)
    engine.emit("setup_intent.created", intent)
    if params.get("confirm"):
        _confirm(engine, intent, params)
    return intent


def _fill(engine: Engine, intent: Obj, params: Params) -> None:
    intent["metadata"] = metadata(intent["metadata"], params.get("metadata"))
    if "description" in params:
        intent["description"] = params["description"] or None
    if params.get("customer"):
        intent["customer"] = engine.get("customer", params["customer"], "customer")["id"]
    if params.get("payment_method"):
        intent["payment_method"] = payment_methods.resolve(engine, params["payment_method"])["id"]
        intent["status"] = "requires_confirmation"
    if "automatic_payment_methods" in params:
        intent["automatic_payment_methods"] = {"allow_redirects": "always", **params["automatic_payment_methods"]}


def _confirm(engine: Engine, intent: Obj, params: Params) -> None:
    if not intent["payment_method"]:
        said = "You cannot confirm this SetupIntent because it's missing a payment method."
        raise Refusal(said, code="setup_intent_unexpected_state")
    refusal = confirm_setup(engine, intent, return_url=params.get("return_url"))
    if refusal:
        raise refusal


def retrieve(engine: Engine, name: str, _: Params) -> Obj:
    return engine.get("setup_intent", name)


def update(engine: Engine, name: str, params: Params) -> Obj:
    intent = _require_open(engine, name, "updated")
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
    intent = _require_open(engine, name, "canceled")
    intent |= {"status": "canceled", "cancellation_reason": params.get("cancellation_reason"), "next_action": None}
    engine.store.save(intent)
    engine.emit("setup_intent.canceled", intent)
    return intent


def list_all(engine: Engine, params: Params) -> Obj:
    chosen = {"customer": params.get("customer"), "payment_method": params.get("payment_method")}
    return listing(engine, "setup_intent", params, "/v1/setup_intents", **chosen)


def _require_open(engine: Engine, name: str, verb: str) -> Obj:
    intent = engine.get("setup_intent", name)
    if intent["status"] not in OPEN:
        said = f"You cannot have this SetupIntent {verb} because it has a status of {intent['status']}."
        raise Refusal(said, code="setup_intent_unexpected_state")
    return intent
