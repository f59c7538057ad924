"""docs.stripe.com/api/products and docs.stripe.com/api/prices"""

from __future__ import annotations

from decimal import Decimal

from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, Params
from directfanz.local.simulators.stripe.engine.errors import Refusal, absent, invalid
from directfanz.local.simulators.stripe.engine.fields import currency, metadata, nothing, take
from directfanz.local.simulators.stripe.engine.lists import listing
from directfanz.local.simulators.stripe.store import Obj

PRODUCT = ("active", "description", "images", "marketing_features", "name", "shippable", "statement_descriptor")
PRODUCT_MORE = ("unit_label", "url", "default_price", "tax_code", "package_dimensions")
LONGEST_INTERVAL = {"day": 1095, "week": 156, "month": 36, "year": 3}


def create_product(engine: Engine, params: Params) -> Obj:
    name = params.get("id", "")
    if name and engine.store.find(name):
        raise invalid("id", f"Product already exists: {name}", "resource_already_exists")
    product = _product(engine, params, name)
    if params.get("default_price_data"):
        price = create_price(engine, {**params["default_price_data"], "product": product["id"]})
        product["default_price"] = price["id"]
        engine.store.save(product)
    return product


def _product(engine: Engine, params: Params, name: str = "", *, active: bool = True) -> Obj:
    fields = {
        **nothing("description", "shippable", "statement_descriptor", *PRODUCT_MORE),
        "active": active,
        "images": [],
        "marketing_features": [],
        "metadata": metadata(None, params.get("metadata")),
        "name": "",
        "tax_details": None,
        "type": "service",
        "updated": engine.now(),
    }
    product = engine.make("prod", "product", fields, name=name)
    take(product, params, *PRODUCT, *PRODUCT_MORE)
    engine.store.save(product)
    engine.emit("product.created", product)
    return product


def retrieve_product(engine: Engine, name: str, _: Params) -> Obj:
    return engine.get("product", name)


def update_product(engine: Engine, name: str, params: Params) -> Obj:
    product = engine.get("product", name)
    before = engine.snapshot(product)
    if params.get("default_price"):
        engine.get("price", params["default_price"], "default_price")
    take(product, params, *PRODUCT, *PRODUCT_MORE)
    product["metadata"] = metadata(product["metadata"], params.get("metadata"))
    if engine.snapshot(product) != before:
        product["updated"] = engine.now()
        engine.changed("product.updated", product, before)
    return product


def delete_product(engine: Engine, name: str, _: Params) -> Obj:
    product = engine.get("product", name)
    if next(engine.newest("price", "product", name), None):
        raise Refusal("This product cannot be deleted because it has one or more user-created prices.")
    product[HIDDEN]["deleted"] = True
    engine.store.save(product)
    engine.emit("product.deleted", product)
    return product


def list_products(engine: Engine, params: Params) -> Obj:
    wanted = params.get("ids")
    return listing(
        engine,
        "product",
        params,
        "/v1/products",
        active=params.get("active"),
        test=(lambda product: product["id"] in wanted) if wanted else None,
    )


def create_price(engine: Engine, params: Params, *, active: bool = True) -> Obj:
    """Amounts do not change: a new amount is a new price."""
    code = currency(params)
    recurring = params.get("recurring") or None
    amount, decimal = _amounts(params)
    product = _product_of(engine, params, active)
    fields = {
        "active": params.get("active", active),
        "billing_scheme": "per_unit",
        "currency": code,
        "custom_unit_amount": _custom(params.get("custom_unit_amount")),
        "lookup_key": None,
        "metadata": metadata(None, params.get("metadata")),
        "nickname": params.get("nickname"),
        "product": product,
        "recurring": recurring and _recurring(recurring),
        "tax_behavior": params.get("tax_behavior", "unspecified"),
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring" if recurring else "one_time",
        "unit_amount": amount,
        "unit_amount_decimal": decimal,
    }
    price = engine.make("price", "price", fields)
    _look_up(engine, price, params)
    engine.store.save(price)
    engine.emit("price.created", price)
    return price


