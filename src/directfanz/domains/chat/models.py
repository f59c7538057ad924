"""Rooms, what happens in them, and who may not speak."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from directfanz.domains.entitlements.models import Access, Need

LONGEST_MESSAGE = 500
LONGEST_NONCE = 64
MOST_WORDS = 500
RoomState = Literal["open", "closed"]
Kind = Literal[
    "text", "tip", "system", "removed", "cleared", "pinned", "settings", "poll_opened", "poll_closed", "opened", "closed"
]  # fmt: skip
# What people read; the others change what is on their screens.
SHOWN: frozenset[Kind] = frozenset({"text", "tip", "system"})
Standing = Literal["", "team", "member"]


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `chat_rooms`. Its id is that of the thing it belongs to."""

    id: UUID
    creator_id: UUID
    title: str
    access: Access
    min_rank: int | None
    state: RoomState
    last: int
    epoch: UUID
    slow_seconds: int
    members_only: bool
    pinned: int | None
    opened_at: datetime
    closed_at: datetime | None

    @property
    def need(self) -> Need:
        return Need(creator_id=self.creator_id, access=self.access, min_rank=self.min_rank, object_id=self.id)


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened in a room, as it is stored and as it travels. A hidden one travels without its words."""

    position: int
    id: UUID
    kind: Kind
    said_at: datetime
    user_id: UUID | None = None
    name: str = ""
    avatar: str | None = None
    standing: Standing = ""
    tier: str = ""
    body: str = ""
    facts: Mapping[str, Any] = msgspec.field(default_factory=dict)
    hidden: bool = False


class Emote(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `chat_emotes`."""

    code: str
    name: str
    min_rank: int | None

    @property
    def url(self) -> str:
        return f"/public/{emote_key(self.name, 56)}"


def emote_key(name: str, width: int) -> str:
    """In the bucket `public`."""
    return f"emotes/{name}/{width}.webp"


class Ban(msgspec.Struct, frozen=True, kw_only=True):
    """`until` is None for one that does not end by itself."""

    id: UUID
    creator_id: UUID
    user_id: UUID
    reason: str
    by_id: UUID | None
    created_at: datetime
    until: datetime | None
    lifted_at: datetime | None = None


class Poll(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    room_id: UUID
    question: str
    options: list[str]
    opened_at: datetime
    closes_at: datetime
    closed_at: datetime | None

    def is_open(self, now: datetime) -> bool:
        return self.closed_at is None and now < self.closes_at


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """`mine` is what the one who asks voted for."""

    poll: Poll
    votes: list[int]
    mine: int | None = None
