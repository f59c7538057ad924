"""Where a creator can be paid, and in what."""

from __future__ import annotations

from directfanz.errors import InvalidInput

# Countries in which the billing provider pays people out, with their own currency first proposed.
COUNTRIES: dict[str, tuple[str, str]] = {
    "AT": ("Austria", "EUR"), "AU": ("Australia", "AUD"), "BE": ("Belgium", "EUR"), "BG": ("Bulgaria", "EUR"),
    "CA": ("Canada", "CAD"), "CH": ("Switzerland", "CHF"), "CY": ("Cyprus", "EUR"), "CZ": ("Czechia", "CZK"),
    "DE": ("Germany", "EUR"), "DK": ("Denmark", "DKK"), "EE": ("Estonia", "EUR"), "ES": ("Spain", "EUR"),
    "FI": ("Finland", "EUR"), "FR": ("France", "EUR"), "GB": ("United Kingdom", "GBP"), "GR": ("Greece", "EUR"),
    "HR": ("Croatia", "EUR"), "HU": ("Hungary", "EUR"), "IE": ("Ireland", "EUR"), "IT": ("Italy", "EUR"),
    "JP": ("Japan", "JPY"), "LT": ("Lithuania", "EUR"), "LU": ("Luxembourg", "EUR"), "LV": ("Latvia", "EUR"),
    "MT": ("Malta", "EUR"), "NL": ("Netherlands", "EUR"), "NO": ("Norway", "NOK"), "NZ": ("New Zealand", "NZD"),
    "PL": ("Poland", "PLN"), "PT": ("Portugal", "EUR"), "RO": ("Romania", "EUR"), "SE": ("Sweden", "SEK"),
    "SG": ("Singapore", "SGD"), "SI": ("Slovenia", "EUR"), "SK": ("Slovakia", "EUR"), "US": ("United States", "USD"),
}  # fmt: skip
CURRENCIES: dict[str, str] = {
    "EUR": "Euro", "USD": "US dollar", "GBP": "Pound sterling", "CHF": "Swiss franc", "AUD": "Australian dollar",
    "CAD": "Canadian dollar", "CZK": "Czech koruna", "DKK": "Danish krone", "JPY": "Yen", "NOK": "Norwegian krone",
    "NZD": "New Zealand dollar", "PLN": "Zloty", "SEK": "Swedish krona", "SGD": "Singapore dollar",
}  # fmt: skip


def checked_country(code: str) -> str:
    if code not in COUNTRIES:
        raise InvalidInput.in_field("country", "We cannot pay out there yet.", "Choose one of the list.")
    return code


def checked_currency(code: str) -> str:
    if code not in CURRENCIES:
        raise InvalidInput.in_field("currency", "We do not take this currency yet.", "Choose one of the list.")
    return code
