"""The invoices that a subscription makes."""

from __future__ import annotations

from directfanz.local.simulators.stripe.engine import coupons
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine
from directfanz.local.simulators.stripe.engine.invoicing import Order, draw_up
from directfanz.local.simulators.stripe.engine.lines import Charging, for_item
from directfanz.local.simulators.stripe.engine.periods import share
from directfanz.local.simulators.stripe.engine.proration import waiting
from directfanz.local.simulators.stripe.engine.sub_items import period_of
from directfanz.local.simulators.stripe.store import Obj


def invoice_for(
    engine: Engine, sub: Obj, reason: str, chargings: list[Charging], period: tuple[int, int], *, name: str = ""
) -> Obj:
    customer = engine.get("customer", sub["customer"])
    order = Order(
        customer,
        sub["currency"],
        [*waiting(engine, customer, sub["id"], sub["currency"]), *chargings],
        period,
        reason,
        sub,
        live_discounts(engine, sub),
        sub["automatic_tax"]["enabled"],
    )
    invoice = draw_up(engine, order, name=name)
    sub["latest_invoice"] = invoice["id"]
    engine.store.save(sub)
    return invoice


def live_discounts(engine: Engine, sub: Obj) -> list[str]:
    """Those that have ended leave the subscription when the next invoice is made."""
    now = engine.now_of(sub)
    for name in list(sub["discounts"]):
        found = engine.get("discount", name)
        if found["end"] is not None and found["end"] <= now:
            sub["discounts"].remove(name)
            engine.emit("customer.discount.deleted", found)
    return list(sub["discounts"])


def period_chargings(engine: Engine, sub: Obj, start: int, end: int) -> list[Charging]:
    return [for_item(engine, item, sub, start, end) for item in sub["items"]["data"]]


def trial_chargings(engine: Engine, sub: Obj, start: int, end: int) -> list[Charging]:
    """A trial is on the invoice, for nothing."""
    found = period_chargings(engine, sub, start, end)
    for charging in found:
        charging.amount = 0
        charging.description = f"Trial period for {charging.description.split(' × ', 1)[-1].split(' (at ')[0]}"
    return found


def partial_chargings(engine: Engine, sub: Obj, start: int, end: int, whole: int) -> list[Charging]:
    """The time until a billing cycle that begins later."""
    found = period_chargings(engine, sub, start, end)
    for charging in found:
        charging.amount = share(charging.amount, end - start, whole)
        charging.proration = True
    return found


def renewal(engine: Engine, sub: Obj, *, name: str = "") -> Obj:
    """For the period at hand, billed at its beginning; the invoice's own period is the one before."""
    start, end = period_of(sub)
    before = sub[HIDDEN].get("previous_start", start)
    return invoice_for(
        engine, sub, "subscription_cycle", period_chargings(engine, sub, start, end), (before, start), name=name
    )


def attach_discounts(engine: Engine, sub: Obj, given: object, customer: Obj) -> None:
    sub["discounts"] = coupons.redeem(engine, given, customer, subscription=sub["id"])
    for name in sub["discounts"]:
        engine.emit("customer.discount.created", engine.get("discount", name))
