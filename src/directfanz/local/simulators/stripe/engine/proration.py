"""What a change in the middle of a period is worth, to the second: docs.stripe.com/billing/subscriptions/prorations."""

from __future__ import annotations

from directfanz.local.simulators.stripe.engine import coupons
from directfanz.local.simulators.stripe.engine.catalogue import amount_of
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine
from directfanz.local.simulators.stripe.engine.lines import Charging
from directfanz.local.simulators.stripe.engine.periods import share, shown_day
from directfanz.local.simulators.stripe.store import Obj


def differs(old: Obj | None, new: Obj | None) -> bool:
    if old is None or new is None:
        return True
    return bool(old["price"]["id"] != new["price"]["id"] or old["quantity"] != new["quantity"])


def discounted(engine: Engine, item: Obj, sub: Obj) -> int:
    """Prorations already have the discounts in them."""
    amount = amount_of(item["price"], item["quantity"])
    for name in [*item["discounts"], *sub["discounts"]]:
        coupon = coupons.coupon_of(engine, name)
        if coupons.applies(coupon, item["price"]["product"]):
            amount -= coupons.off(coupon, amount, item["price"]["currency"])
    return amount


def credit(engine: Engine, item: Obj, sub: Obj, at: int, start: int, end: int) -> Obj:
    amount = -share(discounted(engine, item, sub), end - at, end - start)
    return pending_item(
        engine, sub, item, amount, f"Unused time on {_what(engine, item)} after {shown_day(at)}", at, end
    )


def debit(engine: Engine, item: Obj, sub: Obj, at: int, start: int, end: int) -> Obj:
    amount = share(discounted(engine, item, sub), end - at, end - start)
    said = f"Remaining time on {_what(engine, item)} after {shown_day(at)}"
    return pending_item(engine, sub, item, amount, said, at, end)


def _what(engine: Engine, item: Obj) -> str:
    product = engine.store.find(item["price"]["product"])
    name = product["name"] if product else ""
    return f"{item['quantity']} × {name}" if item["quantity"] != 1 else str(name)


def pending_item(engine: Engine, sub: Obj, item: Obj, amount: int, said: str, start: int, end: int) -> Obj:
    """An invoice item that waits for the next invoice."""
    price = item["price"]
    fields = {
        "amount": amount,
        "currency": price["currency"],
        "customer": sub["customer"],
        "customer_account": None,
        "date": engine.now_of(sub),
        "description": said,
        "discountable": False,
        "discounts": [],
        "frozen_fields": None,
        "invoice": None,
        "invoicing_rules": None,
        "metadata": {},
        "net_amount": amount,
        "parent": {
            "type": "subscription_details",
            "subscription_details": {"subscription": sub["id"], "subscription_item": item["id"]},
        },
        "period": {"start": start, "end": end},
        "pricing": {
            "type": "price_details",
            "price_details": {"price": price["id"], "product": price["product"]},
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
        "proration": True,
        "proration_details": {"discount_amounts": [], "credited_items": None},
        "quantity": item["quantity"],
        "quantity_decimal": str(item["quantity"]),
        "tax_rates": [],
        "test_clock": sub["test_clock"],
    }
    made = engine.make("ii", "invoiceitem", fields, clock=sub[HIDDEN]["clock"])
    del made["created"]
    made[HIDDEN] |= {"subscription": sub["id"], "item": item["id"], "price": price}
    engine.store.save(made)
    engine.emit("invoiceitem.created", made)
    return made


def waiting(engine: Engine, customer: Obj, sub: str | None, code: str) -> list[Charging]:
    """Invoice items that no invoice has yet: of this subscription, or of none."""
    found = [
        item
        for item in engine.newest("invoiceitem", "customer", customer["id"])
        if item["invoice"] is None
        and not item[HIDDEN].get("deleted")
        and item["currency"] == code
        and item[HIDDEN].get("subscription") in (sub, None)
    ]
    return [charging_of(engine, item) for item in reversed(found)]


def charging_of(engine: Engine, item: Obj) -> Charging:
    price = item[HIDDEN].get("price")
    return Charging(
        amount=item["amount"],
        currency=item["currency"],
        price=price,
        quantity=item["quantity"],
        description=item["description"] or "",
        start=item["period"]["start"],
        end=item["period"]["end"],
        subscription=item[HIDDEN].get("subscription"),
        item=item[HIDDEN].get("item"),
        invoice_item=item["id"],
        proration=item["proration"],
        discountable=item["discountable"],
        discounts=list(item["discounts"]),
        metadata=dict(item["metadata"]),
    )
