"""What the lives of members are held against: a sheet of wishes, and what the provider's object means. Neither knows our code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

EFFECTIVE = """SELECT user_id, creator_id, scope, rank, object_id, source, source_id, tier_name, starts_at, ends_at FROM entitlements
    WHERE revoked_at IS NULL AND (ends_at IS NULL OR ends_at > $1) ORDER BY source, source_id"""


def expected_state(raw: dict[str, Any]) -> str:
    """What the provider's object means, told independently of `states.told`. Nobody here is on a trial: a charge is only postponed."""
    if raw["status"] in ("past_due", "unpaid"):
        return "past_due"
    if raw["cancel_at_period_end"]:
        return "canceled"
    return "paused" if raw["pause_collection"] else "active"


@dataclass
class Wish:
    """What somebody asked for last and was not refused, about the subscription that they have."""

    tier: int
    subscription: str
    leaves: bool = False
    rests: bool = False
    later: int | None = None  # the tier that is to come at the renewal
