"""docs.stripe.com/api/invoiceitems: things that the next invoice asks money for."""

from __future__ import annotations

from directfanz.local.simulators.stripe.engine import coupons
from directfanz.local.simulators.stripe.engine.catalogue import amount_of, price_of
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, Params
from directfanz.local.simulators.stripe.engine.errors import Refusal, absent, invalid
from directfanz.local.simulators.stripe.engine.fields import metadata
from directfanz.local.simulators.stripe.engine.lines import Charging
from directfanz.local.simulators.stripe.engine.lists import listing
from directfanz.local.simulators.stripe.store import Obj


def charging_for(engine: Engine, given: Params, code: str, start: int, subscription: str | None = None) -> Charging:
    """From `{price | price_data | pricing | amount, quantity, description}`."""
    price, quantity = None, given.get("quantity", 1)
    if given.get("pricing"):
        given = {**given, "price": given["pricing"].get("price")}
    if given.get("price") or given.get("price_data"):
        price = price_of(engine, given, "add_invoice_items")
        if price["recurring"]:
            raise invalid("price", "The price specified is recurring, and this field only accepts one-time prices.")
        if price["currency"] != code:
            raise invalid("price", f"The price's currency is {price['currency']} and the invoice's is {code}.")
        product = engine.store.find(price["product"]) or {"name": ""}
        amount, said = amount_of(price, quantity), product["name"]
    elif "amount" in given:
        amount, said = given["amount"], ""
    elif "unit_amount_decimal" in given:
        amount, said = round(float(given["unit_amount_decimal"]) * quantity), ""
    else:
        raise absent("amount")
    return Charging(
        amount=amount,
        currency=code,
        price=price,
        quantity=quantity,
        description=given.get("description") or said,
        start=start,
        end=start,
        subscription=subscription,
        discountable=given.get("discountable", amount > 0),
        metadata=metadata(None, given.get("metadata")),
    )


def create(engine: Engine, params: Params) -> Obj:
    customer = engine.get("customer", params.get("customer"), "customer")
    invoice = engine.get("invoice", params["invoice"], "invoice") if params.get("invoice") else None
    if invoice and invoice["status"] != "draft":
        raise Refusal("The specified invoice is already finalized and can no longer be changed.", param="invoice")
    code = (params.get("currency") or (invoice or {}).get("currency") or customer["currency"] or "usd").lower()
    charging = charging_for(engine, params, code, engine.now(customer[HIDDEN]["clock"]), params.get("subscription"))
    period = params.get("period") or {"start": charging.start, "end": charging.end}
    item = engine.make(
        "ii", "invoiceitem", _fields(engine, charging, customer, period), clock=customer[HIDDEN]["clock"]
    )
    del item["created"]
    item["discounts"] = coupons.redeem(engine, params.get("discounts"), customer, invoice_item=item["id"])
    item[HIDDEN] |= {"subscription": params.get("subscription"), "price": charging.price}
    engine.store.save(item)
    engine.emit("invoiceitem.created", item)
    if invoice:
        item["invoice"] = invoice["id"]
        engine.store.save(item)
        recount(engine, invoice)
    return item


def _fields(engine: Engine, charging: Charging, customer: Obj, period: Obj) -> Obj:
    price = charging.price
    details = {"subscription": charging.subscription, "subscription_item": None}
    return {
        "amount": charging.amount,
        "currency": charging.currency,
        "customer": customer["id"],
        "customer_account": None,
        "date": charging.start,
        "description": charging.description or None,
        "discountable": charging.discountable,
        "discounts": [],
        "frozen_fields": None,
        "invoice": None,
        "invoicing_rules": None,
        "metadata": charging.metadata,
        "net_amount": charging.amount,
        "parent": {"type": "subscription_details", "subscription_details": details} if charging.subscription else None,
        "period": {"start": period["start"], "end": period["end"]},
        "pricing": price
        and {
            "type": "price_details",
            "price_details": {"price": price["id"], "product": price["product"]},
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
        "proration": False,
        "proration_details": None,
        "quantity": charging.quantity,
        "quantity_decimal": str(charging.quantity),
        "tax_rates": [],
        "test_clock": customer["test_clock"],
    }


def recount(engine: Engine, invoice: Obj) -> None:
    """A draft follows its items."""
    from directfanz.local.simulators.stripe.engine.invoicing import count_up
    from directfanz.local.simulators.stripe.engine.proration import charging_of

    before = engine.snapshot(invoice)
    items = [one for one in engine.newest("invoiceitem", "invoice", invoice["id"]) if not one[HIDDEN].get("deleted")]
    count_up(engine, invoice, [charging_of(engine, one) for one in reversed(items)])
    engine.changed("invoice.updated", invoice, before)


def retrieve(engine: Engine, name: str, _: Params) -> Obj:
    return engine.get("invoiceitem", name)


def update(engine: Engine, name: str, params: Params) -> Obj:
    item = engine.get("invoiceitem", name)
    if item["invoice"]:
        raise Refusal("This invoice item is on an invoice and can no longer be changed.")
    if "amount" in params:
        item |= {"amount": params["amount"], "net_amount": params["amount"]}
    for field in ("description", "discountable"):
        if field in params:
            item[field] = params[field]
    item["metadata"] = metadata(item["metadata"], params.get("metadata"))
    engine.store.save(item)
    return item


def delete(engine: Engine, name: str, _: Params) -> Obj:
    item = engine.get("invoiceitem", name)
    if item["invoice"] and engine.get("invoice", item["invoice"])["status"] != "draft":
        raise Refusal("This invoice item is on an invoice and can no longer be deleted.")
    item[HIDDEN]["deleted"] = True
    engine.store.save(item)
    engine.emit("invoiceitem.deleted", item)
    return item


def list_all(engine: Engine, params: Params) -> Obj:
    pending = params.get("pending")
    return listing(
        engine,
        "invoiceitem",
        params,
        "/v1/invoiceitems",
        customer=params.get("customer"),
        invoice=params.get("invoice"),
        test=(lambda item: (item["invoice"] is None) == pending) if pending is not None else None,
    )
