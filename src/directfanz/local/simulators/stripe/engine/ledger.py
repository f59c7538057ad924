"""Balances and the transactions that make them: docs.stripe.com/api/balance_transactions."""

from __future__ import annotations

from typing import Any

from directfanz.local.simulators.stripe.engine.core import HIDDEN, PLATFORM, Engine, Params
from directfanz.local.simulators.stripe.engine.lists import listing
from directfanz.local.simulators.stripe.engine.periods import DAY, start_of_day
from directfanz.local.simulators.stripe.store import Obj

CATEGORIES = {
    "adjustment": "dispute",
    "application_fee": "platform_earning",
    "application_fee_refund": "platform_earning_refund",
    "charge": "charge",
    "payment": "charge",
    "payment_refund": "refund",
    "payout": "payout",
    "payout_failure": "payout_reversal",
    "payout_cancel": "payout_reversal",
    "refund": "refund",
    "refund_failure": "refund_failure",
    "stripe_fee": "fee",
    "topup": "topup",
    "transfer": "transfer",
    "transfer_refund": "transfer_reversal",
}


def post(
    engine: Engine,
    kind: str,
    amount: int,
    code: str,
    source: Obj,
    *,
    fees: list[Obj] | None = None,
    available_on: int | None = None,
    category: str = "",
    description: str | None = None,
) -> Obj:
    """One entry in the books of the account at hand."""
    now = engine.now_of(source)
    fee = sum(part["amount"] for part in fees or [])
    due = now if available_on is None else available_on
    fields = {
        "amount": amount,
        "available_on": due,
        "balance_type": "payments",
        "currency": code,
        "description": description,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": fees or [],
        "net": amount - fee,
        "reporting_category": category or CATEGORIES[kind],
        "source": source["id"],
        "status": "available" if due <= now else "pending",
        "type": kind,
    }
    entry = engine.make("txn", "balance_transaction", fields, clock=source[HIDDEN].get("clock"))
    del entry["livemode"]
    _add(engine, code, amount - fee, due, now)
    return entry


def stripe_fee(engine: Engine, amount: int, code: str) -> list[Obj]:
    options = engine.options
    fee = (amount * options.fee_basis_points + 5_000) // 10_000 + (options.fee_fixed if amount else 0)
    fee = min(fee, amount)
    told = {"application": None, "currency": code, "description": "Stripe processing fees", "type": "stripe_fee"}
    return [{"amount": fee, **told}] if fee else []


def later(engine: Engine, source: Obj) -> int:
    """When the money of a charge can be used."""
    return start_of_day(engine.now_of(source)) + engine.options.funds_available_after_days * DAY


def _sheet(engine: Engine) -> Obj:
    name = f"balance_{engine.account or 'platform'}"
    sheet = engine.store.find(name)
    if sheet is None:
        sheet = {"id": name, "object": "note", "available": {}, "pending": {}}
        sheet[HIDDEN] = {"account": PLATFORM, "clock": None}
        engine.store.save(sheet)
    return sheet


def _add(engine: Engine, code: str, net: int, due: int, now: int) -> None:
    """Days that have come are added up when somebody looks."""
    sheet = _sheet(engine)
    if due <= now:
        sheet["available"][code] = sheet["available"].get(code, 0) + net
    else:
        days = sheet["pending"].setdefault(code, {})
        days[str(due)] = days.get(str(due), 0) + net
    engine.store.save(sheet)


def settle(engine: Engine, until: int | None = None) -> Obj:
    sheet, now = _sheet(engine), engine.now() if until is None else until
    for code, days in sheet["pending"].items():
        for due in [due for due in days if int(due) <= now]:
            sheet["available"][code] = sheet["available"].get(code, 0) + days.pop(due)
    engine.store.save(sheet)
    return sheet


def available(engine: Engine, code: str) -> int:
    return int(settle(engine)["available"].get(code, 0))


def balance(engine: Engine, _: Params) -> Obj:
    sheet = settle(engine)
    pending = {code: sum(days.values()) for code, days in sheet["pending"].items()}
    codes = sorted(set(sheet["available"]) | set(pending)) or [_home(engine)]
    told: dict[str, Any] = {
        "object": "balance",
        "available": [_amount(code, sheet["available"].get(code, 0)) for code in codes],
        "livemode": False,
        "pending": [_amount(code, pending.get(code, 0)) for code in codes],
    }
    if not engine.account:
        told["connect_reserved"] = [{"amount": 0, "currency": code} for code in codes]
    return told


def _home(engine: Engine) -> str:
    account = engine.store.find(engine.account) if engine.account else None
    return str(account["default_currency"]) if account else "usd"


def _amount(code: str, amount: int) -> Obj:
    return {"amount": amount, "currency": code, "source_types": {"card": amount}}


def retrieve(engine: Engine, name: str, _: Params) -> Obj:
    return _current(engine, engine.get("balance_transaction", name))


def list_all(engine: Engine, params: Params) -> Obj:
    url = "/v1/balance_transactions"
    page = listing(
        engine,
        "balance_transaction",
        params,
        url,
        source=params.get("source"),
        type=params.get("type"),
        currency=params.get("currency"),
        _payout=params.get("payout"),
    )
    for entry in page["data"]:
        _current(engine, entry)
    return page


def _current(engine: Engine, entry: Obj) -> Obj:
    """Pending until its day has come; written down as it was made."""
    if entry["available_on"] <= engine.now():
        entry["status"] = "available"
    return entry
