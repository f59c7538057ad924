"""Coupons, the codes people type for them, and what they take off: docs.stripe.com/billing/subscriptions/coupons."""

from __future__ import annotations

import secrets
from typing import Any

from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, Params
from directfanz.local.simulators.stripe.engine.errors import Refusal, absent, invalid, missing
from directfanz.local.simulators.stripe.engine.fields import metadata, take
from directfanz.local.simulators.stripe.engine.lists import listing
from directfanz.local.simulators.stripe.engine.periods import months_later, percent
from directfanz.local.simulators.stripe.store import Obj

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def create(engine: Engine, params: Params) -> Obj:
    _check(params)
    name = params.get("id", "") or secrets.token_urlsafe(6).replace("-", "x").replace("_", "Y")
    if engine.store.find(name):
        raise invalid("id", "Coupon already exists.", "resource_already_exists")
    fields = {
        "amount_off": params.get("amount_off") or None,
        "currency": params.get("currency"),
        "duration": params.get("duration", "once"),
        "duration_in_months": params.get("duration_in_months"),
        "max_redemptions": params.get("max_redemptions"),
        "metadata": metadata(None, params.get("metadata")),
        "name": params.get("name"),
        "percent_off": params.get("percent_off") or None,
        "redeem_by": params.get("redeem_by"),
        "times_redeemed": 0,
        "valid": True,
    }
    coupon = engine.make("", "coupon", fields, name=name)
    if params.get("applies_to"):
        coupon[HIDDEN]["applies_to"] = params["applies_to"]
    engine.emit("coupon.created", coupon)
    return coupon


def _check(params: Params) -> None:
    amount, share = params.get("amount_off"), params.get("percent_off")
    if bool(amount) == bool(share):
        raise Refusal("You must pass either percent_off or amount_off.", param="percent_off")
    if share and not 0 < share <= 100:
        raise invalid("percent_off", "Invalid percent_off: must be greater than 0 and at most 100.")
    if amount and not params.get("currency"):
        raise absent("currency")
    if (params.get("duration") == "repeating") != bool(params.get("duration_in_months")):
        raise invalid("duration_in_months", "duration_in_months is needed for a repeating coupon, and only for one.")


def current(engine: Engine, coupon: Obj) -> Obj:
    """Whether it can still be redeemed is asked when it is looked at."""
    full = coupon["max_redemptions"] is not None and coupon["times_redeemed"] >= coupon["max_redemptions"]
    over = coupon["redeem_by"] is not None and coupon["redeem_by"] < engine.now()
    coupon["valid"] = not (full or over or coupon[HIDDEN].get("deleted"))
    return coupon


def retrieve(engine: Engine, name: str, _: Params) -> Obj:
    coupon = engine.get("coupon", name)
    if coupon[HIDDEN].get("deleted"):
        raise missing("coupon", name, "coupon")
    return current(engine, coupon)


def update(engine: Engine, name: str, params: Params) -> Obj:
    coupon = engine.get("coupon", name)
    before = engine.snapshot(coupon)
    take(coupon, params, "name")
    coupon["metadata"] = metadata(coupon["metadata"], params.get("metadata"))
    engine.changed("coupon.updated", coupon, before)
    return coupon


def delete(engine: Engine, name: str, _: Params) -> Obj:
    """Who has it already keeps it."""
    coupon = engine.get("coupon", name)
    coupon[HIDDEN]["deleted"] = True
    coupon["valid"] = False
    engine.store.save(coupon)
    engine.emit("coupon.deleted", coupon)
    return coupon


def list_all(engine: Engine, params: Params) -> Obj:
    return listing(engine, "coupon", params, "/v1/coupons")


# --- promotion codes ---------------------------------------------------------------------------------------------------


def create_code(engine: Engine, params: Params) -> Obj:
    promotion = params["promotion"]
    coupon = engine.get("coupon", promotion.get("coupon"), "promotion[coupon]")
    code = params.get("code") or "".join(secrets.choice(LETTERS) for _ in range(8))
    if active_code(engine, code):
        raise invalid("code", "An active promotion code with that code already exists.", "resource_already_exists")
    given = params.get("restrictions") or {}
    fields = {
        "active": params.get("active", True),
        "code": code,
        "customer": params.get("customer"),
        "customer_account": None,
        "expires_at": params.get("expires_at"),
        "max_redemptions": params.get("max_redemptions"),
        "metadata": metadata(None, params.get("metadata")),
        "promotion": {"coupon": coupon["id"], "type": "coupon"},
        "restrictions": {
            "first_time_transaction": given.get("first_time_transaction", False),
            "minimum_amount": given.get("minimum_amount"),
            "minimum_amount_currency": given.get("minimum_amount_currency"),
        },
        "times_redeemed": 0,
    }
    promo = engine.make("promo", "promotion_code", fields)
    promo[HIDDEN]["coupon"] = coupon["id"]
    engine.store.save(promo)
    engine.emit("promotion_code.created", promo)
    return promo


