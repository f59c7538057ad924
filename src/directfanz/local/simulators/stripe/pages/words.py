"""Amounts and days as pages show them, and what a page is told about a test card."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from directfanz.local.simulators.stripe.engine.lines import money
from directfanz.local.simulators.stripe.engine.periods import shown_day as day


class CardChoice(msgspec.Struct, frozen=True):
    number: str
    about: str


CHOICES = (
    CardChoice("4242 4242 4242 4242", "works"),
    CardChoice("4000 0027 6000 3184", "asks for 3-D Secure"),
    CardChoice("4000 0000 0000 9995", "has no money left"),
    CardChoice("4000 0000 0000 0002", "is declined"),
    CardChoice("4000 0000 0000 0069", "has expired"),
    CardChoice("4000 0000 0000 0341", "is put on file, then declined"),
    CardChoice("4000 0000 0000 0259", "works, then is disputed"),
    CardChoice("4000 0000 0000 0077", "works, and the money is there at once"),
)
COUNTRIES = {
    "AT": "Austria", "AU": "Australia", "BE": "Belgium", "BR": "Brazil", "CA": "Canada", "CH": "Switzerland",
    "CZ": "Czechia", "DE": "Germany", "DK": "Denmark", "ES": "Spain", "FI": "Finland", "FR": "France",
    "GB": "United Kingdom", "GR": "Greece", "HU": "Hungary", "IE": "Ireland", "IN": "India", "IT": "Italy",
    "JP": "Japan", "LU": "Luxembourg", "MX": "Mexico", "NL": "Netherlands", "NO": "Norway", "NZ": "New Zealand",
    "PL": "Poland", "PT": "Portugal", "SE": "Sweden", "SG": "Singapore", "US": "United States",
}  # fmt: skip


def origin(url: str | None) -> str:
    """What the page's policy has to let a form lead to."""
    parts = urlsplit(url or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def every(recurring: dict[str, object] | None) -> str:
    if not recurring:
        return ""
    count, interval = recurring["interval_count"], recurring["interval"]
    return f"billed every {interval}" if count == 1 else f"billed every {count} {interval}s"


__all__ = ["CHOICES", "COUNTRIES", "CardChoice", "day", "every", "money", "origin"]
