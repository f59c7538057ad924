"""Money in integer minor units with its currency. No floats, no cent lost, none invented."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

# Currencies whose smallest unit is not a hundredth (ISO 4217); all others have two decimals.
_NONE = ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF")
_THREE = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
DECIMALS = dict.fromkeys(_NONE, 0) | dict.fromkeys(_THREE, 3)
BASIS_POINTS = 10_000
# What PostgreSQL's bigint holds; an amount outside it is a mistake, not wealth.
MAX_MINOR = 2**63 - 1
_AMOUNT = re.compile(r"(-?)([0-9]{1,19})(?:\.([0-9]{1,3}))?")


class Money(Struct, frozen=True):
    minor: int
    currency: str

    def __add__(self, other: Money) -> Money:
        return money(self.minor + other.minor, self._same(other))

    def __sub__(self, other: Money) -> Money:
        return money(self.minor - other.minor, self._same(other))

    def __mul__(self, times: int) -> Money:
        return money(self.minor * times, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self._same(other) == self.currency and self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        return self._same(other) == self.currency and self.minor <= other.minor

    def __gt__(self, other: Money) -> bool:
        return other < self

    def __ge__(self, other: Money) -> bool:
        return other <= self

    def _same(self, other: Money) -> str:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not mix")
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
    found, places = _AMOUNT.fullmatch(text.strip()), decimals(currency)
    if found is None or len(found[3] or "") > places:
        raise ValueError(f"{text[:40]!r} is not an amount of {currency}")
    minor = int(found[2] + (found[3] or "").ljust(places, "0"))
    return money(-minor if found[1] else minor, currency)


def plain(amount: Money) -> str:
    """`12.34`: what `parse` reads back."""
    places = decimals(amount.currency)
    digits = str(abs(amount.minor)).rjust(places + 1, "0")
    whole, rest = (digits[:-places], "." + digits[-places:]) if places else (digits, "")
    return ("-" if amount.minor < 0 else "") + whole + rest


_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}


def spoken(amount: Money, exact: bool = False) -> str:
    """`€5`, `€1,234.50`, `CHF 12`: for people. `exact` shows the decimals of whole amounts too, as a statement does."""
    whole, dot, rest = plain(amount).removeprefix("-").partition(".")
    shown = f"{int(whole):,}" + (dot + rest if exact or rest.strip("0") else "")
    sign = _SIGNS.get(amount.currency)
    minus = "\N{MINUS SIGN}" if amount.minor < 0 else ""
    return f"{minus}{sign}{shown}" if sign else f"{minus}{amount.currency}\N{NO-BREAK SPACE}{shown}"


def split(amount: Money, weights: Sequence[int]) -> list[Money]:
    """Parts in proportion to the weights, adding up to the amount exactly.

    Largest remainder: whoever was cut most gets the next minor unit, the earlier one on a tie.
    """
    total = sum(weights)
    if not all(isinstance(weight, int) and weight >= 0 for weight in weights) or total == 0:
        raise ValueError("a split needs whole weights of zero or more, at least one above zero")
    sign, minor = (-1, -amount.minor) if amount.minor < 0 else (1, amount.minor)
    shares = [divmod(minor * weight, total) for weight in weights]
    left = minor - sum(whole for whole, _ in shares)
    lucky = set(sorted(range(len(shares)), key=lambda i: (-shares[i][1], i))[:left])
    return [Money(sign * (whole + (i in lucky)), amount.currency) for i, (whole, _) in enumerate(shares)]


def fee(amount: Money, basis_points: int) -> Money:
    """The fee on an amount, half a minor unit rounding away from zero; never more than the amount."""
    if not 0 <= basis_points <= BASIS_POINTS:
        raise ValueError("a fee is between 0 and 10,000 basis points")
    if amount.minor < 0:
        return -fee(-amount, basis_points)
    return Money((amount.minor * basis_points + BASIS_POINTS // 2) // BASIS_POINTS, amount.currency)
