"""docs.stripe.com/api/customers"""

from __future__ import annotations

import secrets

from directfanz.local.simulators.stripe.engine import payment_methods
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, Params
from directfanz.local.simulators.stripe.engine.errors import invalid
from directfanz.local.simulators.stripe.engine.fields import address, metadata, nothing, take
from directfanz.local.simulators.stripe.engine.lists import listing
from directfanz.local.simulators.stripe.store import Obj

MAX_EMAIL = 512
PLAIN = ("business_name", "description", "email", "individual_name", "name", "phone", "preferred_locales", "tax_exempt")


def create(engine: Engine, params: Params) -> Obj:
    clock = params.get("test_clock")
    if clock:
        engine.get("test_helpers.test_clock", clock, "test_clock")
    fields = {
        "address": None,
        "balance": 0,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "discount": None,
        "invoice_prefix": secrets.token_hex(4).upper(),
        "invoice_settings": {**nothing("custom_fields", "default_payment_method", "footer", "rendering_options")},
        "metadata": {},
        "next_invoice_sequence": 1,
        "shipping": None,
        "test_clock": clock,
        **nothing("customer_account", *PLAIN),
        "preferred_locales": [],
        "tax_exempt": "none",
    }
    customer = engine.make("cus", "customer", fields, clock=clock)
    _fill(engine, customer, params)
    method = params.get("payment_method")
    if method:
        attached = payment_methods.attach(engine, method, {"customer": customer["id"]})
        if customer["invoice_settings"]["default_payment_method"] == method:
            customer["invoice_settings"]["default_payment_method"] = attached["id"]
    engine.store.save(customer)
    engine.emit("customer.created", customer)
    return customer


def _fill(engine: Engine, customer: Obj, params: Params) -> None:
    if len(params.get("email") or "") > MAX_EMAIL or (params.get("email") and "@" not in params["email"]):
        raise invalid("email", f"Invalid email address: {params['email'][:80]}", "email_invalid")
    take(customer, params, *PLAIN, "invoice_prefix", "next_invoice_sequence")
    if "address" in params:
        customer["address"] = address(params["address"])
    if "shipping" in params:
        given = params["shipping"]
        told = given and {"address": address(given.get("address")), **{n: given.get(n) for n in ("name", "phone")}}
        customer["shipping"] = told or None
    if "balance" in params:
        customer["balance"] = params["balance"]
    customer["metadata"] = metadata(customer["metadata"], params.get("metadata"))
    for name, value in (params.get("invoice_settings") or {}).items():
        customer["invoice_settings"][name] = value or None
    _check_default(engine, customer, params)


def _check_default(engine: Engine, customer: Obj, params: Params) -> None:
    chosen = (params.get("invoice_settings") or {}).get("default_payment_method")
    if not chosen or chosen == params.get("payment_method"):
        return
    param = "invoice_settings[default_payment_method]"
    method = engine.get("payment_method", chosen, param)
    if method["customer"] != customer["id"]:
        raise invalid(param, f"The customer does not have a payment method with the ID {chosen}.", "resource_missing")


def retrieve(engine: Engine, name: str, _: Params) -> Obj:
    return engine.get("customer", name)


def update(engine: Engine, name: str, params: Params) -> Obj:
    customer = engine.get("customer", name)
    if customer[HIDDEN].get("deleted"):
        engine.get("customer", name, "customer")
    before = engine.snapshot(customer)
    _fill(engine, customer, params)
    engine.store.save(customer)
    engine.changed("customer.updated", customer, before)
    return customer


def delete(engine: Engine, name: str, _: Params) -> Obj:
    """Permanent, and it ends the customer's subscriptions at once."""
    from directfanz.local.simulators.stripe.engine.cancelling import end

    customer = engine.get("customer", name)
    for subscription in list(engine.newest("subscription", "customer", name)):
        if subscription["status"] not in ("canceled", "incomplete_expired"):
            end(engine, subscription, "cancellation_requested")
    for method in list(engine.newest("payment_method", "customer", name)):
        payment_methods.detach(engine, method["id"], {})
    customer[HIDDEN]["deleted"] = True
    engine.store.save(customer)
    engine.emit("customer.deleted", customer)
    return customer


def list_all(engine: Engine, params: Params) -> Obj:
    chosen = {"email": params.get("email"), "test_clock": params.get("test_clock")}
    return listing(engine, "customer", params, "/v1/customers", **chosen)


def move_balance(engine: Engine, customer: Obj, amount: int, code: str, kind: str, invoice: str | None) -> Obj:
    """Negative is a credit of the customer's."""
    before = engine.snapshot(customer)
    customer["balance"] += amount
    customer["currency"] = customer["currency"] or code
    fields = {
        "amount": amount,
        "checkout_session": None,
        "credit_note": None,
        "currency": code,
        "customer": customer["id"],
        "customer_account": None,
        "description": None,
        "ending_balance": customer["balance"],
        "invoice": invoice,
        "metadata": {},
        "type": kind,
    }
    moved = engine.make("cbtxn", "customer_balance_transaction", fields, clock=customer[HIDDEN]["clock"])
    engine.changed("customer.updated", customer, before)
    return moved


def create_balance_transaction(engine: Engine, name: str, params: Params) -> Obj:
    customer = engine.get("customer", name)
    moved = move_balance(engine, customer, params["amount"], params["currency"], "adjustment", None)
    moved["description"] = params.get("description")
    moved["metadata"] = metadata(None, params.get("metadata"))
    engine.store.save(moved)
    return moved


def list_balance_transactions(engine: Engine, name: str, params: Params) -> Obj:
    url = f"/v1/customers/{name}/balance_transactions"
    return listing(engine, "customer_balance_transaction", params, url, customer=name)
