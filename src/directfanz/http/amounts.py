"""Amounts as people type them into forms."""

from __future__ import annotations

from directfanz.errors import InvalidInput
from directfanz.kit.money import Money, parse

SIGNS = str.maketrans("", "", "€$£¥")


def amount_typed(text: str, currency: str, field: str = "amount") -> Money:
    """`4.50`, `4,50`, `€ 4.50` or `4.50 EUR`."""
    bare = text.translate(SIGNS).replace(currency, "").replace(",", ".").strip()
    try:
        return parse(bare, currency)
    except ValueError:
        raise InvalidInput.in_field(field, "This is not an amount.", "Type it as 5 or 7.50.") from None
