"""Cards on file: docs.stripe.com/api/payment_methods."""

from __future__ import annotations

import hashlib
from typing import Any

from directfanz.local.simulators.stripe.engine import cards
from directfanz.local.simulators.stripe.engine.cards import BY_NUMBER, DECLINES, Decline, TestCard
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, Params
from directfanz.local.simulators.stripe.engine.errors import CardRefusal, Refusal, invalid, missing
from directfanz.local.simulators.stripe.engine.fields import address, metadata
from directfanz.local.simulators.stripe.engine.lists import listing
from directfanz.local.simulators.stripe.store import Obj

YEARS_AHEAD = 3
CVC_LENGTHS = (3, 4)


def create(engine: Engine, params: Params) -> Obj:
    """A raw number is refused by Stripe unless the account may see them; the simulator knows test numbers only."""
    if params.get("type", "card") != "card":
        raise invalid("type", "The simulator knows cards only.")
    given = params.get("card") or {}
    token = given.get("token")
    if token:
        card = cards.card_of_token(token)
        if card is None:
            raise missing("token", token, "card[token]")
        return make(engine, card, params)
    return make(engine, card_numbered(engine, given), params, given)


def card_numbered(engine: Engine, given: Params) -> TestCard:
    number = str(given.get("number", "")).replace(" ", "")
    if not number.isdigit() or not cards.passes_luhn(number):
        raise CardRefusal("Your card number is incorrect.", code="incorrect_number", param="number")
    year, month = int(given.get("exp_year") or 0), int(given.get("exp_month") or 0)
    if not 1 <= month <= 12:
        raise CardRefusal("Your card's expiration month is invalid.", code="invalid_expiry_month", param="exp_month")
    if (year, month) < year_and_month(engine.now()):
        raise CardRefusal("Your card's expiration year is invalid.", code="invalid_expiry_year", param="exp_year")
    cvc = str(given.get("cvc", "123"))
    if not cvc.isdigit() or len(cvc) not in CVC_LENGTHS:
        raise CardRefusal("Your card's security code is invalid.", code="invalid_cvc", param="cvc")
    if number not in BY_NUMBER:
        said = "Your card was declined. Your request was in test mode, but used a non test card."
        raise CardRefusal(said, code="card_declined", decline_code="test_mode_live_card")
    return BY_NUMBER[number]


def year_and_month(moment: int) -> tuple[int, int]:
    from directfanz.local.simulators.stripe.engine.periods import moment_of

    day = moment_of(moment)
    return day.year, day.month


def make(engine: Engine, card: TestCard, params: Params, given: Params | None = None) -> Obj:
    given = given or {}
    year, _ = year_and_month(engine.now())
    fields = {
        "allow_redisplay": params.get("allow_redisplay", "unspecified"),
        "billing_details": _billing(params.get("billing_details") or {}),
        "card": _shown(card, int(given.get("exp_month") or 12), int(given.get("exp_year") or year + YEARS_AHEAD)),
        "customer": None,
        "customer_account": None,
        "metadata": metadata(None, params.get("metadata")),
        "type": "card",
    }
    method = engine.make("pm", "payment_method", fields)
    method[HIDDEN] |= {"number": card.number, "set_up": False, "fails_with": ""}
    return method


def _billing(given: Params) -> Obj:
    told = {name: given.get(name) or None for name in ("email", "name", "phone", "tax_id")}
    return {"address": address(given.get("address") or {"country": None}), **told}


def _shown(card: TestCard, month: int, year: int) -> Obj:
    return {
        "brand": card.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": card.country,
        "display_brand": card.brand,
        "exp_month": month,
        "exp_year": year,
        "fingerprint": hashlib.sha256(card.number.encode()).hexdigest()[:16],
        "funding": card.funding,
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def card_of(method: Obj) -> TestCard:
    return BY_NUMBER[method[HIDDEN]["number"]]


def resolve(engine: Engine, name: str, param: str = "payment_method") -> Obj:
    """One that exists, or a new one for a test token."""
    card = cards.card_of_token(name)
    return make(engine, card, {}) if card else engine.get("payment_method", name, param)


def decline_of(method: Obj) -> Decline | None:
    """Why the bank would say no to a charge, if it would."""
    why = method[HIDDEN]["fails_with"] or card_of(method).declines
    return DECLINES[why] if why else None


def refusal_of(decline: Decline, **more: Any) -> CardRefusal:
    return CardRefusal(decline.message, code=decline.code, decline_code=decline.decline_code, **more)


def retrieve(engine: Engine, name: str, _: Params) -> Obj:
    return engine.get("payment_method", name)


def update(engine: Engine, name: str, params: Params) -> Obj:
    method = engine.get("payment_method", name)
    if method["customer"] is None:
        raise Refusal(
            "You must save this PaymentMethod to a customer before you can update it.",
            code="payment_method_not_available",
        )
    before = engine.snapshot(method)
    method["metadata"] = metadata(method["metadata"], params.get("metadata"))
    if "billing_details" in params:
        given = params["billing_details"]
        told = _billing({**method["billing_details"], **given})
        method["billing_details"] = told
    for part in ("exp_month", "exp_year"):
        if part in (params.get("card") or {}):
            method["card"][part] = params["card"][part]
    engine.changed("payment_method.updated", method, before)
    return method


def attach(engine: Engine, name: str, params: Params) -> Obj:
    """Validates the card with its bank: one that declines everything cannot be put on file."""
    customer = engine.get("customer", params.get("customer"), "customer")
    method = resolve(engine, name)
    if method["customer"] == customer["id"]:
        return method
    if method["customer"] or method[HIDDEN].get("detached"):
        raise Refusal(
            "The payment method you provided has already been attached to a customer."
            if method["customer"]
            else "This PaymentMethod was previously used or detached and may not be used again.",
            code="payment_method_unactivated",
            param="payment_method",
        )
    card = card_of(method)
    if card.declines and not card.attaches:
        raise refusal_of(DECLINES[card.declines])
    put_on_file(engine, method, customer["id"])
    return method


def put_on_file(engine: Engine, method: Obj, customer: str) -> None:
    if method["customer"] == customer:
        return
    method["customer"] = customer
    engine.store.save(method)
    engine.emit("payment_method.attached", method)


def detach(engine: Engine, name: str, _: Params) -> Obj:
    method = engine.get("payment_method", name)
    if method["customer"] is None:
        raise Refusal("The payment method you provided is not attached to a customer so detachment is impossible.")
    customer = engine.get("customer", method["customer"])
    if customer["invoice_settings"]["default_payment_method"] == name:
        before = engine.snapshot(customer)
        customer["invoice_settings"]["default_payment_method"] = None
        engine.changed("customer.updated", customer, before)
    method["customer"] = None
    method[HIDDEN]["detached"] = True
    engine.store.save(method)
    engine.emit("payment_method.detached", method, {"customer": customer["id"]})
    return method


def list_all(engine: Engine, params: Params) -> Obj:
    return listing(
        engine,
        "payment_method",
        params,
        "/v1/payment_methods",
        customer=params.get("customer"),
        type=params.get("type"),
        test=lambda method: method["customer"] is not None,
    )


def list_of_customer(engine: Engine, customer: str, params: Params) -> Obj:
    engine.get("customer", customer)
    url = f"/v1/customers/{customer}/payment_methods"
    return listing(engine, "payment_method", params, url, customer=customer, type=params.get("type"))


def retrieve_of_customer(engine: Engine, customer: str, name: str, _: Params) -> Obj:
    method = engine.get("payment_method", name)
    if method["customer"] != customer:
        raise missing("payment_method", name)
    return method
