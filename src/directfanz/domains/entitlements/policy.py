"""Whether what somebody holds is enough. Pure, so that a page, a socket and a test decide alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from directfanz.domains.entitlements.models import Because, Decision, Need, Reason, Source


class Held(msgspec.Struct, frozen=True, array_like=True):
    """One reason, as the cache keeps it. Times are seconds; `ends` is 0 for what does not end. `rank` is -1 for an object. `away` is how
    long it was interrupted, such as by a pause."""

    rank: int
    object: bytes
    starts: float
    ends: float
    tier: str
    source: Source
    away: float = 0

    def live(self, moment: float) -> bool:
        return self.starts <= moment and (self.ends == 0 or moment < self.ends)


Span = tuple[float, float]
DAY_SECONDS = 86_400
FOLLOWER = Decision(allowed=True, because="follower")
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
        away=reason.away.total_seconds(),
    )


def judge(holds: Sequence[Held], need: Need, now: datetime, past: Sequence[Span] = ()) -> Decision:
    """What lasts longest among the reasons that are enough is what is told. `past` is when they were members before."""
    if need.access == "public":
        return PUBLIC
    moment = now.timestamp()
    live = [each for each in holds if each.live(moment)]
    enough = [each for each in live if _opens(each, need)]
    if enough:
        best = max(enough, key=lambda each: (each.ends == 0, each.ends, each.rank))
        lacks = need.drip_days * DAY_SECONDS - age(holds, past, moment) if need.drip_days and best.rank >= 0 else 0
        if lacks > 0 and not any(each.rank < 0 for each in enough):
            opens = now + timedelta(seconds=lacks)
            return Decision(allowed=False, because="not_yet", tier=best.tier or None, opens_at=opens)
        return _allowed(best)
    return Decision(allowed=False, because=_lacking(live, need))


def _opens(each: Held, need: Need) -> bool:
    if each.rank < 0:
        return each.object in [bought.bytes for bought in (need.object_id, need.ticket_id) if bought is not None]
    if need.access in ("members", "followers"):
        return True
    return need.access == "rank" and need.min_rank is not None and each.rank >= need.min_rank


def _allowed(best: Held) -> Decision:
    until = datetime.fromtimestamp(best.ends, UTC) if best.ends else None
    return Decision(allowed=True, because=best.source, until=until, tier=best.tier or None)


def _lacking(live: Sequence[Held], need: Need) -> Because:
    if need.access == "paid":
        return "not_bought"
    if need.access == "followers":
        return "not_a_follower"
    return "higher_tier_needed" if any(each.rank >= 0 for each in live) else "not_a_member"


def age(holds: Sequence[Held], past: Sequence[Span], moment: float) -> float:
    """For how many seconds they have been a member, of whatever tier. Two reasons at once count once; a gap counts for nothing."""
    spans = [(each.starts + each.away, min(each.ends or moment, moment)) for each in holds if each.rank >= 0]
    return sum(end - start for start, end in merged([*past, *spans]))


def merged(spans: Sequence[Span]) -> list[Span]:
    """In their order, without overlap."""
    found: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found
