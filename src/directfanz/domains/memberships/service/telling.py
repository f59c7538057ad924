"""What members and creators are told of a membership."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.accounts.service.contacts import people_of
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import lookup
from directfanz.domains.memberships.models import Gift, Membership
from directfanz.domains.memberships.repository import tiers
from directfanz.domains.notifications.service import notify
from directfanz.domains.notifications.service.many import Telling, notify_each

MINE = "/memberships"
# Of what ended and began again at once in another form nobody is told.
_ENDED = {
    "unpaid": "memberships.ended_unpaid", "trial_used": "memberships.trial_refused", "doubled": "memberships.doubled",
    "replaced": "",
}  # fmt: skip


def day(moment: datetime | None) -> str:
    return f"{moment:%-d %B %Y}" if moment else "later"


async def joined(backends: Backends, tx: Writer, row: Membership) -> None:
    creator, tier = await _names(tx, row)
    await notify(
        backends, tx, row.user_id, "memberships.joined", dedupe=f"joined {row.id}", link=creator.path, page=creator.name,
        tier=tier,
    )  # fmt: skip
    await _owner(
        backends, tx, creator, "memberships.new_member", f"new {row.id}", name=await _name(tx, row.user_id), tier=tier
    )


async def left(backends: Backends, tx: Writer, row: Membership) -> None:
    """The creator, when somebody asks not to be renewed."""
    creator, tier = await _names(tx, row)
    await _owner(
        backends, tx, creator, "memberships.member_left", f"left {row.id} {row.period_end}",
        name=await _name(tx, row.user_id), tier=tier, until=day(row.period_end),
    )  # fmt: skip


async def ended(backends: Backends, tx: Writer, row: Membership) -> None:
    await ended_all(backends, tx, [row])


async def ended_all(backends: Backends, tx: Writer, rows: Sequence[Membership]) -> None:
    by_kind: dict[str, list[Membership]] = {}
    for row in rows:
        by_kind.setdefault(_ENDED.get(row.end_reason or "", "memberships.ended"), []).append(row)
    for kind, those in by_kind.items():
        if kind:
            await members(backends, tx, those, kind, lambda row: f"ended {row.id}")


async def member(backends: Backends, tx: Writer, row: Membership, kind: str, dedupe: str, **facts: str) -> None:
    creator, tier = await _names(tx, row)
    await notify(
        backends, tx, row.user_id, kind, dedupe=dedupe, link=MINE, page=creator.name, tier=tier, **facts
    )  # fmt: skip


async def members(
    backends: Backends, tx: Writer, rows: Sequence[Membership], kind: str, dedupe: Callable[[Membership], str],
    facts: Callable[[Membership], dict[str, str]] = lambda _: {},
) -> None:  # fmt: skip
    """What `member` tells one, in a handful of statements for all of them."""
    pages = await lookup.by_ids_even_closed(tx, list({row.creator_id for row in rows}))
    there = await tiers.these(tx, list({row.tier_id for row in rows}))
    tellings = [
        Telling(
            user_id=row.user_id, dedupe=dedupe(row), link=MINE,
            facts={"page": pages[row.creator_id].name, "tier": there[row.tier_id].name, **facts(row)},
        )
        for row in rows
    ]  # fmt: skip
    await notify_each(backends, tx, kind, tellings)


async def gift_bought(backends: Backends, tx: Writer, gift: Gift) -> None:
    creator = await lookup.by_id_even_closed(tx, gift.creator_id)
    await notify(
        backends, tx, gift.buyer_id, "memberships.gift_bought", dedupe=f"gift {gift.id}", link=f"/gifts/{gift.id}",
        page=creator.name, until=day(gift.expires_at),
    )  # fmt: skip


async def gift_claimed(backends: Backends, tx: Writer, gift: Gift, claimer: UUID) -> None:
    creator = await lookup.by_id_even_closed(tx, gift.creator_id)
    if gift.buyer_id != claimer:
        await notify(
            backends, tx, gift.buyer_id, "memberships.gift_claimed", dedupe=f"claimed {gift.id}",
            link=f"/gifts/{gift.id}", page=creator.name, name=await _name(tx, claimer),
        )  # fmt: skip


async def gifts_run_out(backends: Backends, tx: Writer, gifts: Sequence[Gift], kind: str) -> None:
    pages = await lookup.by_ids_even_closed(tx, list({gift.creator_id for gift in gifts}))
    tellings = [
        Telling(
            user_id=gift.buyer_id, dedupe=f"{kind} {gift.id}", link=f"/gifts/{gift.id}",
            facts={"page": pages[gift.creator_id].name, "until": day(gift.expires_at)},
        )
        for gift in gifts
    ]  # fmt: skip
    await notify_each(backends, tx, kind, tellings)


async def _names(tx: Writer, row: Membership) -> tuple[Creator, str]:
    tier = await tiers.find(tx, row.tier_id)
    return await lookup.by_id_even_closed(tx, row.creator_id), tier.name if tier else ""


async def _owner(backends: Backends, tx: Writer, creator: Creator, kind: str, dedupe: str, **facts: str) -> None:
    owner = await lookup.owner_of(tx, creator.id)
    await notify(
        backends, tx, owner, kind, dedupe=dedupe, link=f"/studio/{creator.slug}/members", page=creator.name, **facts
    )


async def _name(tx: Writer, user_id: UUID) -> str:
    found = (await people_of(tx, [user_id])).get(user_id)
    return found.display_name if found else "Somebody"
