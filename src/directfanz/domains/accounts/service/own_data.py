"""What this domain knows of a person, for their export; and how it forgets them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.accounts.models import AVATAR_SIZES, avatar_key
from directfanz.domains.accounts.repository import (
    access_tokens,
    email_requests,
    identities,
    passkeys,
    sessions,
    users,
)
from directfanz.domains.accounts.service import closing

TABLES = frozenset({
    "users", "past_handles", "passwords", "sessions", "email_requests", "totp", "recovery_codes", "passkeys",
    "identities", "access_tokens",
})  # fmt: skip


async def tell(reader: Reader, user_id: UUID) -> Mapping[str, list[Mapping[str, Any]]]:
    """No secrets: of a password or a key we hold nothing that its owner could use."""
    user = await users.find_user(reader, user_id)
    return {
        "Profile": _plain([user] if user else []),
        "Handles you had": [{"handle": each} for each in await users.past_handles_of(reader, user_id)],
        "Browsers that were signed in": _plain(await sessions.all_of(reader, user_id)),
        "Passkeys": _plain(await passkeys.list_passkeys(reader, user_id)),
        "Sign-in with other providers": _plain(await identities.list_identities(reader, user_id)),
        "Access tokens": _plain(await access_tokens.all_of(reader, user_id)),
        "Mails that were asked for": _plain(await email_requests.all_of(reader, user_id)),
    }


async def files(reader: Reader, user_id: UUID) -> list[tuple[str, str, str]]:
    """(name, bucket, key)"""
    user = await users.find_user(reader, user_id)
    if user is None or user.avatar is None:
        return []
    return [("avatar.webp", "public", avatar_key(user.avatar, AVATAR_SIZES[0]))]


async def erase(backends: Backends, tx: Writer, user_id: UUID) -> None:
    await closing.erase(backends, tx, user_id)


def _plain(records: Sequence[msgspec.Struct]) -> list[Mapping[str, Any]]:
    return [msgspec.structs.asdict(record) for record in records]
