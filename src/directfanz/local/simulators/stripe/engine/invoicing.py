"""An invoice's life: drawn up, finalized, paid or given up (docs.stripe.com/invoicing/overview)."""

from __future__ import annotations

from dataclasses import dataclass, field

from directfanz.local.simulators.stripe.engine import coupons, hooks, payment_intents, tax
from directfanz.local.simulators.stripe.engine.collecting import record_payment
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, on_timer
from directfanz.local.simulators.stripe.engine.customers import move_balance
from directfanz.local.simulators.stripe.engine.errors import Refusal
from directfanz.local.simulators.stripe.engine.fields import minimum_charge
from directfanz.local.simulators.stripe.engine.invoice_shape import blank_invoice, tax_setting
from directfanz.local.simulators.stripe.engine.lines import Charging, Taxing, add_up
from directfanz.local.simulators.stripe.store import Obj

HOUR = 3600


@dataclass(slots=True)
class Order:
    """What an invoice is to be about."""

    customer: Obj
    currency: str
    chargings: list[Charging]
    period: tuple[int, int]
    reason: str = "manual"
    subscription: Obj | None = None
    discounts: list[str] = field(default_factory=list)
    taxed: bool = False
    metadata: Obj = field(default_factory=dict)


def draw_up(engine: Engine, order: Order, *, name: str = "") -> Obj:
    """A draft, told as invoice.created. It is not finalized by itself unless somebody sets the time for that."""
    customer, sub = order.customer, order.subscription
    fields = blank_invoice(engine, customer, order.currency)
    invoice = engine.make("in", "invoice", fields, clock=customer[HIDDEN]["clock"], name=name)
    address = customer["address"]
    invoice |= {
        "automatic_tax": tax_setting(order.taxed, tax.known(address)),
        "billing_reason": order.reason,
        "discounts": list(order.discounts),
        "metadata": order.metadata,
        "period_start": order.period[0],
        "period_end": order.period[1],
    }
    if sub:
        _belongs_to(invoice, sub)
    count_up(engine, invoice, order.chargings)
    engine.emit("invoice.created", invoice)
    return invoice


def _belongs_to(invoice: Obj, sub: Obj) -> None:
    invoice[HIDDEN]["subscription"] = sub["id"]
    details = {"metadata": dict(sub["metadata"]), "subscription": sub["id"]}
    invoice["parent"] = {"type": "subscription_details", "subscription_details": details, "quote_details": None}
    invoice["default_payment_method"] = None
    invoice["on_behalf_of"] = sub["on_behalf_of"]
    invoice["collection_method"] = sub["collection_method"]


def count_up(engine: Engine, invoice: Obj, chargings: list[Charging]) -> None:
    """Lines, discounts, tax and what is due of them, as long as it is a draft."""
    wanted = invoice["automatic_tax"]["enabled"]
    taxing = Taxing(wanted, invoice["customer_address"], invoice["customer_tax_exempt"])
    invoice |= add_up(engine, chargings, invoice["discounts"], taxing, invoice["id"])
    _due(invoice, invoice["total"] + invoice["starting_balance"])
    for charging in chargings:
        if charging.invoice_item:
            item = engine.get("invoiceitem", charging.invoice_item)
            item["invoice"] = invoice["id"]
            engine.store.save(item)
    engine.store.save(invoice)


def _due(invoice: Obj, amount: int) -> None:
    due = max(amount, 0) if invoice["total"] > 0 else 0
    invoice |= {"amount_due": due, "amount_remaining": due - invoice["amount_paid"]}


def finalize(engine: Engine, invoice: Obj) -> None:
    """It gets its number and can no longer be changed. What costs nothing is paid with that."""
    customer = engine.get("customer", invoice["customer"])
    now = engine.now_of(invoice)
    url = f"{engine.options.public_url}/invoices/{invoice['id']}"
    number = f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04d}"
    customer["next_invoice_sequence"] += 1
    customer["currency"] = customer["currency"] or invoice["currency"]
    engine.store.save(customer)
    invoice |= {"number": number, "status": "open", "effective_at": now, "automatically_finalizes_at": None}
    invoice |= {"hosted_invoice_url": url, "invoice_pdf": f"{url}/pdf"}
    invoice["status_transitions"]["finalized_at"] = now
    _use_balance(engine, invoice, customer)
    if invoice["amount_due"] > 0:
        _ask_for_payment(engine, invoice, customer)
    engine.store.save(invoice)
    engine.emit("invoice.finalized", invoice)
    for name in invoice["discounts"]:
        _used_up(engine, invoice, name)
    if invoice["amount_due"] == 0:
        settle(engine, invoice)


def _use_balance(engine: Engine, invoice: Obj, customer: Obj) -> None:
    """Credit is used first; a total below zero becomes credit; what is too small to charge waits for the next one."""
    start, total, code = customer["balance"], invoice["total"], invoice["currency"]
    invoice["starting_balance"] = start
    due = max(total + start, 0) if total > 0 else 0
    small = 0 < due < minimum_charge(code)
    if small:
        due = 0
    _due_exactly(invoice, due)
    moved = total - due
    if moved:
        move_balance(engine, customer, moved, code, "applied_to_invoice", invoice["id"])
    invoice["ending_balance"] = customer["balance"]


