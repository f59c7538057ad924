"""docs.stripe.com/api/accounts: whom the platform pays, and how they come aboard (docs.stripe.com/connect/express-accounts)."""

from __future__ import annotations

from typing import Any

from directfanz.local.simulators.stripe.engine import banks
from directfanz.local.simulators.stripe.engine.core import HIDDEN, PLATFORM, Engine, Params, new_name
from directfanz.local.simulators.stripe.engine.errors import Refusal, missing
from directfanz.local.simulators.stripe.engine.fields import metadata, nothing
from directfanz.local.simulators.stripe.engine.lists import list_of, listing
from directfanz.local.simulators.stripe.engine.periods import DAY, start_of_day
from directfanz.local.simulators.stripe.store import Obj

LINK_SECONDS = 300
# What an express account still has to tell before it is paid.
WANTED = (
    *["business_type", "business_profile.mcc", "business_profile.url", "external_account", "individual.dob.day"],
    *["individual.email", "individual.first_name", "individual.last_name", "individual.address.line1"],
    *["tos_acceptance.date", "tos_acceptance.ip"],
)
CURRENCY = {"US": "usd", "GB": "gbp", "CA": "cad", "AU": "aud", "NZ": "nzd", "JP": "jpy", "CH": "chf", "SE": "sek"}
CURRENCY |= {"NO": "nok", "DK": "dkk", "PL": "pln", "CZ": "czk", "SG": "sgd", "HK": "hkd", "MX": "mxn", "BR": "brl"}
_REQUIREMENTS = ("currently_due", "eventually_due", "past_due", "pending_verification")


def create(engine: Engine, params: Params) -> Obj:
    country = params.get("country", engine.options.account_country)
    account = engine.make("acct", "account", _fields(params, country), name=new_name("acct")[:21])
    del account["livemode"]
    account["external_accounts"]["url"] = f"/v1/accounts/{account['id']}/external_accounts"
    account["settings"] = _settings(params)
    _fill(engine, account, params)
    if params.get("external_account"):
        banks.add(engine, account, params["external_account"])
    engine.store.save(account)
    engine.emit("account.updated", account, account=account["id"])
    return account


def _fields(params: Params, country: str) -> Obj:
    asked = params.get("capabilities") or {"card_payments": {"requested": True}, "transfers": {"requested": True}}
    controller = params.get("controller") or {}
    dashboard = (controller.get("stripe_dashboard") or {}).get("type", params.get("type", "express"))
    return {
        "business_profile": None,
        "business_type": params.get("business_type"),
        "capabilities": {name: "inactive" for name, told in asked.items() if (told or {}).get("requested")},
        "charges_enabled": False,
        "controller": {
            "fees": {"payer": "application_express"},
            "is_controller": True,
            "losses": {"payments": "application"},
            "requirement_collection": "stripe",
            "stripe_dashboard": {"type": dashboard},
            "type": "application",
        },
        "country": country,
        "default_currency": params.get("default_currency") or CURRENCY.get(country, "eur"),
        "details_submitted": False,
        "email": params.get("email"),
        "external_accounts": {"object": "list", "data": [], "has_more": False, "total_count": 0, "url": ""},
        "future_requirements": _requirements([]),
        "metadata": {},
        "payouts_enabled": False,
        "requirements": _requirements(list(WANTED)),
        "tos_acceptance": nothing("date", "ip", "user_agent") | {"service_agreement": "full"},
        "type": params.get("type", "express" if dashboard == "express" else "none"),
    }


def _requirements(due: list[str]) -> Obj:
    told: Obj = {"alternatives": [], "current_deadline": None, "errors": []}
    told["disabled_reason"] = "requirements.past_due" if due else None
    return told | {name: list(due) if name in _REQUIREMENTS[:3] else [] for name in _REQUIREMENTS}


def _settings(params: Params) -> Obj:
    return {
        "branding": nothing("icon", "logo", "primary_color", "secondary_color"),
        "card_payments": {
            "decline_on": {"avs_failure": False, "cvc_failure": False},
            **nothing(
                "statement_descriptor_prefix", "statement_descriptor_prefix_kana", "statement_descriptor_prefix_kanji"
            ),
        },
        "dashboard": {"display_name": (params.get("business_profile") or {}).get("name"), "timezone": "Etc/UTC"},
        "payments": nothing("statement_descriptor", "statement_descriptor_kana", "statement_descriptor_kanji"),
        "payouts": {
            "debit_negative_balances": True,
            "schedule": {"delay_days": 2, "interval": "daily"},
            "statement_descriptor": None,
        },
    }


_PROFILE = ("annual_revenue", "mcc", "name", "product_description", "support_address", "support_email", "support_phone")


def _fill(engine: Engine, account: Obj, params: Params) -> None:
    account["metadata"] = metadata(account["metadata"], params.get("metadata"))
    for name in ("email", "business_type"):
        if name in params:
            account[name] = params[name] or None
    if "business_profile" in params:
        base = account["business_profile"] or nothing(*_PROFILE, "support_url", "url")
        account["business_profile"] = {**base, **params["business_profile"]}
    schedule = ((params.get("settings") or {}).get("payouts") or {}).get("schedule")
    if schedule:
        account["settings"]["payouts"]["schedule"] |= schedule
    for name, told in (params.get("capabilities") or {}).items():
        if (told or {}).get("requested") and name not in account["capabilities"]:
            account["capabilities"][name] = "active" if account["details_submitted"] else "inactive"


def retrieve(engine: Engine, name: str, _: Params) -> Obj:
    with engine.books(PLATFORM):
        return engine.get("account", name, "account")


