"""What this domain knows of a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.notifications.repository import browsers, choices, outgoing, told

TABLES = frozenset({
    "notifications", "notification_positions", "notification_preferences", "notification_settings",
    "notification_deliveries", "push_subscriptions",
})  # fmt: skip


async def tell(reader: Reader, user_id: UUID) -> Mapping[str, list[Mapping[str, Any]]]:
    news = await told.all_of(reader, user_id)
    chosen = await choices.chosen(reader, user_id)
    rhythm = await choices.rhythm_of(reader, user_id)
    listening = await browsers.of_user(reader, user_id)
    return {
        "What you were told": [
            {"at": each.created_at, "title": each.title, "text": each.text, "read_at": each.read_at} for each in news
        ],
        "What you chose": [
            {"kind": kind, "channel": channel, "wanted": wanted} for (kind, channel), wanted in chosen.items()
        ],
        "When you are told": [msgspec.structs.asdict(rhythm)] if rhythm else [],
        "Browsers that are told": [
            {"device": each.device, "service": urlsplit(each.endpoint).hostname, "since": each.created_at}
            for each in listening
        ],
    }


async def erase(backends: Backends, tx: Writer, user_id: UUID) -> None:
    for table in (outgoing, browsers, choices, told):
        await table.remove_all(tx, user_id)
