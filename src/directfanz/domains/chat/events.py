"""What chat tells the realtime processes."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.domains.chat.models import Event

CHANNEL = "chat:"


def channel_of(room_id: UUID) -> str:
    return f"{CHANNEL}{room_id.hex}"


class Happened(msgspec.Struct, frozen=True, tag="event", tag_field="type"):
    """One event of a room, with the epoch that its position is of."""

    epoch: UUID
    event: Event


class Tallied(msgspec.Struct, frozen=True, tag="tally", tag_field="type"):
    """How an open poll stands. Told often and kept nowhere: the next one says all that this one said."""

    poll_id: UUID
    votes: list[int]


class Look(msgspec.Struct, frozen=True, tag="look", tag_field="type"):
    """Something happened in a transaction of somebody else's: read what is new."""


Said = Happened | Tallied | Look
