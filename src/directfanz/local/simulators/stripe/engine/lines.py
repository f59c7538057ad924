"""The lines of an invoice and what they come to: prices, discounts, tax, in that order."""

from __future__ import annotations

from dataclasses import dataclass, field

from directfanz.local.simulators.stripe.engine import coupons, tax
from directfanz.local.simulators.stripe.engine.catalogue import amount_of
from directfanz.local.simulators.stripe.engine.core import Engine, new_name
from directfanz.local.simulators.stripe.engine.periods import share
from directfanz.local.simulators.stripe.store import Obj


@dataclass(slots=True)
class Charging:
    """Something an invoice asks money for, before discounts and tax."""

    amount: int
    currency: str
    price: Obj | None
    quantity: int
    description: str
    start: int
    end: int
    subscription: str | None = None
    item: str | None = None  # of the subscription
    invoice_item: str | None = None
    proration: bool = False
    discountable: bool = True
    discounts: list[str] = field(default_factory=list)
    metadata: Obj = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taxing:
    """Whether, where and whom."""

    enabled: bool = False
    address: Obj | None = None
    exempt: str | None = None


def for_item(engine: Engine, item: Obj, subscription: Obj, start: int, end: int) -> Charging:
    price, quantity = item["price"], item["quantity"]
    product = engine.store.find(price["product"]) or {"name": ""}
    every = price["recurring"]["interval"]
    cost = f"{price['unit_amount'] or 0:d}"
    return Charging(
        amount=amount_of(price, quantity),
        currency=price["currency"],
        price=price,
        quantity=quantity,
        description=f"{quantity} × {product['name']} (at {money(int(cost), price['currency'])} / {every})",
        start=start,
        end=end,
        subscription=subscription["id"],
        item=item["id"],
        discounts=list(item["discounts"]),
        metadata=dict(item["metadata"]),
    )


def money(amount: int, code: str) -> str:
    from directfanz.local.simulators.stripe.engine.fields import ZERO_DECIMAL

    signs = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}
    shown = f"{amount:,}" if code in ZERO_DECIMAL else f"{amount / 100:,.2f}"
    return f"{signs[code]}{shown}" if code in signs else f"{shown} {code.upper()}"


