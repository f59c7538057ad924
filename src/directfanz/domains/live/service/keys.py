"""The secrets that encoders show: one per stream, kept as a hash, shown once."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Writer
from directfanz.domains.live.models import KEY_PREFIX, Key, NewKey
from directfanz.domains.live.repository import publishers
from directfanz.kit.ids import new_id, new_token

HINT_LENGTH = 10


def hashed(secret: str) -> bytes:
    """For keys of 256 random bits: nothing slower is needed."""
    return hashlib.sha256(secret.encode()).digest()


async def make(tx: Writer, stream_id: UUID, now: datetime) -> NewKey:
    """The one before opens nothing from now on."""
    secret = KEY_PREFIX + new_token()
    key = Key(id=new_id(), stream_id=stream_id, hint=secret[:HINT_LENGTH], created_at=now, used_at=None)
    await publishers.revoke_keys(tx, stream_id, now)
    await publishers.insert_key(tx, key, hashed(secret))
    return NewKey(key, secret)
