"""A charge is one attempt to take money: docs.stripe.com/api/charges."""

from __future__ import annotations

from directfanz.local.simulators.stripe.engine import ledger, splits
from directfanz.local.simulators.stripe.engine.cards import Decline
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, Params
from directfanz.local.simulators.stripe.engine.fields import metadata, nothing
from directfanz.local.simulators.stripe.engine.lists import listing
from directfanz.local.simulators.stripe.engine.payment_methods import card_of
from directfanz.local.simulators.stripe.store import Obj

_EMPTY = nothing(
    "application",
    "application_fee",
    "balance_transaction",
    "failure_balance_transaction",
    "failure_code",
    "failure_message",
    "receipt_number",
    "receipt_url",
    "review",
    "shipping",
    "source_transfer",
    "transfer",
    "authorization_code",
)


def attempt(engine: Engine, intent: Obj, method: Obj, decline: Decline | None, *, authenticated: bool) -> Obj:
    """Taken, or refused by the bank and on record all the same."""
    captured = decline is None and intent["capture_method"] != "manual"
    fields = {
        **_EMPTY,
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if captured else 0,
        "amount_refunded": 0,
        "application_fee_amount": intent["application_fee_amount"],
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": engine.options.account_name.upper()[:22],
        "captured": captured,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_code": decline.code if decline else None,
        "failure_message": decline.message if decline else None,
        "fraud_details": {},
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": intent["on_behalf_of"],
        "outcome": _outcome(decline),
        "paid": decline is None,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {"card": _card_details(method, authenticated), "type": "card"},
        "receipt_email": intent["receipt_email"],
        "refunded": False,
        "source": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "failed" if decline else "succeeded",
        "transfer_data": intent["transfer_data"] and {"amount": None, **intent["transfer_data"]},
        "transfer_group": intent["transfer_group"],
    }
    charge = engine.make("ch", "charge", fields, clock=intent[HIDDEN]["clock"])
    charge["receipt_url"] = None if decline else f"{engine.options.public_url}/receipts/{charge['id']}"
    if captured:
        book(engine, charge, method)
    return charge


def book(engine: Engine, charge: Obj, method: Obj) -> None:
    """Money taken: the balance grows, and shares go to where the payment says."""
    taken, code = charge["amount_captured"], charge["currency"]
    due = engine.now_of(charge) if card_of(method).at_once else ledger.later(engine, charge)
    fees = ledger.stripe_fee(engine, taken, code)
    entry = ledger.post(engine, "charge", taken, code, charge, fees=fees, available_on=due)
    charge["balance_transaction"] = entry["id"]
    splits.share_out(engine, charge)
    engine.store.save(charge)


def _outcome(decline: Decline | None) -> Obj:
    base = {"advice_code": None, "network_advice_code": None, "network_decline_code": None, "risk_level": "normal"}
    if decline is None:
        said = "Payment complete."
        return (
            base
            | {"network_status": "approved_by_network", "reason": None, "risk_score": 12, "rule": None}
            | {
                "seller_message": said,
                "type": "authorized",
            }
        )
    said = f"The bank returned the decline code `{decline.decline_code}`."
    return base | {
        "advice_code": "try_again_later" if decline.decline_code == "insufficient_funds" else None,
        "network_decline_code": "51" if decline.decline_code == "insufficient_funds" else "05",
        "network_status": "declined_by_network",
        "reason": decline.decline_code,
        "risk_score": 12,
        "rule": None,
        "seller_message": said,
        "type": "issuer_declined",
    }


def _card_details(method: Obj, authenticated: bool) -> Obj:
    card = method["card"]
    told = {
        name: card[name] for name in ("brand", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4")
    }
    secured = {"authentication_flow": "challenge", "result": "authenticated", "version": "2.2.0"}
    return told | {
        "amount_authorized": None,
        "checks": card["checks"],
        "installments": None,
        "mandate": None,
        "network": card["brand"],
        "three_d_secure": secured if authenticated else None,
        "wallet": None,
    }


def retrieve(engine: Engine, name: str, _: Params) -> Obj:
    return engine.get("charge", name)


def update(engine: Engine, name: str, params: Params) -> Obj:
    charge = engine.get("charge", name)
    before = engine.snapshot(charge)
    charge["metadata"] = metadata(charge["metadata"], params.get("metadata"))
    for field in ("description", "receipt_email", "transfer_group"):
        if field in params:
            charge[field] = params[field] or None
    engine.changed("charge.updated", charge, before)
    return charge


def list_all(engine: Engine, params: Params) -> Obj:
    return listing(
        engine,
        "charge",
        params,
        "/v1/charges",
        customer=params.get("customer"),
        payment_intent=params.get("payment_intent"),
        transfer_group=params.get("transfer_group"),
    )
