"""Keys: UUIDv7, so that newer sorts after older and an index grows at its end."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A key never given before; within one process each is greater than the one before it."""
    return uuid7()


def created_at(key: UUID) -> datetime:
    """The moment a UUIDv7 was made, to the millisecond."""
    if key.version != 7:
        raise ValueError(f"{key} is not a UUIDv7")
    return datetime.fromtimestamp((key.int >> 80) / 1000, tz=UTC)


def first_of(moment: datetime) -> UUID:
    """No key of that moment or later is less."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def new_token(bytes_of_entropy: int = 32) -> str:
    """A secret for a link, a cookie or a key; URL-safe."""
    return secrets.token_urlsafe(bytes_of_entropy)
