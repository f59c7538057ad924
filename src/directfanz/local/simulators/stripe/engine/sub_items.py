"""The items of a subscription: which prices, how many, and their billing period."""

from __future__ import annotations

from directfanz.local.simulators.stripe.engine import coupons
from directfanz.local.simulators.stripe.engine.catalogue import amount_of, plan_of, price_of
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, Params, new_name, told
from directfanz.local.simulators.stripe.engine.errors import Refusal, absent, invalid, missing
from directfanz.local.simulators.stripe.engine.fields import metadata
from directfanz.local.simulators.stripe.engine.periods import step
from directfanz.local.simulators.stripe.store import Obj

MAX_ITEMS = 20


def new_item(engine: Engine, given: Params, sub: str, customer: Obj) -> Obj:
    price = price_of(engine, given)
    if not price["recurring"]:
        raise invalid(
            "items[0][price]",
            "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.",
        )
    item = {
        "id": new_name("si"),
        "object": "subscription_item",
        "billed_until": None,
        "billing_thresholds": None,
        "created": engine.now(customer[HIDDEN]["clock"]),
        "current_period_end": 0,
        "current_period_start": 0,
        "discounts": [],
        "metadata": metadata(None, given.get("metadata")),
        "plan": plan_of(price),
        "price": told(price),
        "quantity": given.get("quantity", 1),
        "subscription": sub,
        "tax_rates": [],
    }
    item["discounts"] = coupons.redeem(engine, given.get("discounts"), customer, subscription_item=item["id"])
    return item


def list_of_items(sub: str, items: list[Obj]) -> Obj:
    url = f"/v1/subscription_items?subscription={sub}"
    return {"object": "list", "data": items, "has_more": False, "total_count": len(items), "url": url}


def require_alike(items: list[Obj], customer: Obj) -> None:
    """One currency, one interval. (Stripe knows mixed intervals; the product does not use them.)"""
    if not items:
        raise absent("items")
    if len(items) > MAX_ITEMS:
        raise invalid("items", f"A subscription can have at most {MAX_ITEMS} items.")
    if len({item["price"]["currency"] for item in items}) > 1:
        raise Refusal("All prices on a subscription must have the same currency.", param="items")
    code = items[0]["price"]["currency"]
    if customer["currency"] and customer["currency"] != code:
        raise Refusal(
            f"You cannot combine currencies on a single customer. This customer has an active subscription, subscription "
            f"schedule, discount, quote, or invoice item with currency {customer['currency']}."
        )
    if len({interval_of(item) for item in items}) > 1:
        raise Refusal("The simulator knows subscriptions with one billing interval only.", param="items")
    if len({item["price"]["id"] for item in items}) < len(items):
        raise Refusal("Cannot add multiple subscription items with the same price.", param="items")


def changed_items(engine: Engine, sub: Obj, given: list[Params], customer: Obj) -> list[Obj]:
    """The items as they would be; those that are there are copies, so that both can be compared."""
    items = {item["id"]: dict(item) for item in sub["items"]["data"]}
    for place, one in enumerate(given):
        name = one.get("id")
        if not name:
            made = new_item(engine, one, sub["id"], customer)
            items[made["id"]] = made
        elif name not in items:
            raise missing("subscription_item", name, f"items[{place}][id]")
        elif one.get("deleted"):
            del items[name]
        else:
            _change(engine, items[name], one, customer)
    require_alike(list(items.values()), customer)
    return list(items.values())


def _change(engine: Engine, item: Obj, given: Params, customer: Obj) -> None:
    if given.get("price") or given.get("price_data"):
        price = price_of(engine, given)
        item |= {"price": told(price), "plan": plan_of(price)}
    if "quantity" in given:
        item["quantity"] = given["quantity"]
    if "discounts" in given:
        item["discounts"] = coupons.redeem(engine, given["discounts"], customer, subscription_item=item["id"])
    item["metadata"] = metadata(item["metadata"], given.get("metadata"))


def interval_of(item: Obj) -> tuple[str, int]:
    recurring = item["price"]["recurring"]
    return recurring["interval"], recurring["interval_count"]


def period_of(sub: Obj) -> tuple[int, int]:
    first = sub["items"]["data"][0]
    return first["current_period_start"], first["current_period_end"]


def set_period(sub: Obj, start: int, end: int) -> None:
    for item in sub["items"]["data"]:
        item |= {"current_period_start": start, "current_period_end": end}


def next_end(sub: Obj, start: int) -> int:
    interval, count = interval_of(sub["items"]["data"][0])
    return step(start, sub["billing_cycle_anchor"], interval, count)


def full_amount(items: list[Obj]) -> int:
    return sum(amount_of(item["price"], item["quantity"]) for item in items)


def find(engine: Engine, name: str) -> tuple[Obj, Obj]:
    """The subscription and its item."""
    for sub in engine.newest("subscription"):
        for item in sub["items"]["data"]:
            if item["id"] == name:
                return sub, item
    raise missing("subscription_item", name)
