"""What payments tell domains above them. A job carries it, enqueued in the transaction in which it happened; `chat` listens."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.backends.jobs.contract import Event


class TipMoved(msgspec.Struct, frozen=True, kw_only=True):
    """A tip given in a room was paid, or went back whole. May be told twice."""

    order_id: UUID
    room_id: UUID
    user_id: UUID
    amount: str  # in words, with its currency
    message: str
    is_back: bool = False


TIP_MOVED = Event("payments.tip_moved", TipMoved)
