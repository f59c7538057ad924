"""Whether what somebody holds is enough. Pure, so that a page, a socket and a test decide alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from directfanz.domains.entitlements.models import Because, Decision, Need, Reason, Source


class Held(msgspec.Struct, frozen=True, array_like=True):
    """One reason, as the cache keeps it. Times are seconds; `ends` is 0 for what does not end. `rank` is -1 for an object."""

    rank: int
    object: bytes
    starts: float
    ends: float
    tier: str
    source: Source

    def live(self, moment: float) -> bool:
        return self.starts <= moment and (self.ends == 0 or moment < self.ends)


PUBLIC = Decision(allowed=True, because="public")
NOT_SIGNED_IN = Decision(allowed=False, because="not_signed_in")
TEAM = Decision(allowed=True, because="team")


def held(reason: Reason) -> Held:
    return Held(
        rank=-1 if reason.rank is None else reason.rank,
        object=reason.object_id.bytes if reason.object_id else b"",
        starts=reason.starts_at.timestamp(),
        ends=reason.ends_at.timestamp() if reason.ends_at else 0,
        tier=reason.tier_name,
        source=reason.source,
    )


def judge(holds: Sequence[Held], need: Need, now: datetime) -> Decision:
    """What lasts longest among the reasons that are enough is what is told."""
    if need.access == "public":
        return PUBLIC
    moment = now.timestamp()
    live = [each for each in holds if each.live(moment)]
    enough = [each for each in live if _opens(each, need)]
    if enough:
        return _allowed(max(enough, key=lambda each: (each.ends == 0, each.ends, each.rank)))
    return Decision(allowed=False, because=_lacking(live, need))


def _opens(each: Held, need: Need) -> bool:
    if each.rank < 0:
        return need.object_id is not None and each.object == _bytes(need.object_id)
    if need.access == "members":
        return True
    return need.access == "rank" and need.min_rank is not None and each.rank >= need.min_rank


def _bytes(object_id: UUID) -> bytes:
    return object_id.bytes


def _allowed(best: Held) -> Decision:
    until = datetime.fromtimestamp(best.ends, UTC) if best.ends else None
    return Decision(allowed=True, because=best.source, until=until, tier=best.tier or None)


def _lacking(live: Sequence[Held], need: Need) -> Because:
    if need.access == "paid":
        return "not_bought"
    return "higher_tier_needed" if any(each.rank >= 0 for each in live) else "not_a_member"