def _due_exactly(invoice: Obj, due: int) -> None:
    invoice |= {"amount_due": due, "amount_remaining": due}


def _ask_for_payment(engine: Engine, invoice: Obj, customer: Obj) -> None:
    """The payment intent that this invoice is paid with."""
    sub = engine.store.find(invoice[HIDDEN].get("subscription") or "")
    more: Obj = {"description": "Subscription creation" if invoice["billing_reason"] == "subscription_create" else None}
    if sub and invoice["billing_reason"] != "subscription_create":
        more["description"] = "Subscription update"
    if sub and sub["transfer_data"]:
        data = sub["transfer_data"]
        share = data.get("amount_percent")
        amount = round(invoice["amount_due"] * share / 100) if share is not None else None
        more["transfer_data"] = {"destination": data["destination"]} | (
            {"amount": amount} if amount is not None else {}
        )
    if sub and sub["application_fee_percent"]:
        more["application_fee_amount"] = round(invoice["amount_due"] * sub["application_fee_percent"] / 100)
    if sub and (sub["payment_settings"] or {}).get("save_default_payment_method") == "on_subscription":
        more["setup_future_usage"] = "off_session"
    intent = payment_intents.begin(engine, invoice["amount_due"], invoice["currency"], customer, **more)
    intent[HIDDEN]["invoice"] = invoice["id"]
    engine.store.save(intent)
    invoice[HIDDEN]["intent"] = intent["id"]
    engine.emit("payment_intent.created", intent)
    record_payment(engine, invoice, intent)


def _used_up(engine: Engine, invoice: Obj, name: str) -> None:
    """A coupon for once leaves the subscription with the first invoice that it was on."""
    if coupons.coupon_of(engine, name)["duration"] != "once":
        return
    sub = engine.store.find(invoice[HIDDEN].get("subscription") or "")
    if sub and name in sub["discounts"]:
        sub["discounts"].remove(name)
        engine.store.save(sub)
        engine.emit("customer.discount.deleted", engine.get("discount", name))


def settle(engine: Engine, invoice: Obj, *, outside: bool = False) -> None:
    """Paid: by a card, by credit, or outside of Stripe."""
    now = engine.now_of(invoice)
    for name in ("invoice.retry", "invoice.advance"):
        engine.set_timer(invoice, name, None)
    invoice |= {"status": "paid", "attempted": True, "next_payment_attempt": None, "amount_remaining": 0}
    invoice["amount_paid"] = invoice["amount_due"]
    if outside:
        invoice["amount_paid_off_stripe"] = invoice["amount_due"]
    invoice["status_transitions"]["paid_at"] = now
    engine.store.save(invoice)
    engine.emit("invoice.paid", invoice)
    engine.emit("invoice.payment_succeeded", invoice)
    hooks.tell(hooks.INVOICE_PAID, engine, invoice)


def give_up(engine: Engine, invoice: Obj, status: str, reason: str = "user_forgiven") -> None:
    """`void` as if it had never been, `uncollectible` as a bad debt."""
    if invoice["status"] not in ("open", "uncollectible") or invoice["status"] == status:
        verb = "void" if status == "void" else "mark as uncollectible"
        raise Refusal(f"You can only {verb} an invoice that is open; this one is {invoice['status']}.")
    now = engine.now_of(invoice)
    invoice |= {"status": status, "next_payment_attempt": None, "auto_advance": False}
    invoice["status_transitions"]["voided_at" if status == "void" else "marked_uncollectible_at"] = now
    if status == "uncollectible":
        invoice["status_details"] = {"uncollectible": {"reason": reason}}
    engine.set_timer(invoice, "invoice.retry", None)
    engine.store.save(invoice)
    intent = engine.store.find(invoice[HIDDEN].get("intent") or "")
    if status == "void" and intent and intent["status"] in payment_intents.OPEN:
        payment_intents.cancel_intent(engine, intent, "void_invoice")
        _cancel_payment(engine, invoice, now)
    engine.emit("invoice.voided" if status == "void" else "invoice.marked_uncollectible", invoice)
    hooks.tell(hooks.INVOICE_GIVEN_UP, engine, invoice)


def _cancel_payment(engine: Engine, invoice: Obj, now: int) -> None:
    for payment in engine.newest("invoice_payment", "invoice", invoice["id"]):
        payment["status"] = "canceled"
        payment["status_transitions"]["canceled_at"] = now
        engine.store.save(payment)


def finalize_later(engine: Engine, invoice: Obj) -> None:
    """The renewal's hour in which a draft can still be changed."""
    when = engine.now_of(invoice) + engine.options.draft_hours * HOUR
    invoice |= {"auto_advance": True, "automatically_finalizes_at": when}
    engine.set_timer(invoice, "invoice.advance", when)
    engine.store.save(invoice)


@on_timer("invoice.advance")
def advance(engine: Engine, invoice: Obj) -> None:
    from directfanz.local.simulators.stripe.engine.collecting import collect

    if invoice["status"] == "draft" and invoice["auto_advance"]:
        finalize(engine, invoice)
        if invoice["status"] == "open":
            collect(engine, invoice)
