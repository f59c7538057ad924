"""Small things that many resources have: metadata, addresses, optional fields."""

from __future__ import annotations

from typing import Any

from directfanz.local.simulators.stripe.engine.core import Params
from directfanz.local.simulators.stripe.engine.errors import Refusal, invalid
from directfanz.local.simulators.stripe.store import Obj

ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")
MAX_METADATA_KEYS = 50
MAX_METADATA_KEY = 40
MAX_METADATA_VALUE = 500
# docs.stripe.com/currencies: charged as they are, without cents.
ZERO_DECIMAL = frozenset(
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"]
)
CURRENCIES = ZERO_DECIMAL | frozenset(
    [
        "usd",
        "aed",
        "ars",
        "aud",
        "bgn",
        "brl",
        "cad",
        "chf",
        "cny",
        "cop",
        "czk",
        "dkk",
        "eur",
        "gbp",
        "hkd",
        "huf",
        "idr",
        "ils",
        "inr",
        "isk",
        "kes",
        "mad",
        "mxn",
        "myr",
        "ngn",
        "nok",
        "nzd",
        "pen",
        "php",
        "pln",
        "qar",
        "ron",
        "sar",
        "sek",
        "sgd",
        "thb",
        "try",
        "twd",
        "uah",
        "uyu",
        "zar",
    ]
)


def metadata(old: dict[str, str] | None, given: Any) -> dict[str, str]:
    """Keys given as empty are taken away; all of them if metadata itself is empty."""
    if given is None:
        return dict(old or {})
    merged = {**(old or {}), **given} if isinstance(given, dict) else {}
    merged = {name: str(value) for name, value in merged.items() if value != ""}
    if len(merged) > MAX_METADATA_KEYS:
        raise invalid("metadata", f"Metadata can have at most {MAX_METADATA_KEYS} keys.")
    for name, value in merged.items():
        if len(name) > MAX_METADATA_KEY or len(value) > MAX_METADATA_VALUE:
            raise invalid(f"metadata[{name}]", "Metadata keys can be 40 characters long and values 500.")
    return merged


def address(given: Any) -> Obj | None:
    return {name: given.get(name) or None for name in ADDRESS} if given else None


def blank(value: Any) -> Any:
    """An empty string takes a value away."""
    return None if value == "" else value


def take(obj: Obj, params: Params, *names: str) -> None:
    """Those that are given replace what is there."""
    for name in names:
        if name in params:
            obj[name] = blank(params[name])


def nothing(*names: str) -> Obj:
    return dict.fromkeys(names)


def currency(params: Params) -> str:
    given = str(params["currency"]).lower()
    if given not in CURRENCIES:
        raise invalid("currency", f"Invalid currency: {given[:10]}. Stripe currently supports: usd, eur, gbp, ...")
    return given


def positive(params: Params, name: str = "amount") -> int:
    amount: int = params[name]
    if amount < 1:
        raise invalid(name, "This value must be greater than or equal to 1.", "parameter_invalid_integer")
    if amount > 99_999_999:
        raise Refusal("Amount must be no more than $999,999.99", code="amount_too_large", param=name)
    return amount


# docs.stripe.com/currencies#minimum-and-maximum-charge-amounts, in the smallest unit.
MINIMUM = {"usd": 50, "eur": 50, "gbp": 30, "aud": 50, "cad": 50, "chf": 50, "nzd": 50, "sgd": 50, "brl": 50}
MINIMUM |= {"dkk": 250, "nok": 300, "sek": 300, "hkd": 400, "jpy": 50, "mxn": 1000, "pln": 200, "czk": 1500}


def minimum_charge(code: str) -> int:
    return MINIMUM.get(code, 1)


def require_chargeable(amount: int, code: str) -> None:
    least = minimum_charge(code)
    if amount < least:
        raise Refusal(
            f"The Checkout Session's or PaymentIntent's total amount must be at least {least} {code}; it is {amount}.",
            code="amount_too_small",
            param="amount",
        )


def anchor_moves(params: Params, otherwise: str = "unchanged") -> bool:
    """`billing_cycle_anchor[type]=now`: whether the cycle begins anew with the change."""
    return bool((params.get("billing_cycle_anchor") or {"type": otherwise})["type"] == "now")