def current(engine: Engine, _: Params) -> Obj:
    """Whose key it is: the connected account that is named, or the platform."""
    if engine.account:
        return retrieve(engine, engine.account, {})
    fields = _fields({}, engine.options.account_country)
    fields |= {"charges_enabled": True, "details_submitted": True, "payouts_enabled": True, "type": "standard"}
    fields |= {"requirements": _requirements([]), "settings": _settings({}), "email": "platform@example.com"}
    return {"id": "acct_platform", "object": "account", "created": engine.now(), **fields, HIDDEN: {}}


def update(engine: Engine, name: str, params: Params) -> Obj:
    with engine.books(PLATFORM):
        account = engine.get("account", name, "account")
        before = engine.snapshot(account)
        _fill(engine, account, params)
        if params.get("external_account"):
            banks.add(engine, account, params["external_account"])
        engine.store.save(account)
        if engine.snapshot(account) != before:
            _changed(engine, account, before)
        return account


def _changed(engine: Engine, account: Obj, before: Obj) -> None:
    after = engine.snapshot(account)
    previous = {name: before.get(name) for name, value in after.items() if before.get(name) != value}
    engine.store.save(account)
    engine.emit("account.updated", account, previous, account=account["id"])


def delete(engine: Engine, name: str, _: Params) -> Obj:
    account = engine.get("account", name, "account")
    account[HIDDEN]["deleted"] = True
    engine.store.save(account)
    engine.emit("account.application.deauthorized", account, account=account["id"])
    return account


def list_all(engine: Engine, params: Params) -> Obj:
    return listing(engine, "account", params, "/v1/accounts")


def reject(engine: Engine, name: str, params: Params) -> Obj:
    """Fraud, or terms of service: nothing is charged or paid from then on."""
    account = engine.get("account", name, "account")
    before = engine.snapshot(account)
    account |= {"charges_enabled": False, "payouts_enabled": False}
    account["requirements"]["disabled_reason"] = f"rejected.{params['reason']}"
    _changed(engine, account, before)
    return account


# --- onboarding ----------------------------------------------------------------------------------------------------------


def create_link(engine: Engine, params: Params) -> Obj:
    """Can be opened once, and for five minutes."""
    account = engine.get("account", params["account"], "account")
    for name in ("refresh_url", "return_url"):
        if not params.get(name):
            raise Refusal(f"You must provide a {name}.", code="parameter_missing", param=name)
    now = engine.now()
    token = new_name("alink")
    note = engine.hidden(token)
    note |= {"owner": account["id"], "expires_at": now + LINK_SECONDS, "used": False}
    note |= {name: params[name] for name in ("refresh_url", "return_url", "type")}
    engine.store.save(note)
    url = f"{engine.options.public_url}/connect/onboarding/{token}"
    return {"object": "account_link", "created": now, "expires_at": now + LINK_SECONDS, "url": url}


def create_login_link(engine: Engine, name: str, _: Params) -> Obj:
    account = engine.get("account", name, "account")
    if not account["details_submitted"]:
        raise Refusal("Cannot create a login link for an account that has not completed onboarding.")
    url = f"{engine.options.public_url}/connect/dashboard/{name}"
    return {"object": "login_link", "created": engine.now(), "url": url}


def finish_onboarding(engine: Engine, name: str, told: Params) -> Obj:
    """Everything was told on the hosted page: capabilities become active and the account can be paid."""
    with engine.books(PLATFORM):
        account = engine.get("account", name)
        before = engine.snapshot(account)
        if told.get("account_number"):
            banks.add(
                engine, account, {"account_number": told["account_number"], "account_holder_name": told.get("name")}
            )
        account |= {"details_submitted": True, "charges_enabled": True, "payouts_enabled": True}
        account["requirements"] = _requirements([])
        account["business_type"] = account["business_type"] or "individual"
        account["tos_acceptance"]["date"] = engine.now()
        account["email"] = account["email"] or told.get("email")
        for capability in account["capabilities"]:
            account["capabilities"][capability] = "active"
        _changed(engine, account, before)
        engine.set_timer(account, "account.payout", start_of_day(engine.now()) + DAY)
        engine.store.save(account)
        return account


def demand(engine: Engine, name: str, due: list[str]) -> Obj:
    """Stripe wants to know more, and pays nothing out until it does."""
    with engine.books(PLATFORM):
        account = engine.get("account", name)
        before = engine.snapshot(account)
        account["requirements"] = _requirements(due)
        account["payouts_enabled"] = not due
        _changed(engine, account, before)
        return account


# --- where the money goes ------------------------------------------------------------------------------------------------


def create_bank(engine: Engine, name: str, params: Params) -> Obj:
    return banks.add(engine, engine.get("account", name, "account"), params["external_account"])


def list_banks(engine: Engine, name: str, _: Params) -> Obj:
    account = engine.get("account", name, "account")
    return list_of(account["external_accounts"]["data"], account["external_accounts"]["url"])


def delete_bank(engine: Engine, name: str, bank: str, _: Params) -> Obj:
    account = engine.get("account", name, "account")
    kept: list[Any] = [one for one in account["external_accounts"]["data"] if one["id"] != bank]
    if len(kept) == len(account["external_accounts"]["data"]):
        raise missing("bank_account", bank)
    account["external_accounts"] |= {"data": kept, "total_count": len(kept)}
    engine.store.save(account)
    gone = engine.get("bank_account", bank)
    gone[HIDDEN]["deleted"] = True
    engine.store.save(gone)
    engine.emit("account.external_account.deleted", gone, account=name)
    return gone
