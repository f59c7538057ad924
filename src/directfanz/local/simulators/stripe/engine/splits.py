"""Where a charge says that shares of it go: a destination account, and the platform's fee (docs.stripe.com/connect)."""

from __future__ import annotations

from directfanz.local.simulators.stripe.engine import ledger
from directfanz.local.simulators.stripe.engine.core import HIDDEN, PLATFORM, Engine
from directfanz.local.simulators.stripe.store import Obj


def share_out(engine: Engine, charge: Obj) -> None:
    data = charge["transfer_data"]
    if data:
        from directfanz.local.simulators.stripe.engine import transfers

        group = charge["transfer_group"] = charge["transfer_group"] or f"group_{charge['payment_intent']}"
        amount = data.get("amount") or charge["amount_captured"]
        transfer = transfers.make(engine, amount, charge["currency"], data["destination"], charge, group)
        charge["transfer"] = transfer["id"]
        if charge["application_fee_amount"]:
            _take_fee(engine, charge, data["destination"], transfer["destination_payment"])
    elif charge["application_fee_amount"] and engine.account:
        _take_fee(engine, charge, engine.account, charge["id"])


def _take_fee(engine: Engine, charge: Obj, account: str, paid_by: str) -> None:
    """Out of the connected account's books, into the platform's."""
    amount, code = charge["application_fee_amount"], charge["currency"]
    with engine.books(PLATFORM):
        fields = {
            "account": account,
            "amount": amount,
            "amount_refunded": 0,
            "application": "ca_directfanz",
            "balance_transaction": None,
            "charge": paid_by,
            "currency": code,
            "fee_source": {"charge": paid_by, "payout": None, "type": "charge"},
            "originating_transaction": charge["id"],
            "refunded": False,
            "refunds": {"object": "list", "data": [], "has_more": False, "url": "", "total_count": 0},
        }
        fee = engine.make("fee", "application_fee", fields, clock=charge[HIDDEN]["clock"])
        fee["refunds"]["url"] = f"/v1/application_fees/{fee['id']}/refunds"
        due = ledger.later(engine, charge)
        fee["balance_transaction"] = ledger.post(engine, "application_fee", amount, code, fee, available_on=due)["id"]
        engine.store.save(fee)
        engine.emit("application_fee.created", fee)
    with engine.books(account):
        due = ledger.later(engine, charge)
        ledger.post(engine, "stripe_fee", -amount, code, fee, available_on=due, description="Application fee")
    charge["application_fee"] = fee["id"]
