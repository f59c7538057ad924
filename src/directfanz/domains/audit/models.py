from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    position: int
    at: datetime
    actor: UUID | None  # None: the platform itself
    action: str  # "domain.what_happened"
    target: UUID | None
    request_id: str | None
    facts: dict[str, str | int | bool | None]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    action: str | None = None  # its beginning is enough
    subject: UUID | None = None  # who did it or to whom


class Seal(msgspec.Struct, frozen=True):
    """The end of the chain at some moment: kept elsewhere, it shows whether the whole chain was written anew."""

    position: int
    hash: str


class Checked(msgspec.Struct, frozen=True):
    entries: int
    broken_at: int | None
    end: Seal | None

    @property
    def whole(self) -> bool:
        return self.broken_at is None
