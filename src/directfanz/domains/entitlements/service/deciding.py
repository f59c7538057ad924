"""May they see this? One read of the cache in the usual case, also for a page of twenty things of as many creators."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader
from directfanz.domains.creators.service import following, team
from directfanz.domains.entitlements import repository
from directfanz.domains.entitlements.models import Decision, Holding, Need, Reason
from directfanz.domains.entitlements.policy import FOLLOWER, NOT_SIGNED_IN, PUBLIC, TEAM, Span, held, judge, merged
from directfanz.domains.entitlements.service import memory
from directfanz.domains.entitlements.service.memory import Pair, Remembered

HELD_AT_MOST = 200


async def decide(backends: Backends, user_id: UUID | None, need: Need) -> Decision:
    if need.access == "public":
        return PUBLIC
    if user_id is None:
        return NOT_SIGNED_IN
    pair = (user_id, need.creator_id)
    known, may_keep = await memory.recall(backends, *pair)
    if known is None:
        known = (await _read(backends, {pair: may_keep}))[pair]
    decision = judge(known.holds, need, backends.clock.now(), known.past)
    if decision.allowed:
        return decision
    return (await _looked_up(backends, [_Refused(user_id, need, decision, known.whole)]))[0]


async def decide_all(backends: Backends, user_id: UUID | None, needs: Sequence[Need]) -> list[Decision]:
    """In the order of the needs, as `decide_each`."""
    return await decide_each(backends, [(user_id, need) for need in needs])


async def decide_each(backends: Backends, asked: Sequence[tuple[UUID | None, Need]]) -> list[Decision]:
    """In the order of what was asked, of whoever it may be. However many there are: one round trip to the cache, and to the database
    three statements at most for what the cache did not know and two for what would be refused."""
    pairs = sorted({(user_id, need.creator_id) for user_id, need in asked if user_id and need.access != "public"})
    recalled = await memory.recall_many(backends, pairs) if pairs else {}
    known = {pair: entry for pair, (entry, _) in recalled.items() if entry is not None}
    known |= await _read(backends, {pair: keep for pair, (entry, keep) in recalled.items() if entry is None})
    now, judged, refused = backends.clock.now(), list[Decision](), dict[int, _Refused]()
    for at, (user_id, need) in enumerate(asked):
        if need.access == "public" or user_id is None:
            judged.append(PUBLIC if need.access == "public" else NOT_SIGNED_IN)
            continue
        entry = known[user_id, need.creator_id]
        judged.append(judge(entry.holds, need, now, entry.past))
        if not judged[at].allowed:
            refused[at] = _Refused(user_id, need, judged[at], entry.whole)
    if refused:
        for at, decision in zip(refused, await _looked_up(backends, list(refused.values())), strict=True):
            judged[at] = decision
    return judged


async def explain(backends: Backends, user_id: UUID, creator_id: UUID | None = None) -> list[Reason]:
    """Every reason there is or was, the newest first."""
    async with backends.database.writing() as tx:
        return await repository.all_of(tx, user_id, creator_id, backends.clock.now())


async def live_tier(reader: Reader, user_id: UUID, creator_id: UUID, backends: Backends) -> Reason | None:
    """The highest that they have now."""
    now = backends.clock.now()
    rows = [each for each in await repository.live(reader, user_id, creator_id, now, HELD_AT_MOST) if each.live]
    tiers = [each for each in rows if each.rank is not None]
    return max(tiers, key=lambda each: each.rank or 0, default=None)


async def holdings(reader: Reader, backends: Backends, user_id: UUID, most: int) -> list[Holding]:
    """What somebody holds now over all pages: for lists of what is theirs. Whether one thing is open to them says `decide`."""
    return await repository.holdings(reader, user_id, backends.clock.now(), most)


async def audience(reader: Reader, backends: Backends, need: Need, after: UUID | None, most: int) -> list[UUID]:
    """Who may see it, in the order of their ids, the next after `after`. Nobody is told of what is sold, and a page's team knows."""
    return await repository.audience(reader, need, backends.clock.now(), after, most)


async def coming_of_age(
    reader: Reader, backends: Backends, need: Need, back: timedelta, after: UUID | None, most: int
) -> list[UUID]:
    """Those for whom something that waits for the age of a membership may have opened since `back`, in the order of their ids."""
    return await repository.coming_of_age(reader, need, backends.clock.now(), back, after, most)


async def audience_size(reader: Reader, backends: Backends, need: Need) -> int:
    return await repository.audience_size(reader, need, backends.clock.now())


async def _read(backends: Backends, wanted: dict[Pair, bool]) -> dict[Pair, Remembered]:
    """On the primary: a replica may not have the change that the stone was laid for. `wanted` says which may be kept."""
    if not wanted:
        return {}
    now, found = backends.clock.now(), {}
    async with backends.database.writing() as tx:
        live = await repository.live_with(tx, list(wanted), now, HELD_AT_MOST + 1)
        before = await repository.spans_before(tx, list(wanted), now)
    for pair, rows in live.items():
        past: list[Span] = [(start.timestamp(), end.timestamp()) for start, end in before[pair]]
        found[pair] = Remembered([held(row) for row in rows[:HELD_AT_MOST]], len(rows) <= HELD_AT_MOST, merged(past))
    await memory.keep(backends, {pair: entry for pair, entry in found.items() if wanted[pair]})
    return found


class _Refused(NamedTuple):
    user_id: UUID
    need: Need
    decision: Decision
    whole: bool  # all that they hold was looked at


async def _looked_up(backends: Backends, refused: list[_Refused]) -> list[Decision]:
    """Before a no: the object among more than an entry holds; and the team and the followers, whose rights begin and end where they
    are kept."""
    now = backends.clock.now()
    people, pages = {each.user_id for each in refused}, {each.need.creator_id for each in refused}
    for_followers = {each.need.creator_id for each in refused if each.need.access == "followers"}
    async with backends.database.writing() as tx:
        teams = await team.roles_among(tx, sorted(people), sorted(pages))
        followed = await following.followed_among(tx, sorted(people), sorted(for_followers)) if for_followers else set()
        return [
            TEAM if (user_id, need.creator_id) in teams
            else FOLLOWER if need.access == "followers" and (user_id, need.creator_id) in followed
            else denied if whole or need.object_id is None
            else await _of_object(tx, user_id, need, denied, now)
            for user_id, need, denied, whole in refused
        ]  # fmt: skip


async def _of_object(reader: Reader, user_id: UUID, need: Need, denied: Decision, now: datetime) -> Decision:
    assert need.object_id is not None
    for bought in (need.object_id, need.ticket_id):
        found = await repository.of_object(reader, user_id, need.creator_id, bought, now) if bought else None
        if found is not None:
            return judge([held(found)], need, now)
    return denied
