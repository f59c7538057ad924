"""docs.stripe.com/connect/separate-charges-and-transfers"""

from __future__ import annotations

from directfanz.local.simulators.stripe.engine import ledger
from directfanz.local.simulators.stripe.engine.core import HIDDEN, PLATFORM, Engine, Params, new_name
from directfanz.local.simulators.stripe.engine.errors import Refusal, invalid
from directfanz.local.simulators.stripe.engine.fields import currency, metadata, nothing, positive
from directfanz.local.simulators.stripe.engine.lists import list_of, listing
from directfanz.local.simulators.stripe.store import Obj


def create(engine: Engine, params: Params) -> Obj:
    code = currency(params)
    amount = positive(params)
    account = engine.get("account", params["destination"], "destination")
    _require_payable(account)
    charge = None
    if params.get("source_transaction"):
        charge = engine.get("charge", params["source_transaction"], "source_transaction")
        _require_left(engine, charge, amount, code)
    elif ledger.available(engine, code) < amount:
        raise short_of_money()
    group = params.get("transfer_group") or (charge and _group_of(engine, charge)) or None
    told = {"description": params.get("description"), "metadata": metadata(None, params.get("metadata"))}
    return make(engine, amount, code, account["id"], charge, group, told)


def short_of_money() -> Refusal:
    return Refusal(
        "You have insufficient available funds in your Stripe account. Try adding funds directly to your available balance "
        "by creating Charges using the 4000000000000077 test card. See: https://stripe.com/docs/testing#available-balance",
        code="balance_insufficient",
    )


def _require_payable(account: Obj) -> None:
    if account["capabilities"].get("transfers") != "active":
        raise Refusal(
            "Your destination account needs to have at least one of the following capabilities enabled: transfers, "
            "crypto_transfers, legacy_payments",
            code="insufficient_capabilities_for_transfer",
        )


def _require_left(engine: Engine, charge: Obj, amount: int, code: str) -> None:
    if charge["status"] != "succeeded":
        raise invalid("source_transaction", "The charge has to have succeeded.")
    if charge["currency"] != code:
        said = (
            f"The currency of source_transaction's balance transaction ({charge['currency']}) must be the same as the "
        )
        said += f"transfer currency ({code})"
        raise invalid("currency", said)
    sent = charge[HIDDEN].get("transferred", 0)
    if sent + amount > charge["amount"]:
        left = charge["amount"] - sent
        raise invalid(
            "amount",
            f"Transfers using this transaction as a source must not exceed the source amount; {left} are left.",
        )
    charge[HIDDEN]["transferred"] = sent + amount
    engine.store.save(charge)


def _group_of(engine: Engine, charge: Obj) -> str:
    if not charge["transfer_group"]:
        charge["transfer_group"] = f"group_{charge['payment_intent'] or charge['id']}"
        engine.store.save(charge)
    return str(charge["transfer_group"])


def make(
    engine: Engine, amount: int, code: str, destination: str, charge: Obj | None, group: str | None, told: Params | None = None
) -> Obj:  # fmt: skip
    """Both sides: out of the platform's books, into the connected account's."""
    name = new_name("tr")
    fields = {
        "amount": amount,
        "amount_reversed": 0,
        "balance_transaction": None,
        "currency": code,
        "description": None,
        "destination": destination,
        "destination_payment": None,
        "metadata": {},
        "reversals": list_of([], f"/v1/transfers/{name}/reversals", total_count=0),
        "reversed": False,
        "source_transaction": charge["id"] if charge else None,
        "source_type": "card",
        "transfer_group": group,
        **(told or {}),
    }
    transfer = engine.make("tr", "transfer", fields, clock=charge[HIDDEN]["clock"] if charge else None, name=name)
    due = _available_with(engine, charge)
    transfer["balance_transaction"] = ledger.post(engine, "transfer", -amount, code, transfer, available_on=due)["id"]
    with engine.books(destination):
        payment = _payment(engine, transfer)
        entry = ledger.post(engine, "payment", amount, code, payment, available_on=due)
        payment["balance_transaction"] = entry["id"]
        engine.store.save(payment)
    transfer["destination_payment"] = payment["id"]
    engine.store.save(transfer)
    engine.emit("transfer.created", transfer)
    return transfer


def _available_with(engine: Engine, charge: Obj | None) -> int | None:
    """The money of a charge moves when it has come."""
    if charge is None:
        return None
    entry = engine.store.find(charge["balance_transaction"] or "")
    return int(entry["available_on"]) if entry else ledger.later(engine, charge)


