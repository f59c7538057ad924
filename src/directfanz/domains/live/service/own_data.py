"""What this domain knows of a person, for their export; and how it forgets them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.creators.service import lookup
from directfanz.domains.live.repository import after, streams, viewers

TABLES = frozenset(
    {"streams", "stream_viewers", "stream_reminders", "stream_markers", "clips", "stream_hosts", "stream_raids"}
)


async def tell(reader: Reader, user_id: UUID) -> Mapping[str, list[Mapping[str, Any]]]:
    return {
        "Streams you made": [msgspec.structs.asdict(each) for each in await streams.written_by(reader, user_id)],
        "Streams you watched": [
            {"stream": stream_id, "from": at, "seconds": seconds}
            for stream_id, at, seconds in await viewers.of_person(reader, user_id)
        ],
        "Clips you cut": [
            {"stream": each.stream_id, "title": each.title, "at": each.created_at}
            for each in await after.clips_by(reader, user_id)
        ],
    }


async def erase(backends: Backends, tx: Writer, user_id: UUID) -> None:
    """The streams of their own pages go; what they made for others stays there without their name."""
    for creator, role in await lookup.of_user(tx, user_id):
        if role == "owner":
            await streams.remove_all_of(tx, creator.id)
    await streams.forget_author(tx, user_id)
    await viewers.forget(tx, user_id)
    await after.forget_maker(tx, user_id)
