"""Who can sign in here: the cast, and anybody else by an address."""

from __future__ import annotations

import hashlib

import msgspec

from directfanz.errors import InvalidInput

MAX_ADDRESS = 254


class Person(msgspec.Struct, frozen=True):
    """`subject` stays the same whatever happens to the address."""

    subject: str
    name: str
    email: str
    about: str = ""


CAST = (
    Person("ada-7f3a", "Ada Marsh", "ada@example.com", "creates"),
    Person("ben-19c4", "Ben Okafor", "ben@example.com", "subscribes"),
    Person("cy-52d0", "Cy Lindt", "cy@example.com", "is a stranger"),
    Person("olu-e81b", "Olu Adeyemi", "olu@example.com", "operates"),
)
_BY_SUBJECT = {person.subject: person for person in CAST}


def chosen(subject: str, address: str) -> Person:
    """One of the cast by subject, or whoever says to have this address."""
    if subject in _BY_SUBJECT:
        return _BY_SUBJECT[subject]
    return somebody(address)


def somebody(address: str) -> Person:
    address = address.strip()
    local, _, domain = address.rpartition("@")
    if not local or not domain or len(address) > MAX_ADDRESS or not address.isprintable() or " " in address:
        raise InvalidInput.in_field(
            "email", f"{address[:60]!r} is not a mail address.", "Type one like fay@example.com."
        )
    subject = hashlib.sha256(address.casefold().encode()).hexdigest()[:24]
    return Person(subject, local.replace(".", " ").title(), address)
