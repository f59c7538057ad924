"""docs.stripe.com/payouts: from a balance to a bank account, where it arrives or fails."""

from __future__ import annotations

from directfanz.local.simulators.stripe.engine import banks, ledger
from directfanz.local.simulators.stripe.engine.core import HIDDEN, PLATFORM, Engine, Params, on_timer
from directfanz.local.simulators.stripe.engine.errors import Refusal
from directfanz.local.simulators.stripe.engine.fields import currency, metadata, nothing, positive
from directfanz.local.simulators.stripe.engine.lists import listing
from directfanz.local.simulators.stripe.engine.periods import DAY, start_of_day
from directfanz.local.simulators.stripe.engine.transfers import short_of_money
from directfanz.local.simulators.stripe.store import Obj


def create(engine: Engine, params: Params) -> Obj:
    code, amount = currency(params), positive(params)
    account = _account(engine)
    if account and not account["payouts_enabled"]:
        raise Refusal("Payouts are not enabled for this account.", code="payouts_not_allowed")
    if ledger.available(engine, code) < amount:
        raise short_of_money()
    bank = banks.default_for(engine, account, code) if account else None
    payout = _make(engine, amount, code, bank, params)
    if account:
        payout[HIDDEN]["bank"] = bank["id"] if bank else None
        engine.store.save(payout)
    return payout


def _account(engine: Engine) -> Obj | None:
    if not engine.account:
        return None
    account = engine.store.find(engine.account)
    return account if account and account["object"] == "account" else None


def _make(engine: Engine, amount: int, code: str, bank: Obj | None, params: Params, *, automatic: bool = False) -> Obj:
    arrives = start_of_day(engine.now()) + engine.options.payout_days * DAY
    fields = {
        **nothing("application_fee", "application_fee_amount", "balance_transaction", "failure_balance_transaction"),
        **nothing("failure_code", "failure_message", "original_payout", "payout_method", "reversed_by"),
        "amount": amount,
        "arrival_date": arrives,
        "automatic": automatic,
        "currency": code,
        "description": params.get("description"),
        "destination": bank["id"] if bank else None,
        "metadata": metadata(None, params.get("metadata")),
        "method": "standard",
        "reconciliation_status": "in_progress" if automatic else "not_applicable",
        "source_type": "card",
        "statement_descriptor": params.get("statement_descriptor"),
        "status": "pending",
        "trace_id": {"status": "pending", "value": None},
        "type": "bank_account",
    }
    payout = engine.make("po", "payout", fields)
    payout["balance_transaction"] = ledger.post(engine, "payout", -amount, code, payout)["id"]
    engine.set_timer(payout, "payout.arrive", max(arrives, engine.now() + 1))
    engine.store.save(payout)
    engine.emit("payout.created", payout)
    return payout


@on_timer("payout.arrive")
def arrive(engine: Engine, payout: Obj) -> None:
    if payout["status"] not in ("pending", "in_transit"):
        return
    with engine.books(PLATFORM):
        bank = engine.find("bank_account", payout["destination"])
    failure = banks.failure_of(bank) if bank else None
    before = {"status": payout["status"]}
    if failure is None:
        payout |= {"status": "paid", "trace_id": {"status": "supported", "value": f"TRACE{payout['created']}"}}
        engine.store.save(payout)
        engine.emit("payout.updated", payout, before)
        engine.emit("payout.paid", payout)
        _reconciled(engine, payout)
        return
    payout |= {"status": "failed", "failure_code": failure[0], "failure_message": failure[1]}
    entry = ledger.post(engine, "payout_failure", payout["amount"], payout["currency"], payout)
    payout["failure_balance_transaction"] = entry["id"]
    engine.store.save(payout)
    engine.emit("payout.failed", payout)
    account = _account(engine)
    if account and bank:
        banks.mark_errored(engine, account, bank)


def _reconciled(engine: Engine, payout: Obj) -> None:
    if payout["automatic"]:
        payout["reconciliation_status"] = "completed"
        engine.store.save(payout)
        engine.emit("payout.reconciliation_completed", payout)


@on_timer("account.payout")
def pay_daily(engine: Engine, account: Obj) -> None:
    """Everything that is available, once a day, unless the account is paid by hand."""
    schedule = account["settings"]["payouts"]["schedule"]
    engine.set_timer(account, "account.payout", start_of_day(engine.now()) + DAY)
    engine.store.save(account)
    if schedule["interval"] != "daily" or not account["payouts_enabled"] or account[HIDDEN].get("deleted"):
        return
    with engine.books(account["id"]):
        for code, amount in list(ledger.settle(engine)["available"].items()):
            if amount > 0 and any(bank["currency"] == code for bank in account["external_accounts"]["data"]):
                _pay_all(engine, account, code, amount)


def _pay_all(engine: Engine, account: Obj, code: str, amount: int) -> None:
    entries = [
        entry
        for entry in engine.newest("balance_transaction")
        if "payout" not in entry[HIDDEN] and entry["currency"] == code and entry["available_on"] <= engine.now()
    ]
    payout = _make(engine, amount, code, banks.default_for(engine, account, code), {}, automatic=True)
    for entry in entries:
        entry[HIDDEN]["payout"] = payout["id"]
        engine.store.save(entry)


def retrieve(engine: Engine, name: str, _: Params) -> Obj:
    return engine.get("payout", name)


def update(engine: Engine, name: str, params: Params) -> Obj:
    payout = engine.get("payout", name)
    before = engine.snapshot(payout)
    payout["metadata"] = metadata(payout["metadata"], params.get("metadata"))
    engine.changed("payout.updated", payout, before)
    return payout


def cancel(engine: Engine, name: str, _: Params) -> Obj:
    payout = engine.get("payout", name)
    if payout["status"] != "pending":
        raise Refusal("Payouts can only be canceled while they are pending.", code="payout_not_cancelable")
    payout["status"] = "canceled"
    engine.set_timer(payout, "payout.arrive", None)
    ledger.post(engine, "payout_cancel", payout["amount"], payout["currency"], payout)
    engine.store.save(payout)
    engine.emit("payout.canceled", payout)
    return payout


def list_all(engine: Engine, params: Params) -> Obj:
    chosen = {"status": params.get("status"), "destination": params.get("destination")}
    return listing(engine, "payout", params, "/v1/payouts", **chosen)