def _amounts(params: Params) -> tuple[int | None, str | None]:
    if params.get("custom_unit_amount"):
        return None, None
    if "unit_amount" in params:
        amount = params["unit_amount"]
        if amount < 0:
            raise invalid("unit_amount", "Invalid non-negative integer", "parameter_invalid_integer")
        return amount, str(amount)
    if "unit_amount_decimal" in params:
        exact = Decimal(params["unit_amount_decimal"])
        return (int(exact) if exact == int(exact) else None), str(params["unit_amount_decimal"])
    raise absent("unit_amount")


def _product_of(engine: Engine, params: Params, active: bool) -> str:
    if params.get("product"):
        return str(engine.get("product", params["product"], "product")["id"])
    if not params.get("product_data"):
        raise absent("product")
    return str(_product(engine, params["product_data"], active=active)["id"])


def _custom(given: Params | None) -> Obj | None:
    if not given or not given.get("enabled"):
        return None
    return {name: given.get(name) for name in ("maximum", "minimum", "preset")}


def _recurring(given: Params) -> Obj:
    count = given.get("interval_count", 1)
    if not 1 <= count <= LONGEST_INTERVAL[given["interval"]]:
        raise invalid("recurring[interval_count]", "An interval can be three years long at most.")
    if given.get("usage_type", "licensed") != "licensed":
        raise invalid("recurring[usage_type]", "The simulator knows licensed prices only.")
    told = {"interval": given["interval"], "interval_count": count, "usage_type": "licensed"}
    return told | {"meter": None, "trial_period_days": given.get("trial_period_days")}


def _look_up(engine: Engine, price: Obj, params: Params) -> None:
    key = params.get("lookup_key")
    if not key:
        return
    for other in engine.newest("price", "lookup_key", key):
        if other["id"] == price["id"]:
            continue
        if not params.get("transfer_lookup_key"):
            said = f"A price (`{other['id']}`) already uses that lookup key."
            raise invalid("lookup_key", said, "resource_already_exists")
        other["lookup_key"] = None
        engine.store.save(other)
    price["lookup_key"] = key


def retrieve_price(engine: Engine, name: str, _: Params) -> Obj:
    return engine.get("price", name)


def update_price(engine: Engine, name: str, params: Params) -> Obj:
    price = engine.get("price", name)
    before = engine.snapshot(price)
    take(price, params, "active", "nickname", "tax_behavior")
    price["metadata"] = metadata(price["metadata"], params.get("metadata"))
    _look_up(engine, price, params)
    engine.changed("price.updated", price, before)
    return price


def list_prices(engine: Engine, params: Params) -> Obj:
    keys = params.get("lookup_keys")
    return listing(
        engine,
        "price",
        params,
        "/v1/prices",
        product=params.get("product"),
        active=params.get("active"),
        currency=params.get("currency"),
        type=params.get("type"),
        test=(lambda price: price["lookup_key"] in keys) if keys else None,
    )


def price_of(engine: Engine, item: Params, path: str = "items") -> Obj:
    """A price by its id, or one made for this from `price_data`, not to be used again."""
    if item.get("price"):
        return engine.get("price", item["price"], f"{path}[price]")
    if item.get("price_data"):
        return create_price(engine, item["price_data"], active=False)
    raise absent(f"{path}[price]")


def plan_of(price: Obj) -> Obj:
    """The older view of a recurring price, which subscription items still carry."""
    recurring = price["recurring"]
    same = ("active", "billing_scheme", "created", "currency", "id", "livemode", "metadata", "nickname", "product")
    return {name: price[name] for name in same} | {
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "meter": None,
        "object": "plan",
        "tiers_mode": None,
        "transform_usage": None,
        "trial_period_days": recurring["trial_period_days"],
        "usage_type": "licensed",
    }


def amount_of(price: Obj, quantity: int) -> int:
    """Fractions of a cent are rounded when they are multiplied, halves up."""
    exact = Decimal(price["unit_amount_decimal"] or "0") * quantity
    return int((exact * 2 + 1) // 2)
