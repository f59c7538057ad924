"""Fields that an object has only when they are asked for by `expand`."""

from __future__ import annotations

from collections.abc import Callable

from directfanz.local.simulators.stripe.engine.core import Engine
from directfanz.local.simulators.stripe.engine.lists import listing
from directfanz.local.simulators.stripe.store import Obj

INCLUDED: dict[tuple[str, str], Callable[[Engine, Obj], object]] = {}


def _part(owner: str, name: str, kind: str, url: str, field: str) -> None:
    def give(engine: Engine, obj: Obj) -> Obj:
        return listing(engine, kind, {}, url.format(obj["id"]), **{field: obj["id"]})

    INCLUDED[owner, name] = give


_part("charge", "refunds", "refund", "/v1/charges/{}/refunds", "charge")
_part("customer", "subscriptions", "subscription", "/v1/customers/{}/subscriptions", "customer")
_part("customer", "sources", "source", "/v1/customers/{}/sources", "customer")
_part("invoice", "payments", "invoice_payment", "/v1/invoice_payments?invoice={}", "invoice")


def confirmation_secret(engine: Engine, invoice: Obj) -> Obj | None:
    for payment in engine.newest("invoice_payment", "invoice", invoice["id"]):
        intent = engine.find("payment_intent", payment["payment"]["payment_intent"])
        if intent is not None:
            return {"client_secret": intent["client_secret"], "type": "payment_intent"}
    return None


def line_items(engine: Engine, session: Obj) -> Obj:
    from directfanz.local.simulators.stripe.engine.checkout_items import line_items_of

    return line_items_of(engine, session["id"])


def applies_to(engine: Engine, coupon: Obj) -> Obj | None:
    found: Obj | None = engine.get("coupon", coupon["id"])["_"].get("applies_to")
    return found


INCLUDED["invoice", "confirmation_secret"] = confirmation_secret
INCLUDED["checkout.session", "line_items"] = line_items
INCLUDED["coupon", "applies_to"] = applies_to
INCLUDED["product", "tax_code"] = lambda _, __: None
