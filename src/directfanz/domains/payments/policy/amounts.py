"""Which amounts can be asked for. Whole minor units, in the creator's currency, between the least that a card can carry and the
most that is not a slip."""

from __future__ import annotations

from directfanz.domains.payments.errors import AmountRefused
from directfanz.errors import Detail
from directfanz.kit.money import Money, decimals, plain

# In units of the currency: what providers take at least, and the largest single payment. A currency without decimals counts a hundred.
LEAST_UNITS = 1
MOST_UNITS = 10_000


def least(currency: str) -> Money:
    return Money(_units(LEAST_UNITS, currency), currency)


def most(currency: str) -> Money:
    return Money(_units(MOST_UNITS, currency), currency)


def require_chargeable(amount: Money, currency: str, field: str = "amount") -> None:
    if amount.currency != currency:
        raise _refused(
            field, f"This is paid in {currency}, not in {amount.currency}.", f"Give an amount of {currency}."
        )
    low, high = least(currency), most(currency)
    if not low <= amount <= high:
        between = f"between {plain(low)} and {plain(high)} {currency}"
        raise _refused(field, f"An amount must be {between}.", f"Give an amount {between}.")


def _units(units: int, currency: str) -> int:
    places = decimals(currency)
    return int(units * 10**places) if places else units * 100


def _refused(field: str, problem: str, suggestion: str) -> AmountRefused:
    return AmountRefused(problem, Detail(field, problem, suggestion))
