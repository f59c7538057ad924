"""Names and other words that people show to each other."""

from __future__ import annotations

import unicodedata
from functools import cache
from zoneinfo import available_timezones

from directfanz.errors import InvalidInput

LONGEST_NAME = 50
LONGEST_BIO = 500
LOCALES = ("en", "de", "es", "fr", "it", "ja", "nl", "pl", "pt")
# What turns the reading direction round or is invisible: with it one name can look like another.
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"  # letters of some scripts and many emoji need them


def checked_name(text: str, field: str = "display_name") -> str:
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name or not any(each.isalnum() for each in name):
        raise InvalidInput.in_field(field, "A name holds at least one letter or digit.")
    if len(name) > LONGEST_NAME:
        raise InvalidInput.in_field(field, f"A name has at most {LONGEST_NAME} characters.")
    _refuse_invisible(name, field, "")
    return name


def checked_bio(text: str) -> str:
    bio = unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()
    if len(bio) > LONGEST_BIO:
        raise InvalidInput.in_field("bio", f"This has at most {LONGEST_BIO} characters.")
    _refuse_invisible(bio, "bio", "\n")
    return bio


def checked_label(text: str, field: str = "name", longest: int = 60) -> str:
    """What somebody calls a passkey or a token."""
    label = " ".join(text.split())
    if not 1 <= len(label) <= longest:
        raise InvalidInput.in_field(field, f"A name has 1 to {longest} characters.")
    _refuse_invisible(label, field, "")
    return label


@cache
def timezones() -> frozenset[str]:
    return frozenset(available_timezones())


def checked_timezone(text: str) -> str:
    if text not in timezones():
        raise InvalidInput.in_field("timezone", "There is no such time zone.", "Use a name such as Europe/Berlin.")
    return text


def checked_locale(text: str) -> str:
    if text not in LOCALES:
        raise InvalidInput.in_field("locale", "We do not speak this language yet.", f"Use one of {', '.join(LOCALES)}.")
    return text


def _refuse_invisible(text: str, field: str, allowed: str) -> None:
    for each in text:
        if unicodedata.category(each) in _INVISIBLE and each not in _JOINERS + allowed:
            raise InvalidInput.in_field(
                field, f"This holds an invisible character (U+{ord(each):04X}).", "Leave it out."
            )
