"""May they see this? One read of the cache in the usual case."""

from __future__ import annotations

from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader
from directfanz.domains.creators.service import team
from directfanz.domains.entitlements import repository
from directfanz.domains.entitlements.models import Decision, Need, Reason
from directfanz.domains.entitlements.policy import NOT_SIGNED_IN, PUBLIC, TEAM, held, judge
from directfanz.domains.entitlements.service import memory
from directfanz.domains.entitlements.service.memory import Remembered
from directfanz.http.caller import Caller

HELD_AT_MOST = 200


async def decide(backends: Backends, user_id: UUID | None, need: Need) -> Decision:
    if need.access == "public":
        return PUBLIC
    if user_id is None:
        return NOT_SIGNED_IN
    known, may_keep = await memory.recall(backends, user_id, need.creator_id)
    if known is None:
        known = await _read(backends, user_id, need.creator_id, may_keep)
    decision = judge(known.holds, need, backends.clock.now())
    return decision if decision.allowed else await _looked_up(backends, user_id, need, decision, known.whole)


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


async def _read(backends: Backends, user_id: UUID, creator_id: UUID, may_keep: bool) -> Remembered:
    """On the primary: a replica may not have the change that the stone was laid for."""
    async with backends.database.writing() as tx:
        rows = await repository.live(tx, user_id, creator_id, backends.clock.now(), HELD_AT_MOST + 1)
    entry = Remembered([held(row) for row in rows[:HELD_AT_MOST]], len(rows) <= HELD_AT_MOST)
    if may_keep:
        await memory.keep(backends, user_id, creator_id, entry)
    return entry


async def _looked_up(backends: Backends, user_id: UUID, need: Need, denied: Decision, whole: bool) -> Decision:
    """Before a no: the object among more than an entry holds, and the team, whose rights begin and end where it is kept."""
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        if not whole and need.object_id is not None:
            found = await repository.of_object(tx, user_id, need.creator_id, need.object_id, now)
            if found is not None:
                return judge([held(found)], need, now)
        return TEAM if await team.role_of(tx, Caller(user_id=user_id), need.creator_id) else denied
