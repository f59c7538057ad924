"""Whose posts somebody wants to see."""

from __future__ import annotations

from uuid import UUID

from directfanz.backends import Backends
from directfanz.domains.creators.service import following, lookup
from directfanz.domains.discovery.models import Sources
from directfanz.domains.discovery.repository import wishes
from directfanz.domains.entitlements import service as entitlements
from directfanz.http.caller import Caller

# More than anybody can read. Memberships go before follows, the newest before the old.
MOST_HELD, MOST_FOLLOWED = 5_000, 5_000
NONE = Sources(tiers={}, ranks={}, followed=frozenset(), teams=frozenset(), bought=frozenset())


async def of_caller(backends: Backends, caller: Caller) -> Sources:
    if caller.user_id is None:
        return NONE
    async with backends.database.writing() as tx:  # the primary: whoever joined a moment ago sees it
        held = await entitlements.holdings(tx, backends, caller.user_id, MOST_HELD)
        followed = await following.followed_ids(tx, caller.user_id, MOST_FOLLOWED)
        teams = [creator.id for creator, _ in await lookup.of_user(tx, caller.user_id)]
        wished = await wishes.of_user(tx, caller.user_id)
    tiers: dict[UUID, str] = {}
    ranks: dict[UUID, int] = {}
    for each in held:
        if each.rank is not None and each.rank >= ranks.get(each.creator_id, -1):
            tiers[each.creator_id], ranks[each.creator_id] = each.tier_name, each.rank
    return Sources(
        tiers=tiers, ranks=ranks, followed=frozenset(followed), teams=frozenset(teams),
        bought=frozenset(each.object_id for each in held if each.object_id),
        muted=frozenset(page for page, wish in wished.items() if wish == "mute"),
        less=frozenset(page for page, wish in wished.items() if wish == "less"),
    )  # fmt: skip
