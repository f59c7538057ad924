"""A small table that stands for Stripe Tax: docs.stripe.com/tax. Rates are what consumers pay, in percent."""

from __future__ import annotations

from directfanz.local.simulators.stripe.engine.core import PLATFORM, Engine, Params
from directfanz.local.simulators.stripe.engine.lists import listing
from directfanz.local.simulators.stripe.engine.periods import percent, share
from directfanz.local.simulators.stripe.store import Obj

RATES: dict[str, tuple[str, float]] = {
    "AT": ("VAT", 20), "AU": ("GST", 10), "BE": ("VAT", 21), "CA": ("GST", 5), "CH": ("VAT", 8.1), "CZ": ("VAT", 21),
    "DE": ("VAT", 19), "DK": ("VAT", 25), "ES": ("VAT", 21), "FI": ("VAT", 25.5), "FR": ("VAT", 20), "GB": ("VAT", 20),
    "GR": ("VAT", 24), "HU": ("VAT", 27), "IE": ("VAT", 23), "IT": ("VAT", 22), "JP": ("JCT", 10), "LU": ("VAT", 17),
    "NL": ("VAT", 21), "NO": ("VAT", 25), "NZ": ("GST", 15), "PL": ("VAT", 23), "PT": ("VAT", 23), "SE": ("VAT", 25),
    "SG": ("GST", 9),
}  # fmt: skip
STATES: dict[str, float] = {"NY": 8.875, "TX": 8.25, "WA": 10.25, "PA": 6}  # of the US; others do not tax this


def rate_of(engine: Engine, address: Obj | None) -> Obj | None:
    """None where nothing is collected."""
    country, state = (address or {}).get("country"), (address or {}).get("state")
    if country == "US" and state in STATES:
        return _rate(engine, country, state, "Sales Tax", "sales_tax", STATES[state])
    if country in RATES:
        name, percentage = RATES[country]
        return _rate(engine, country, None, name, name.lower(), percentage)
    return None


def _rate(engine: Engine, country: str, state: str | None, name: str, kind: str, percentage: float) -> Obj:
    key = f"txr_{country}{state or ''}".lower()
    found = engine.store.find(key)
    if found:
        return found
    fields = {
        "active": True,
        "country": country,
        "description": None,
        "display_name": name,
        "effective_percentage": percentage,
        "flat_amount": None,
        "inclusive": False,
        "jurisdiction": country,
        "jurisdiction_level": "state" if state else "country",
        "metadata": {},
        "percentage": percentage,
        "rate_type": "percentage",
        "state": state,
        "tax_type": kind,
    }
    with engine.books(PLATFORM):
        return engine.make("txr", "tax_rate", fields, name=key)


def on_line(engine: Engine, address: Obj | None, exempt: str | None, taxable: int, behavior: str) -> Obj:
    """One entry of a line's `taxes`."""
    rate = rate_of(engine, address)
    inclusive = behavior == "inclusive"
    told: Obj = {
        "amount": 0,
        "tax_behavior": "inclusive" if inclusive else "exclusive",
        "tax_rate_details": {"tax_rate": rate["id"]} if rate else None,
        "taxability_reason": "standard_rated" if rate else "not_collecting",
        "taxable_amount": taxable if rate else 0,
        "type": "tax_rate_details",
    }
    if rate is None:
        return told
    if exempt in ("exempt", "reverse"):
        return told | {"taxability_reason": "customer_exempt" if exempt == "exempt" else "reverse_charge"}
    if inclusive:
        points = round(rate["percentage"] * 10_000)
        amount = share(taxable, points, 1_000_000 + points)
        return told | {"amount": amount, "taxable_amount": taxable - amount}
    return told | {"amount": percent(taxable, rate["percentage"])}


def known(address: Obj | None) -> bool:
    return bool(address and address.get("country"))


def retrieve_rate(engine: Engine, name: str, _: Params) -> Obj:
    with engine.books(PLATFORM):
        return engine.get("tax_rate", name)


def list_rates(engine: Engine, params: Params) -> Obj:
    with engine.books(PLATFORM):
        return listing(engine, "tax_rate", params, "/v1/tax_rates", active=params.get("active"))
