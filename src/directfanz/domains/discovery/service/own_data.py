"""What this domain knows of a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.discovery.repository import feeds, podcasts, wishes

TABLES = frozenset({"feed_wishes", "member_feeds", "podcasts"})


async def tell(reader: Reader, user_id: UUID) -> Mapping[str, list[Mapping[str, Any]]]:
    wished = await wishes.of_user(reader, user_id)
    kept = await feeds.of_user(reader, user_id)
    told = await podcasts.told_by(reader, user_id)
    return {
        "Pages you want less of": [{"page": page, "wish": wish} for page, wish in wished.items()],
        "Podcast feeds of yours": [{"page": each.creator_id, "since": each.created_at} for each in kept],
        "Addresses you gave for podcasts": [{"page": page, "email": email} for page, email in told if email],
    }


async def erase(backends: Backends, tx: Writer, user_id: UUID) -> None:
    await wishes.remove_all(tx, user_id)
    await feeds.remove_all(tx, user_id)
    await podcasts.forget_person(tx, user_id)
