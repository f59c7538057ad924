"""What happens when somebody presses the button on the hosted page."""

from __future__ import annotations

from dataclasses import dataclass

from directfanz.local.simulators.stripe.engine import checkout, coupons, customers, payment_intents, subscriptions
from directfanz.local.simulators.stripe.engine.cards import needs_authentication
from directfanz.local.simulators.stripe.engine.confirming import confirm_intent, confirm_setup
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, Params
from directfanz.local.simulators.stripe.engine.errors import Refusal
from directfanz.local.simulators.stripe.engine.fields import address as address_of
from directfanz.local.simulators.stripe.engine.fields import metadata
from directfanz.local.simulators.stripe.engine.payment_methods import card_of, put_on_file
from directfanz.local.simulators.stripe.engine.setup_intents import OPEN
from directfanz.local.simulators.stripe.store import Obj


@dataclass(frozen=True, slots=True)
class Submission:
    """What was typed. `method` is a card made from it or chosen from those on file."""

    email: str
    name: str
    country: str
    method: Obj | None
    state: str = ""
    postal_code: str = ""
    authenticated: bool = False


def wants_challenge(session: Obj, method: Obj) -> bool:
    """Whether the bank's page comes before."""
    card = card_of(method)
    if session["mode"] == "setup" or session[HIDDEN]["trial"] or not session["amount_total"]:
        return card.authentication in ("always", "unless_set_up")
    return needs_authentication(card, off_session=False, set_up=method[HIDDEN]["set_up"])


def complete(engine: Engine, session: Obj, submission: Submission) -> None:
    """All of it or nothing: a declined card leaves the session open and is raised."""
    if session["status"] != "open":
        raise Refusal("This Checkout session is over.")
    customer = _customer(engine, session, submission)
    _redeem(engine, session, customer)
    if session["mode"] != "setup":
        checkout.count(engine, session, _address(submission), customer["tax_exempt"] if customer else None)
    method = submission.method
    if method and submission.authenticated:
        method[HIDDEN]["challenge_passed"] = True
    finish = {"payment": _pay, "subscription": _subscribe, "setup": _save_card}[session["mode"]]
    finish(engine, session, customer, method)
    _close(engine, session, submission, customer)


def _address(submission: Submission) -> Obj | None:
    told = {"country": submission.country, "postal_code": submission.postal_code, "state": submission.state}
    return address_of(told) if submission.country else None


def _customer(engine: Engine, session: Obj, submission: Submission) -> Obj | None:
    if session["customer"]:
        customer = engine.get("customer", session["customer"])
        _update_customer(engine, session, customer, submission)
        return customer
    if session["mode"] == "payment" and session["customer_creation"] != "always":
        return None
    given: Params = {"email": submission.email, "name": submission.name or None}
    if submission.country:
        given["address"] = _address(submission)
    return customers.create(engine, {name: value for name, value in given.items() if value})


def _update_customer(engine: Engine, session: Obj, customer: Obj, submission: Submission) -> None:
    """Only what `customer_update` allows; an address is also kept where tax needs one."""
    allowed = session[HIDDEN]["customer_update"]
    changes: Params = {}
    if allowed.get("name") == "auto" and submission.name:
        changes["name"] = submission.name
    wants = allowed.get("address") == "auto" or (session["automatic_tax"]["enabled"] and not customer["address"])
    if wants and submission.country:
        changes["address"] = _address(submission)
    if not customer["email"] and submission.email:
        changes["email"] = submission.email
    if changes:
        customers.update(engine, customer["id"], changes)


def _redeem(engine: Engine, session: Obj, customer: Obj | None) -> None:
    """What was looked at when the page was made is now used up."""
    given = session[HIDDEN]["discounted_by"]
    session[HIDDEN]["discounts"] = coupons.redeem(engine, given, customer, checkout_session=session["id"])


def _pay(engine: Engine, session: Obj, customer: Obj | None, method: Obj | None) -> None:
    if not session["amount_total"]:
        session["payment_status"] = "no_payment_required"
        return
    data = session[HIDDEN]["payment_intent_data"]
    intent = payment_intents.begin(engine, session["amount_total"], session["currency"], customer)
    plain = ("application_fee_amount", "transfer_data", "transfer_group", "on_behalf_of", "receipt_email")
    for name in (*plain, "setup_future_usage", "description", "statement_descriptor", "capture_method"):
        if name in data:
            intent[name] = data[name]
    intent["metadata"] = metadata(None, data.get("metadata"))
    intent |= {"payment_method": _require(method)["id"], "status": "requires_confirmation"}
    engine.store.save(intent)
    engine.emit("payment_intent.created", intent)
    refusal = confirm_intent(engine, intent, off_session=False)
    if refusal:
        raise refusal
    session |= {"payment_intent": intent["id"], "payment_status": "paid"}


def _subscribe(engine: Engine, session: Obj, customer: Obj | None, method: Obj | None) -> None:
    buyer = _known(customer)
    data = {
        k: v for k, v in session[HIDDEN]["subscription_data"].items() if k not in ("invoice_settings", "billing_mode")
    }
    recurring: list[Params] = []
    extra: list[Params] = []
    for item in session[HIDDEN]["items"]:
        part = {"price": item["price"], "quantity": item["quantity"]}
        (recurring if engine.get("price", item["price"])["recurring"] else extra).append(part)
    if method:
        put_on_file(engine, method, buyer["id"])
        method[HIDDEN]["set_up"] = True
        engine.store.save(method)
        data["default_payment_method"] = method["id"]
    params: Params = {**data, "items": recurring, "add_invoice_items": extra}
    params |= {"discounts": [{"discount": name} for name in session[HIDDEN]["discounts"]]}
    params["automatic_tax"] = {"enabled": session["automatic_tax"]["enabled"]}
    sub = subscriptions.begin(engine, buyer, params)
    refusal = subscriptions.first_invoice(engine, sub, params, "allow_incomplete")
    if refusal:
        raise refusal
    invoice = engine.get("invoice", sub["latest_invoice"])
    paid = "paid" if invoice["amount_paid"] or not session[HIDDEN]["trial"] else "no_payment_required"
    session |= {"subscription": sub["id"], "invoice": invoice["id"], "payment_status": paid}


def _save_card(engine: Engine, session: Obj, customer: Obj | None, method: Obj | None) -> None:
    intent = engine.get("setup_intent", session["setup_intent"])
    if intent["status"] not in OPEN:
        return
    intent |= {"payment_method": _require(method)["id"], "customer": customer["id"] if customer else None}
    refusal = confirm_setup(engine, intent, authenticated=bool(_require(method)[HIDDEN].pop("challenge_passed", False)))
    if refusal:
        raise refusal


def _require(method: Obj | None) -> Obj:
    if method is None:
        raise Refusal("Choose a card to pay with.", param="card")
    return method


def _known(customer: Obj | None) -> Obj:
    if customer is None:
        raise Refusal("A subscription needs a customer.", param="customer")
    return customer


def _close(engine: Engine, session: Obj, submission: Submission, customer: Obj | None) -> None:
    session |= {"status": "complete", "url": None, "customer": customer["id"] if customer else None}
    session["customer_details"] = {
        "address": _address(submission) or address_of({"country": None}),
        "business_name": None,
        "email": submission.email or (customer or {}).get("email"),
        "individual_name": None,
        "name": submission.name or (customer or {}).get("name"),
        "phone": None,
        "tax_exempt": (customer or {}).get("tax_exempt", "none"),
        "tax_ids": [],
    }
    engine.set_timer(session, "checkout.expire", None)
    engine.store.save(session)
    engine.emit("checkout.session.completed", session)
