"""What this domain knows of a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.entitlements import repository
from directfanz.domains.entitlements.service import memory

TABLES = frozenset({"entitlements"})
_WHENEVER = datetime(1970, 1, 1, tzinfo=UTC)  # whether a row is live is not told, only from when until when


async def tell(reader: Reader, user_id: UUID) -> Mapping[str, list[Mapping[str, Any]]]:
    return {
        "What is or was open to you": [
            {
                "page": each.creator_id, "by": each.source, "tier": each.tier_name, "object": each.object_id,
                "from": each.starts_at, "until": each.revoked_at or each.ends_at,
            }
            for each in await repository.all_of(reader, user_id, None, _WHENEVER)
        ]
    }  # fmt: skip


async def erase(backends: Backends, tx: Writer, user_id: UUID) -> None:
    creators = await repository.remove_all(tx, user_id)
    await memory.changing(backends, tx, [(user_id, creator_id) for creator_id in creators])
