"""A raid: at its end a stream sends its viewers to another creator who is live, and who may refuse.

Guarded: one waits at a time, a page offers few a day, and viewers who came from somebody are not sent straight back.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import ConstraintBroken, Writer
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import lookup, team
from directfanz.domains.live.errors import NoRaid, no_such_stream
from directfanz.domains.live.models import Raid, RaidState, Stream
from directfanz.domains.live.repository import after, streams, together
from directfanz.domains.live.service import streams as own
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id

MOST_A_DAY = 10
NOT_BACK_WITHIN = timedelta(hours=1)


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A raid as the team of either side sees it."""

    raid: Raid
    stream: Stream
    creator: Creator
    target: Stream
    target_creator: Creator


async def offer(backends: Backends, caller: Caller, stream_id: UUID, target_id: UUID) -> Raid:
    """It happens when the stream ends, if the others let it."""
    stream = await own.get_own(backends, caller, stream_id)
    now = backends.clock.now()
    try:
        async with backends.database.writing() as tx:
            target = await streams.find(tx, target_id)
            if target is None:
                raise no_such_stream()
            rules = await after.rules(tx, target.creator_id)
            await _require_fair(tx, stream, target, now - timedelta(days=1), now - NOT_BACK_WITHIN)
            if rules.raids == "never":
                raise NoRaid("They take no raids.")
            state: RaidState = "accepted" if rules.raids == "welcome" else "offered"
            raid = Raid(id=new_id(), stream_id=stream_id, target_id=target_id, state=state, viewers=0, offered_at=now)
            await together.offer(tx, raid, caller.require_user())
    except ConstraintBroken as broken:
        if broken.constraint != "stream_raids_waiting":
            raise
        raise NoRaid("A raid waits already. Take it back first.") from None
    return raid


async def answer(backends: Backends, caller: Caller, raid_id: UUID, *, accepts: bool) -> None:
    """By the team of the stream that they come to; until it has happened they may change their mind."""
    async with backends.database.writing() as tx:
        raid = await _get(tx, raid_id)
        target = await own.get(tx, raid.target_id)
        await team.require(tx, caller, target.creator_id, "posts")
        new: RaidState = "accepted" if accepts else "refused"
        waiting: tuple[RaidState, ...] = ("offered", "accepted")
        for old in waiting:
            if old != new and await together.move_raid(tx, raid_id, old, new, backends.clock.now()):
                return


async def take_back(backends: Backends, caller: Caller, stream_id: UUID) -> None:
    await own.get_own(backends, caller, stream_id)
    async with backends.database.writing() as tx:
        raid = await together.waiting_of(tx, stream_id)
        if raid is None:
            raise NoRaid("No raid waits.")
        await together.move_raid(tx, raid.id, raid.state, "over", backends.clock.now())


async def of_stream(backends: Backends, caller: Caller, stream_id: UUID) -> tuple[Offer | None, list[Offer]]:
    """The one that waits here, and those that others offer."""
    await own.get_own(backends, caller, stream_id)
    async with backends.database.writing() as tx:
        waiting = await together.waiting_of(tx, stream_id)
        coming = await together.offered_to(tx, stream_id)
        mine = await _shown(tx, waiting) if waiting else None
        return mine, [each for each in [await _shown(tx, raid) for raid in coming] if each is not None]


async def _shown(tx: Writer, raid: Raid) -> Offer | None:
    stream, target = await streams.find(tx, raid.stream_id), await streams.find(tx, raid.target_id)
    if stream is None or target is None:
        return None
    pages = await lookup.by_ids_even_closed(tx, [stream.creator_id, target.creator_id])
    return Offer(
        raid=raid,
        stream=stream,
        creator=pages[stream.creator_id],
        target=target,
        target_creator=pages[target.creator_id],
    )


async def _require_fair(tx: Writer, stream: Stream, target: Stream, day_ago: datetime, hour_ago: datetime) -> None:
    if stream.creator_id == target.creator_id:
        raise NoRaid("This is a stream of your own page.")
    if not stream.is_on_air or not target.is_on_air:
        raise NoRaid("Both streams have to be on air.")
    if await together.offered_since(tx, stream.creator_id, day_ago) >= MOST_A_DAY:
        raise NoRaid(f"A page offers at most {MOST_A_DAY} raids a day.")
    if await together.came_from(tx, stream.creator_id, target.creator_id, hour_ago):
        raise NoRaid("Their viewers came to you a moment ago. Send yours to somebody else.")


async def _get(tx: Writer, raid_id: UUID) -> Raid:
    raid = await together.find_raid(tx, raid_id)
    if raid is None:
        raise NoRaid("There is no such raid, or not any more.")
    return raid
