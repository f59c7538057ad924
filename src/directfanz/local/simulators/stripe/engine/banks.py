"""Bank accounts that payouts go to, and the test numbers that fail: docs.stripe.com/connect/testing#account-numbers."""

from __future__ import annotations

import hashlib

from directfanz.local.simulators.stripe.engine.core import HIDDEN, PLATFORM, Engine, Params
from directfanz.local.simulators.stripe.engine.errors import Refusal, absent, invalid, missing
from directfanz.local.simulators.stripe.engine.fields import metadata
from directfanz.local.simulators.stripe.store import Obj

FAILURES = {
    "000111111116": (
        "no_account",
        "The bank account details on file are probably incorrect. No bank account could be located.",
    ),
    "000111111113": ("account_closed", "The bank account has been closed."),
    "000222222227": ("insufficient_funds", "Your Stripe account has insufficient funds to cover the payout."),
    "000333333335": ("debit_not_authorized", "Debit transactions are not approved on your bank account."),
    "000444444440": ("invalid_currency", "The bank was unable to process this payout because of its currency."),
}
GOOD = "000123456789"
ROUTING = "110000000"
TOKENS = {"btok_us": GOOD, "btok_us_verified": GOOD, "btok_us_noAccount": "000111111116"}
TOKENS |= {"btok_us_accountClosed": "000111111113", "btok_us_insufficientFunds": "000222222227"}


def add(engine: Engine, account: Obj, given: Params | str) -> Obj:
    """Told with the account; kept once more by its id, because payouts name it."""
    bank = engine.make("ba", "bank_account", _fields(account, given))
    bank[HIDDEN] |= {"number": _number(given), "owner": account["id"]}
    del bank["livemode"], bank["created"]
    engine.store.save(bank)
    accounts = account["external_accounts"]["data"]
    for other in accounts:
        other["default_for_currency"] = other["currency"] != bank["currency"]
    accounts.insert(0, engine.snapshot(bank))
    account["external_accounts"]["total_count"] = len(accounts)
    engine.store.save(account)
    engine.emit("account.external_account.created", bank, account=account["id"])
    return bank


def _number(given: Params | str) -> str:
    if isinstance(given, str):
        if given not in TOKENS:
            raise missing("token", given, "external_account")
        return TOKENS[given]
    number = str(given.get("account_number") or "")
    if not number:
        raise absent("external_account[account_number]")
    if not 6 <= len(number) <= 34 or not number.isalnum():
        raise invalid(
            "external_account[account_number]",
            "You must use a test bank account number in test mode.",
            "account_number_invalid",
        )
    return number


def _fields(account: Obj, given: Params | str) -> Obj:
    told = {} if isinstance(given, str) else given
    number = _number(given)
    return {
        "account": account["id"],
        "account_holder_name": told.get("account_holder_name"),
        "account_holder_type": told.get("account_holder_type"),
        "account_type": None,
        "available_payout_methods": ["standard"],
        "bank_name": "STRIPE TEST BANK",
        "country": told.get("country") or account["country"],
        "currency": (told.get("currency") or account["default_currency"]).lower(),
        "default_for_currency": True,
        "fingerprint": hashlib.sha256(number.encode()).hexdigest()[:16],
        "last4": number[-4:],
        "metadata": metadata(None, told.get("metadata")),
        "routing_number": told.get("routing_number") or ROUTING,
        "status": "new",
    }


def default_for(engine: Engine, account: Obj, code: str) -> Obj:
    for bank in account["external_accounts"]["data"]:
        if bank["currency"] == code and bank["default_for_currency"]:
            with engine.books(PLATFORM):
                return engine.get("bank_account", bank["id"])
    raise Refusal(
        f"Sorry, you don't have any external accounts in that currency ({code}).",
        code="bank_account_unusable",
        param="currency",
    )


def failure_of(bank: Obj) -> tuple[str, str] | None:
    return FAILURES.get(bank[HIDDEN]["number"])


def mark_errored(engine: Engine, account: Obj, bank: Obj) -> None:
    with engine.books(PLATFORM):
        kept = engine.get("bank_account", bank["id"])
        kept["status"] = "errored"
        engine.store.save(kept)
        for one in account["external_accounts"]["data"]:
            if one["id"] == bank["id"]:
                one["status"] = "errored"
        engine.store.save(account)
        engine.emit("account.external_account.updated", kept, {"status": "new"}, account=account["id"])
