"""docs.stripe.com/api/invoices"""

from __future__ import annotations

from directfanz.local.simulators.stripe.engine import coupons, invoicing, proration
from directfanz.local.simulators.stripe.engine.collecting import collect
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, Params
from directfanz.local.simulators.stripe.engine.errors import Refusal, absent
from directfanz.local.simulators.stripe.engine.fields import metadata, take
from directfanz.local.simulators.stripe.engine.lists import list_of, listing
from directfanz.local.simulators.stripe.store import Obj

PLAIN = ("description", "footer", "statement_descriptor", "default_payment_method", "auto_advance")


def create(engine: Engine, params: Params) -> Obj:
    """With the customer's waiting items unless told otherwise; a draft until it is finalized."""
    if not params.get("customer"):
        raise absent("customer")
    customer = engine.get("customer", params["customer"], "customer")
    sub = engine.get("subscription", params["subscription"], "subscription") if params.get("subscription") else None
    code = params.get("currency") or (sub or {}).get("currency") or customer["currency"] or "usd"
    now = engine.now(customer[HIDDEN]["clock"])
    includes = sub is not None or params.get("pending_invoice_items_behavior", "exclude") == "include"
    found = proration.waiting(engine, customer, sub["id"] if sub else None, code) if includes else []
    if sub and not found:
        raise Refusal("Nothing to invoice for subscription", code="invoice_no_subscription_line_items")
    discounts = coupons.redeem(engine, params.get("discounts"), customer)
    taxed = bool((params.get("automatic_tax") or {}).get("enabled"))
    more = metadata(None, params.get("metadata"))
    order = invoicing.Order(customer, code, found, (now, now), "manual", sub, discounts, taxed, more)
    invoice = invoicing.draw_up(engine, order)
    take(invoice, params, *PLAIN, "collection_method")
    if invoice["auto_advance"]:
        invoicing.finalize_later(engine, invoice)
    engine.store.save(invoice)
    return invoice


def retrieve(engine: Engine, name: str, _: Params) -> Obj:
    return engine.get("invoice", name)


def update(engine: Engine, name: str, params: Params) -> Obj:
    invoice = engine.get("invoice", name)
    before = engine.snapshot(invoice)
    fixed = set(params) - {"metadata", "default_payment_method", "auto_advance", "description", "footer"}
    if invoice["status"] != "draft" and fixed:
        said = f"Finalized invoices can't be updated in this way ({', '.join(sorted(fixed))})."
        raise Refusal(said, code="invoice_not_editable")
    take(invoice, params, *PLAIN, "collection_method")
    invoice["metadata"] = metadata(invoice["metadata"], params.get("metadata"))
    if invoice["status"] == "draft" and "auto_advance" in params:
        if invoice["auto_advance"]:
            invoicing.finalize_later(engine, invoice)
        else:
            engine.set_timer(invoice, "invoice.advance", None)
    engine.store.save(invoice)
    engine.changed("invoice.updated", invoice, before)
    return invoice


def delete(engine: Engine, name: str, _: Params) -> Obj:
    invoice = _require(engine, name, "draft", "You can only delete draft invoices.")
    if invoice["parent"]:
        raise Refusal("You cannot delete the invoice of a subscription; void it once it is finalized.")
    for item in list(engine.newest("invoiceitem", "invoice", name)):
        item["invoice"] = None
        engine.store.save(item)
    invoice[HIDDEN]["deleted"] = True
    engine.store.save(invoice)
    engine.emit("invoice.deleted", invoice)
    return invoice


def finalize(engine: Engine, name: str, params: Params) -> Obj:
    invoice = _require(
        engine, name, "draft", "This invoice is already finalized, you can't re-finalize a non-draft invoice."
    )
    if "auto_advance" in params:
        invoice["auto_advance"] = params["auto_advance"]
    engine.set_timer(invoice, "invoice.advance", None)
    invoicing.finalize(engine, invoice)
    if invoice["auto_advance"] and invoice["status"] == "open":
        invoice["automatically_finalizes_at"] = None
        collect(engine, invoice)
    return invoice


def pay(engine: Engine, name: str, params: Params) -> Obj:
    """A refused card is an error of this call, and on record with the invoice."""
    invoice = engine.get("invoice", name)
    if invoice["status"] == "draft":
        invoicing.finalize(engine, invoice)
    if invoice["status"] == "paid":
        raise Refusal("Invoice is already paid", code="invoice_already_paid")
    if invoice["status"] not in ("open", "uncollectible"):
        raise Refusal(f"This invoice is {invoice['status']}, so it cannot be paid.", code="invoice_not_payable")
    if params.get("paid_out_of_band"):
        invoicing.settle(engine, invoice, outside=True)
        return invoice
    if params.get("forgive"):
        invoicing.settle(engine, invoice)
        return invoice
    if "payment_method" in params:
        engine.get("payment_method", params["payment_method"], "payment_method")
    off_session = params.get("off_session", True)
    refusal = collect(engine, invoice, params.get("payment_method"), off_session=off_session)
    if refusal:
        refusal.keeps = True
        raise refusal
    return invoice


def void(engine: Engine, name: str, _: Params) -> Obj:
    invoice = engine.get("invoice", name)
    invoicing.give_up(engine, invoice, "void")
    return invoice


def mark_uncollectible(engine: Engine, name: str, _: Params) -> Obj:
    invoice = _require(engine, name, "open", "You can only mark an open invoice as uncollectible.")
    invoicing.give_up(engine, invoice, "uncollectible")
    return invoice


def send(engine: Engine, name: str, _: Params) -> Obj:
    invoice = engine.get("invoice", name)
    if invoice["status"] == "draft":
        invoicing.finalize(engine, invoice)
    engine.emit("invoice.sent", invoice)
    return invoice


def lines(engine: Engine, name: str, params: Params) -> Obj:
    found = engine.get("invoice", name)["lines"]["data"]
    ids = [line["id"] for line in found]
    begin = ids.index(params["starting_after"]) + 1 if params.get("starting_after") in ids else 0
    limit = params.get("limit", 10)
    page = found[begin : begin + limit]
    return list_of(page, f"/v1/invoices/{name}/lines", more=len(found) > begin + limit)


def list_all(engine: Engine, params: Params) -> Obj:
    return listing(
        engine,
        "invoice",
        params,
        "/v1/invoices",
        customer=params.get("customer"),
        _subscription=params.get("subscription"),
        status=params.get("status"),
        collection_method=params.get("collection_method"),
    )


def list_payments(engine: Engine, params: Params) -> Obj:
    payment = params.get("payment") or {}
    return listing(
        engine,
        "invoice_payment",
        params,
        "/v1/invoice_payments",
        _payment_intent=payment.get("payment_intent"),
        invoice=params.get("invoice"),
        status=params.get("status"),
    )


def retrieve_payment(engine: Engine, name: str, _: Params) -> Obj:
    return engine.get("invoice_payment", name)


def _require(engine: Engine, name: str, status: str, said: str) -> Obj:
    invoice = engine.get("invoice", name)
    if invoice["status"] != status:
        raise Refusal(said, code="invoice_not_editable" if status == "draft" else None)
    return invoice
