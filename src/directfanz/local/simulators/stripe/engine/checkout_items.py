"""What a Checkout session sells, and what that comes to."""

from __future__ import annotations

from directfanz.local.simulators.stripe.engine import tax
from directfanz.local.simulators.stripe.engine.catalogue import amount_of, price_of
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, Params, new_name, told
from directfanz.local.simulators.stripe.engine.errors import invalid
from directfanz.local.simulators.stripe.engine.lines import Charging, Taxing, add_up
from directfanz.local.simulators.stripe.engine.lists import list_of
from directfanz.local.simulators.stripe.store import Obj


def prepared(engine: Engine, given: list[Params], mode: str) -> list[Obj]:
    """Price and quantity of each, kept with the session."""
    items = []
    for place, one in enumerate(given):
        price = price_of(engine, one, f"line_items[{place}]")
        if mode == "payment" and price["recurring"]:
            said = "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use "
            said += "only one-time prices."
            raise invalid(f"line_items[{place}][price]", said)
        quantity = one.get("quantity", 1)
        if quantity < 1:
            raise invalid(f"line_items[{place}][quantity]", "This value must be greater than or equal to 1.")
        items.append({"id": new_name("li"), "price": price["id"], "quantity": quantity})
    if mode == "subscription" and not any(engine.get("price", item["price"])["recurring"] for item in items):
        said = "You must provide at least one recurring price in `subscription` mode when using prices."
        raise invalid("line_items", said)
    return items


def chargings_of(engine: Engine, items: list[Obj], now: int) -> list[Charging]:
    found = []
    for item in items:
        price = engine.get("price", item["price"])
        product = engine.store.find(price["product"]) or {"name": ""}
        amount = amount_of(price, item["quantity"])
        found.append(Charging(amount, price["currency"], price, item["quantity"], product["name"], now, now))
    return found


def total(engine: Engine, session: Obj, discounts: list[str], address: Obj | None, exempt: str | None = None) -> Obj:
    """`add_up` as an invoice would. A trial is paid later, so its recurring part costs nothing today."""
    now = engine.now_of(session)
    found = chargings_of(engine, session[HIDDEN]["items"], now)
    if session[HIDDEN].get("trial"):
        for charging in found:
            if charging.price and charging.price["recurring"]:
                charging.amount = 0
    enabled = bool(session["automatic_tax"]["enabled"]) and tax.known(address)
    return add_up(engine, found, discounts, Taxing(enabled, address, exempt), session["id"])


def line_items_of(engine: Engine, name: str) -> Obj:
    session = engine.get("checkout.session", name)
    lines = session[HIDDEN]["lines"]
    items = []
    for item, line in zip(session[HIDDEN]["items"], lines, strict=True):
        off = sum(part["amount"] for part in line["discount_amounts"])
        added = sum(part["amount"] for part in line["taxes"] if part["tax_behavior"] == "exclusive")
        items.append(
            {
                "id": item["id"],
                "object": "item",
                "adjustable_quantity": None,
                "amount_discount": off,
                "amount_subtotal": line["amount"],
                "amount_tax": sum(part["amount"] for part in line["taxes"]),
                "amount_total": line["amount"] - off + added,
                "currency": line["currency"],
                "description": line["description"],
                "metadata": {},
                "price": told(engine.get("price", item["price"])),
                "quantity": item["quantity"],
            }
        )
    return list_of(items, f"/v1/checkout/sessions/{name}/line_items")


def list_line_items(engine: Engine, name: str, _: Params) -> Obj:
    return line_items_of(engine, name)
