"""docs.stripe.com/api/refunds: money back, whole or in parts, never more than was taken."""

from __future__ import annotations

from directfanz.local.simulators.stripe.engine import ledger
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, Params, on_timer
from directfanz.local.simulators.stripe.engine.errors import Refusal, absent, invalid
from directfanz.local.simulators.stripe.engine.fields import metadata, nothing, positive
from directfanz.local.simulators.stripe.engine.lists import listing
from directfanz.local.simulators.stripe.engine.payment_methods import card_of
from directfanz.local.simulators.stripe.store import Obj

_EMPTY = nothing(
    "balance_transaction",
    "customer_account",
    "receipt_number",
    "reason",
    "source_transfer_reversal",
    "transfer_reversal",
)


def create(engine: Engine, params: Params) -> Obj:
    charge = _charge_of(engine, params)
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = positive(params) if "amount" in params else left
    _require_left(charge, left, amount)
    method = engine.store.find(charge["payment_method"] or "")
    how = card_of(method).refunds if method else "succeed"
    card = {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"}
    fields = {
        **_EMPTY,
        "amount": amount,
        "charge": charge["id"],
        "currency": charge["currency"],
        "customer": charge["customer"],
        "destination_details": {"card": card, "type": "card"},
        "metadata": metadata(None, params.get("metadata")),
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": params.get("reason"),
        "status": "pending" if how == "pending" else "succeeded",
    }
    refund = engine.make("re", "refund", fields, clock=charge[HIDDEN]["clock"])
    del refund["livemode"]
    entry = ledger.post(engine, "refund", -amount, charge["currency"], refund)
    refund["balance_transaction"] = entry["id"]
    _take_back(engine, charge, refund, params)
    _count(engine, charge, amount)
    engine.store.save(refund)
    engine.emit("refund.created", refund)
    engine.emit("charge.refunded", charge)
    if how == "succeed":
        engine.emit("refund.updated", refund)
        engine.emit("charge.refund.updated", refund)
    else:
        engine.set_timer(refund, f"refund.{how}", engine.now_of(refund))
        engine.store.save(refund)
    return refund


def _charge_of(engine: Engine, params: Params) -> Obj:
    name = params.get("charge")
    if params.get("payment_intent"):
        intent = engine.get("payment_intent", params["payment_intent"], "payment_intent")
        name = intent["latest_charge"]
        if intent["status"] != "succeeded":
            raise Refusal(
                f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
                code="resource_missing",
                param="payment_intent",
            )
    if not name:
        raise absent("payment_intent")
    charge = engine.get("charge", name, "charge")
    if not charge["captured"]:
        raise Refusal(f"Charge {name} was not captured, so it cannot be refunded.", code="charge_not_captured")
    return charge


def _require_left(charge: Obj, left: int, amount: int) -> None:
    if charge["disputed"] and charge[HIDDEN].get("funds_withdrawn"):
        raise Refusal(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    if left == 0:
        raise Refusal(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if amount > left:
        raise invalid(
            "amount",
            f"Refund amount ({_shown(amount)}) is greater than unrefunded amount on charge ({_shown(left)})",
        )


def _shown(amount: int) -> str:
    return f"{amount / 100:,.2f}"


def _count(engine: Engine, charge: Obj, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    engine.store.save(charge)


def _take_back(engine: Engine, charge: Obj, refund: Obj, params: Params) -> None:
    if not params.get("reverse_transfer"):
        return
    from directfanz.local.simulators.stripe.engine import transfers

    if not charge["transfer"]:
        raise Refusal(f"Cannot reverse transfer on charge {charge['id']}, because it does not have one.")
    transfer = engine.get("transfer", charge["transfer"])
    share = transfer["amount"] * refund["amount"] // charge["amount"]
    reversal = transfers.reverse_part(
        engine, transfer, min(share, transfer["amount"] - transfer["amount_reversed"]), {}
    )
    reversal["source_refund"] = refund["id"]
    engine.store.save(reversal)
    refund["transfer_reversal"] = reversal["id"]


@on_timer("refund.pending")
def arrive(engine: Engine, refund: Obj) -> None:
    refund["status"] = "succeeded"
    engine.store.save(refund)
    engine.emit("refund.updated", refund, {"status": "pending"})
    engine.emit("charge.refund.updated", refund, {"status": "pending"})


@on_timer("refund.fail")
def fail(engine: Engine, refund: Obj) -> None:
    """The bank sends the money back to the account that refunded it."""
    charge = engine.get("charge", refund["charge"])
    entry = ledger.post(engine, "refund_failure", refund["amount"], refund["currency"], refund)
    refund |= {"status": "failed", "failure_reason": "expired_or_canceled_card"}
    refund["failure_balance_transaction"] = entry["id"]
    _count(engine, charge, -refund["amount"])
    engine.store.save(refund)
    engine.emit("refund.failed", refund)
    engine.emit("refund.updated", refund, {"status": "succeeded"})
    engine.emit("charge.refund.updated", refund, {"status": "succeeded"})


def retrieve(engine: Engine, name: str, _: Params) -> Obj:
    return engine.get("refund", name)


def update(engine: Engine, name: str, params: Params) -> Obj:
    refund = engine.get("refund", name)
    before = engine.snapshot(refund)
    refund["metadata"] = metadata(refund["metadata"], params.get("metadata"))
    engine.changed("refund.updated", refund, before)
    return refund


def list_all(engine: Engine, params: Params) -> Obj:
    chosen = {"charge": params.get("charge"), "payment_intent": params.get("payment_intent")}
    return listing(engine, "refund", params, "/v1/refunds", **chosen)
