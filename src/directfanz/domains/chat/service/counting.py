"""How much was said in rooms."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader
from directfanz.domains.chat.repository import events


async def said_in(reader: Reader, room_ids: list[UUID], since: datetime, until: datetime) -> dict[UUID, int]:
    """Messages of people in a stretch of time, for each room that had any."""
    return await events.count_texts(reader, room_ids, since, until)


async def of_room(reader: Reader, room_id: UUID) -> tuple[int, int]:
    """Messages, and people who spoke."""
    return await events.count_all(reader, room_id)