def _payment(engine: Engine, transfer: Obj) -> Obj:
    """How the transfer looks from the other side."""
    fields = {
        **nothing("application", "application_fee", "application_fee_amount", "balance_transaction", "customer"),
        **nothing("description", "failure_balance_transaction", "failure_code", "failure_message", "on_behalf_of"),
        **nothing("outcome", "payment_intent", "payment_method", "receipt_email", "receipt_number", "receipt_url"),
        **nothing(
            "review", "shipping", "source", "statement_descriptor", "statement_descriptor_suffix", "transfer_data"
        ),
        **nothing("transfer_group", "calculated_statement_descriptor", "authorization_code", "transfer"),
        "amount": transfer["amount"],
        "amount_captured": transfer["amount"],
        "amount_refunded": 0,
        "billing_details": nothing("address", "email", "name", "phone", "tax_id"),
        "captured": True,
        "currency": transfer["currency"],
        "disputed": False,
        "fraud_details": {},
        "metadata": {},
        "paid": True,
        "payment_method_details": {"stripe_account": {}, "type": "stripe_account"},
        "refunded": False,
        "source_transfer": transfer["id"],
        "status": "succeeded",
    }
    return engine.make("py", "charge", fields, clock=transfer[HIDDEN]["clock"])


def retrieve(engine: Engine, name: str, _: Params) -> Obj:
    return engine.get("transfer", name)


def update(engine: Engine, name: str, params: Params) -> Obj:
    transfer = engine.get("transfer", name)
    before = engine.snapshot(transfer)
    transfer["metadata"] = metadata(transfer["metadata"], params.get("metadata"))
    if "description" in params:
        transfer["description"] = params["description"]
    engine.changed("transfer.updated", transfer, before)
    return transfer


def list_all(engine: Engine, params: Params) -> Obj:
    chosen = {"destination": params.get("destination"), "transfer_group": params.get("transfer_group")}
    return listing(engine, "transfer", params, "/v1/transfers", **chosen)


def reverse(engine: Engine, name: str, params: Params) -> Obj:
    transfer = engine.get("transfer", name, "id")
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = positive(params) if "amount" in params else left
    if left == 0:
        raise Refusal(f"Transfer {name} is already fully reversed.", code="transfer_already_reversed")
    if amount > left:
        said = f"Transfer reversal amount ({amount}) is greater than unreversed amount on transfer ({left})"
        raise invalid("amount", said)
    return reverse_part(engine, transfer, amount, params)


def reverse_part(engine: Engine, transfer: Obj, amount: int, params: Params) -> Obj:
    fields = {
        "amount": amount,
        "balance_transaction": None,
        "currency": transfer["currency"],
        "destination_payment_refund": None,
        "metadata": metadata(None, params.get("metadata")),
        "source_refund": None,
        "transfer": transfer["id"],
    }
    reversal = engine.make("trr", "transfer_reversal", fields, clock=transfer[HIDDEN]["clock"])
    del reversal["livemode"]
    entry = ledger.post(engine, "transfer_refund", amount, transfer["currency"], reversal)
    reversal["balance_transaction"] = entry["id"]
    with engine.books(transfer["destination"]):
        payment = engine.get("charge", transfer["destination_payment"])
        refund = _refund(engine, payment, amount)
        refund["balance_transaction"] = ledger.post(engine, "payment_refund", -amount, payment["currency"], refund)[
            "id"
        ]
        payment["amount_refunded"] += amount
        payment["refunded"] = payment["amount_refunded"] == payment["amount"]
        engine.store.save(payment)
        engine.store.save(refund)
    reversal["destination_payment_refund"] = refund["id"]
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    engine.store.save(reversal)
    inside = transfer["reversals"]
    inside["data"].insert(0, engine.snapshot(reversal))
    inside["total_count"] = len(inside["data"])
    engine.store.save(transfer)
    engine.emit("transfer.reversed", transfer)
    return reversal


def _refund(engine: Engine, payment: Obj, amount: int) -> Obj:
    fields = {
        **nothing("balance_transaction", "customer", "payment_intent", "payment_method", "reason", "receipt_number"),
        **nothing("source_transfer_reversal", "transfer_reversal", "customer_account"),
        "amount": amount,
        "charge": payment["id"],
        "currency": payment["currency"],
        "metadata": {},
        "status": "succeeded",
    }
    refund = engine.make("pyr", "refund", fields, clock=payment[HIDDEN]["clock"])
    del refund["livemode"]
    return refund


def retrieve_reversal(engine: Engine, transfer: str, name: str, _: Params) -> Obj:
    engine.get("transfer", transfer)
    return engine.get("transfer_reversal", name)


def list_reversals(engine: Engine, name: str, params: Params) -> Obj:
    engine.get("transfer", name)
    return listing(engine, "transfer_reversal", params, f"/v1/transfers/{name}/reversals", transfer=name)


def retrieve_fee(engine: Engine, name: str, _: Params) -> Obj:
    with engine.books(PLATFORM):
        return engine.get("application_fee", name)


def list_fees(engine: Engine, params: Params) -> Obj:
    return listing(engine, "application_fee", params, "/v1/application_fees", charge=params.get("charge"))