def active_code(engine: Engine, code: str) -> Obj | None:
    """Codes do not tell capitals from small letters."""
    for promo in engine.newest("promotion_code"):
        if promo["code"].lower() == code.lower() and promo["active"]:
            return promo
    return None


def retrieve_code(engine: Engine, name: str, _: Params) -> Obj:
    return engine.get("promotion_code", name)


def update_code(engine: Engine, name: str, params: Params) -> Obj:
    promo = engine.get("promotion_code", name)
    before = engine.snapshot(promo)
    take(promo, params, "active")
    promo["metadata"] = metadata(promo["metadata"], params.get("metadata"))
    engine.changed("promotion_code.updated", promo, before)
    return promo


def list_codes(engine: Engine, params: Params) -> Obj:
    code = params.get("code")
    return listing(
        engine,
        "promotion_code",
        params,
        "/v1/promotion_codes",
        active=params.get("active"),
        customer=params.get("customer"),
        _coupon=params.get("coupon"),
        test=(lambda promo: promo["code"].lower() == code.lower()) if code else None,
    )


# --- discounts ---------------------------------------------------------------------------------------------------------


def require_code(engine: Engine, promo: Obj, customer: Obj | None, amount: int | None = None) -> Obj:
    """The coupon behind a code, if this customer may use it for that."""
    over = promo["expires_at"] is not None and promo["expires_at"] < engine.now()
    full = promo["max_redemptions"] is not None and promo["times_redeemed"] >= promo["max_redemptions"]
    wrong = promo["customer"] is not None and (customer is None or promo["customer"] != customer["id"])
    if not promo["active"] or over or full or wrong:
        raise invalid("discounts", "This promotion code cannot be redeemed.", "promotion_code_expired")
    limits = promo["restrictions"]
    if limits["first_time_transaction"] and customer and next(_paid(engine, customer), None):
        said = "This promotion code cannot be redeemed because the associated customer has prior transactions."
        raise invalid("discounts", said, "promotion_code_customer_has_prior_transactions")
    if limits["minimum_amount"] and amount is not None and amount < limits["minimum_amount"]:
        said = "This promotion code cannot be redeemed because the amount is below its minimum."
        raise invalid("discounts", said, "promotion_code_minimum_amount_not_met")
    return engine.get("coupon", promo["promotion"]["coupon"])


def _paid(engine: Engine, customer: Obj) -> Any:
    return (one for one in engine.newest("charge", "customer", customer["id"]) if one["paid"])


def redeem(engine: Engine, given: Any, customer: Obj | None, **owner: Any) -> list[str]:
    """The ids of discounts from `discounts=[{coupon|promotion_code|discount}]`."""
    return [_redeemed(engine, one, customer, owner)["id"] for one in given or []]


def _redeemed(engine: Engine, given: Params, customer: Obj | None, owner: Obj) -> Obj:
    if given.get("discount"):
        return engine.get("discount", given["discount"], "discounts[discount]")
    promo = None
    if given.get("promotion_code"):
        promo = engine.get("promotion_code", given["promotion_code"], "discounts[promotion_code]")
        coupon = require_code(engine, promo, customer)
    else:
        coupon = engine.get("coupon", given.get("coupon"), "discounts[coupon]")
    if not current(engine, coupon)["valid"]:
        raise invalid("discounts", f"Coupon expired: {coupon['id']}", "coupon_expired")
    for used in (coupon, promo):
        if used:
            used["times_redeemed"] += 1
            engine.store.save(used)
    return discount(engine, coupon, promo, customer, **owner)


def discount(engine: Engine, coupon: Obj, promo: Obj | None, customer: Obj | None, **owner: Any) -> Obj:
    clock = customer[HIDDEN]["clock"] if customer else None
    start = engine.now(clock)
    months = coupon["duration_in_months"]
    fields = {
        "checkout_session": None,
        "customer": customer["id"] if customer else None,
        "customer_account": None,
        "end": months_later(start, months) if months else None,
        "invoice": None,
        "invoice_item": None,
        "promotion_code": promo["id"] if promo else None,
        "source": {"coupon": coupon["id"], "type": "coupon"},
        "start": start,
        "subscription": None,
        "subscription_item": None,
        **owner,
    }
    made = engine.make("di", "discount", fields, clock=clock)
    del made["livemode"], made["created"]
    engine.store.save(made)
    return made


def coupon_of(engine: Engine, discount_name: str) -> Obj:
    found = engine.get("discount", discount_name)
    return engine.get("coupon", found["source"]["coupon"])


def off(coupon: Obj, amount: int, code: str) -> int:
    """What it takes off an amount, at most all of it."""
    if amount <= 0:
        return 0
    if coupon["percent_off"]:
        return min(percent(amount, coupon["percent_off"]), amount)
    return min(coupon["amount_off"], amount) if coupon["currency"] == code else 0


def applies(coupon: Obj, product: str | None) -> bool:
    only = coupon[HIDDEN].get("applies_to")
    return not only or product in only.get("products", [])
