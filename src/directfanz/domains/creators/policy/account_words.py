"""What the billing provider still asks for, in words for the person who has to bring it."""

from __future__ import annotations

from collections.abc import Iterable

# By how the provider's words end or begin; the first that fits is told.
_WORDS = (
    ("external_account", "your bank account"),
    ("tos_acceptance", "your consent to the provider's terms"),
    ("verification.additional_document", "a second document that shows your address"),
    ("verification.document", "a picture of your identity document"),
    ("verification", "proof of who you are"),
    ("dob", "your date of birth"),
    ("address", "your address"),
    ("id_number", "your tax or identity number"),
    ("ssn_last_4", "the last four digits of your social security number"),
    ("first_name", "your name"),
    ("last_name", "your name"),
    ("email", "your e-mail address"),
    ("phone", "your phone number"),
    ("business_profile", "what you do, in a few words"),
    ("business_type", "whether you are a person or a company"),
    ("tax_id", "your company's tax number"),
    ("owners", "who owns your company"),
    ("directors", "who directs your company"),
    ("representative", "who speaks for your company"),
    ("person", "who speaks for your company"),
)


def in_words(missing: Iterable[str]) -> list[str]:
    """Each once, in the order of the provider; what we do not know is named as it came."""
    told = dict.fromkeys(_told(each) for each in missing)
    return list(told)


def _told(wanted: str) -> str:
    return next((words for mark, words in _WORDS if mark in wanted), wanted.replace("_", " ").replace(".", ": "))
