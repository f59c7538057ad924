"""Who lives in a fresh installation on one machine. Their password is printed at every start; no other machine knows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from directfanz.http.caller import Role

PASSWORD = "only-on-this-machine"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    handle: str
    role: Role
    about: str

    @property
    def email(self) -> str:
        return f"{self.name.lower()}@example.com"


PEOPLE = (
    Person("Ada", "ada", "creator", "creates"),
    Person("Ben", "ben", "fan", "subscribes"),
    Person("Cy", "just_cy", "fan", "is a stranger"),
    Person("Olu", "olu", "admin", "operates"),
)
