"""Who may see what, until when, and why."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

Scope = Literal["tier", "post", "stream", "collection"]
Source = Literal["membership", "gift", "purchase", "comp", "team"]
Access = Literal["public", "followers", "members", "rank", "paid"]
Because = Literal[
    "public", "team", "membership", "gift", "comp", "purchase", "follower",
    "not_signed_in", "not_a_follower", "not_a_member", "higher_tier_needed", "not_bought", "not_yet",
]  # fmt: skip


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """One reason why somebody may see something. The same source granting again replaces what it granted before."""

    user_id: UUID
    creator_id: UUID
    source: Source
    source_id: UUID
    starts_at: datetime
    ends_at: datetime | None = None  # None: until it is ended
    scope: Scope = "tier"
    rank: int | None = None  # of a tier
    object_id: UUID | None = None  # of anything else
    tier_name: str = ""


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """What must be shown to get in. An object that was bought opens whatever else it asks for, and so does
    `ticket_id`, another thing that includes this one. Members also count as followers.
    `drip_days` is how long somebody must have been a member; a time without access does not count."""

    creator_id: UUID
    access: Access
    min_rank: int | None = None
    object_id: UUID | None = None
    ticket_id: UUID | None = None
    drip_days: int = 0


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """`until` is when the reason that lets them in runs out; None when it does not, or when nothing does. `opens_at` is when it
    opens for a member who stays (`not_yet`)."""

    allowed: bool
    because: Because
    until: datetime | None = None
    tier: str | None = None
    opens_at: datetime | None = None


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """A row, for people who ask why. `live` at the moment of asking."""

    id: UUID
    creator_id: UUID
    scope: Scope
    rank: int | None
    object_id: UUID | None
    source: Source
    source_id: UUID
    tier_name: str
    starts_at: datetime
    ends_at: datetime | None
    revoked_at: datetime | None
    revoked_why: str | None
    live: bool
    away: Annotated[timedelta, Meta(description="For how long in between it did not let them in.")]


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody holds now: a tier of a page (`rank`) or an object that they bought."""

    creator_id: UUID
    rank: int | None
    object_id: UUID | None
    tier_name: str


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What the rows say and what their sources say, where the two do not agree. `claimed` or `kept` is None where there is none."""

    user_id: UUID
    creator_id: UUID
    source: Source
    source_id: UUID
    scope: Scope
    object_id: UUID | None
    claimed: Claim | None
    kept: Claim | None


class Claim(msgspec.Struct, frozen=True):
    rank: int | None
    starts_at: datetime
    ends_at: datetime | None
    tier_name: str