def written(engine: Engine, charging: Charging, invoice: str, discounts: list[str], taxing: Taxing) -> Obj:
    """As a line item, without its discounts' amounts: those are spread over all lines first."""
    price = charging.price
    return {
        "id": new_name("il"),
        "object": "line_item",
        "amount": charging.amount,
        "currency": charging.currency,
        "description": charging.description,
        "discount_amounts": [],
        "discountable": charging.discountable,
        "discounts": list(charging.discounts),
        "invoice": invoice,
        "livemode": False,
        "metadata": charging.metadata,
        "parent": _parent(charging),
        "period": {"start": charging.start, "end": charging.end},
        "pretax_credit_amounts": [],
        "pricing": price
        and {
            "type": "price_details",
            "price_details": {"price": price["id"], "product": price["product"]},
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
        "quantity": charging.quantity,
        "quantity_decimal": str(charging.quantity),
        "subscription": charging.subscription,
        "subtotal": charging.amount,
        "taxes": [],
    }


def _parent(charging: Charging) -> Obj:
    details = {
        "proration": charging.proration,
        "proration_details": {"credited_items": None},
        "subscription": charging.subscription,
    }
    if charging.item:
        more = {"invoice_item": charging.invoice_item, "subscription_item": charging.item}
        return {
            "type": "subscription_item_details",
            "subscription_item_details": details | more,
            "invoice_item_details": None,
        }
    return {
        "type": "invoice_item_details",
        "invoice_item_details": details | {"invoice_item": charging.invoice_item},
        "subscription_item_details": None,
    }


def add_up(engine: Engine, chargings: list[Charging], discounts: list[str], taxing: Taxing, invoice: str) -> Obj:
    """The money fields of an invoice, and its lines."""
    lines = [written(engine, charging, invoice, discounts, taxing) for charging in chargings]
    for line, charging in zip(lines, chargings, strict=True):
        for name in charging.discounts:
            _take_off(engine, name, [(line, charging)])
    for name in discounts:
        _take_off(engine, name, list(zip(lines, chargings, strict=True)))
    if taxing.enabled:
        for line, charging in zip(lines, chargings, strict=True):
            behavior = (charging.price or {}).get("tax_behavior") or "exclusive"
            line["taxes"] = [tax.on_line(engine, taxing.address, taxing.exempt, net(line), behavior)]
    return _totals(lines) | {"lines": _list(lines, invoice)}


def net(line: Obj) -> int:
    return int(line["amount"] - sum(part["amount"] for part in line["discount_amounts"]))


def _take_off(engine: Engine, name: str, lines: list[tuple[Obj, Charging]]) -> None:
    """A percentage of each line; an amount is spread over the lines in proportion, the last cent on the last."""
    coupon = coupons.coupon_of(engine, name)
    fitting = [
        line
        for line, charging in lines
        if charging.discountable
        and net(line) > 0
        and coupons.applies(coupon, charging.price["product"] if charging.price else None)
    ]
    whole = sum(net(line) for line in fitting)
    if coupon["percent_off"]:
        parts = [coupons.off(coupon, net(line), line["currency"]) for line in fitting]
    else:
        left = coupons.off(coupon, whole, fitting[0]["currency"]) if fitting else 0
        parts = spread(left, [net(line) for line in fitting])
    for line, part in zip(fitting, parts, strict=True):
        line["discount_amounts"].append({"amount": part, "discount": name})
        line["pretax_credit_amounts"].append({"amount": part, "discount": name, "type": "discount"})


def spread(amount: int, weights: list[int]) -> list[int]:
    parts, left, weight = [], amount, sum(weights)
    for one in weights:
        part = share(left, one, weight)
        parts.append(part)
        left, weight = left - part, weight - one
    return parts


def _totals(lines: list[Obj]) -> Obj:
    subtotal = sum(line["amount"] for line in lines)
    taxes = _merged_taxes(lines)
    added = sum(one["amount"] for one in taxes if one["tax_behavior"] == "exclusive")
    within = sum(one["amount"] for one in taxes if one["tax_behavior"] == "inclusive")
    discounts = _merged_discounts(lines)
    off = sum(one["amount"] for one in discounts)
    return {
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal - within,
        "total": subtotal - off + added,
        "total_excluding_tax": subtotal - off - within,
        "total_discount_amounts": discounts,
        "total_pretax_credit_amounts": [{**one, "type": "discount"} for one in discounts],
        "total_taxes": taxes,
    }


def _merged_discounts(lines: list[Obj]) -> list[Obj]:
    sums: dict[str, int] = {}
    for line in lines:
        for part in line["discount_amounts"]:
            sums[part["discount"]] = sums.get(part["discount"], 0) + part["amount"]
    return [{"amount": amount, "discount": name} for name, amount in sums.items()]


def _merged_taxes(lines: list[Obj]) -> list[Obj]:
    merged: dict[tuple[str, str, str], Obj] = {}
    for line in lines:
        for part in line["taxes"]:
            rate = (part["tax_rate_details"] or {}).get("tax_rate", "")
            key = (rate, part["tax_behavior"], part["taxability_reason"])
            if key in merged:
                merged[key]["amount"] += part["amount"]
                merged[key]["taxable_amount"] += part["taxable_amount"]
            else:
                merged[key] = dict(part)
    return list(merged.values())


def _list(lines: list[Obj], invoice: str) -> Obj:
    url = f"/v1/invoices/{invoice}/lines"
    return {"object": "list", "data": lines, "has_more": False, "total_count": len(lines), "url": url}
