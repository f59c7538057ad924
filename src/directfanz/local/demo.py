"""The people of a fresh installation on one machine: Ada creates, Ben subscribes, Cy is a stranger, Olu operates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from directfanz.backends import Backends

PASSWORD = "demo-people-only"  # noqa: S105 - printed on every start; exists on one machine only


@dataclass(frozen=True, slots=True)
class Person:
    handle: str
    email: str
    role: str
    about: str


PEOPLE = (
    Person("ada", "ada@example.com", "creator", "creates"),
    Person("ben", "ben@example.com", "fan", "subscribes"),
    Person("cy", "cy@example.com", "fan", "is a stranger"),
    Person("olu", "olu@example.com", "admin", "operates"),
)


async def seed(backends: Backends) -> None:
    """With verified addresses, so that they can sign in at once."""
