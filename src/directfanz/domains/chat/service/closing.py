"""The end of a room: what is open in it ends with it."""

from __future__ import annotations

from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.chat.repository import rooms
from directfanz.domains.chat.service import polling
from directfanz.domains.chat.service.telling import append, publish_later


async def close_room(backends: Backends, tx: Writer, room_id: UUID) -> None:
    """From this commit on only moderators and the server add anything; a poll ends and says its sum. Asked twice, it is closed once."""
    if await rooms.move(tx, room_id, "open", "closed", backends.clock.now()):
        await polling.close_with_room(backends, tx, room_id)
        await append(backends, tx, room_id, "closed")
        await publish_later(backends, tx, room_id)
