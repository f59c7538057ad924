"""Money in integer minor units with its currency. No floats, no cent lost, none invented."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

# Currencies whose smallest unit is not a hundredth (ISO 4217); all others have two decimals.
DECIMALS = {"BHD": 3, "CLP": 0, "ISK": 0, "JPY": 0, "JOD": 3, "KRW": 0, "KWD": 3, "OMR": 3, "TND": 3, "VND": 0}
BASIS_POINTS = 10_000
# What PostgreSQL's bigint holds; an amount outside it is a mistake, not wealth.
MAX_MINOR = 2**63 - 1


class Money(NamedTuple):
    minor: int
    currency: str

    def __add__(self, other: object) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        return money(self.minor + other.minor, self._same(other))

    def __sub__(self, other: Money) -> Money:
        return money(self.minor - other.minor, self._same(other))

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def _same(self, other: Money) -> str:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")
        return self.currency


def money(minor: int, currency: str) -> Money:
    if isinstance(minor, bool) or not isinstance(minor, int):
        raise ValueError(f"money is counted in whole minor units, not {minor!r}")
    if abs(minor) > MAX_MINOR:
        raise ValueError("that is more money than there is")
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha() and currency.isupper()):
        raise ValueError(f"{currency!r} is not a currency code such as EUR")
    return Money(minor, currency)


def decimals(currency: str) -> int:
    return DECIMALS.get(currency, 2)


def parse(text: str, currency: str) -> Money:
    """`12.34`, `EUR` -> 1234. More decimals than the currency has are refused, never rounded."""
    try:
        amount = Decimal(text.strip())
        scaled = amount.scaleb(decimals(currency)) if amount.is_finite() else None
    except InvalidOperation:
        scaled = None
    if scaled is None or scaled.adjusted() > 18 or scaled != scaled.to_integral_value():
        raise ValueError(f"{text!r} is not an amount of {currency}")
    return money(int(scaled), currency)


def plain(amount: Money) -> str:
    """`12.34`: what `parse` reads back."""
    return str(Decimal(amount.minor).scaleb(-decimals(amount.currency)))


def split(amount: Money, weights: Sequence[int]) -> list[Money]:
    """Parts in proportion to the weights, adding up to the amount exactly.

    Largest remainder: whoever was cut most gets the next minor unit, the earlier one on a tie.
    """
    total = sum(weights)
    if not weights or min(weights) < 0 or total == 0:
        raise ValueError("a split needs weights of zero or more, at least one above zero")
    sign, minor = (-1, -amount.minor) if amount.minor < 0 else (1, amount.minor)
    shares = [divmod(minor * weight, total) for weight in weights]
    left = minor - sum(whole for whole, _ in shares)
    lucky = set(sorted(range(len(shares)), key=lambda i: (-shares[i][1], i))[:left])
    return [Money(sign * (whole + (i in lucky)), amount.currency) for i, (whole, _) in enumerate(shares)]


def fee(amount: Money, basis_points: int) -> Money:
    """The fee on an amount, half a minor unit rounding up; never more than the amount."""
    if not 0 <= basis_points <= BASIS_POINTS:
        raise ValueError("a fee is between 0 and 10,000 basis points")
    if amount.minor < 0:
        return -fee(-amount, basis_points)
    return Money((amount.minor * basis_points + BASIS_POINTS // 2) // BASIS_POINTS, amount.currency)
