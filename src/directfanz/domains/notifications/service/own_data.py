"""What this domain knows of a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.notifications import repository

TABLES = frozenset({"notifications", "notification_positions", "notification_preferences"})


async def tell(reader: Reader, user_id: UUID) -> Mapping[str, list[Mapping[str, Any]]]:
    told = await repository.all_of(reader, user_id)
    chosen = await repository.chosen(reader, user_id)
    return {
        "What you were told": [
            {"at": each.created_at, "title": each.title, "text": each.text, "read_at": each.read_at} for each in told
        ],
        "What you chose": [
            {"kind": kind, "channel": channel, "wanted": wanted} for (kind, channel), wanted in chosen.items()
        ],
    }


async def erase(backends: Backends, tx: Writer, user_id: UUID) -> None:
    await repository.remove_all(tx, user_id)
