"""What members and creators are told of a membership."""

from __future__ import annotations

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

MINE = "/memberships"


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
    kind = {
        "unpaid": "memberships.ended_unpaid", "trial_used": "memberships.trial_refused",
        "doubled": "memberships.doubled", "replaced": "",
    }.get(row.end_reason or "", "memberships.ended")  # fmt: skip
    if kind:
        await member(backends, tx, row, kind, f"ended {row.id}")


async def member(backends: Backends, tx: Writer, row: Membership, kind: str, dedupe: str, **facts: str) -> None:
    creator, tier = await _names(tx, row)
    await notify(
        backends, tx, row.user_id, kind, dedupe=dedupe, link=MINE, page=creator.name, tier=tier, **facts
    )  # fmt: skip


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


async def gift_runs_out(backends: Backends, tx: Writer, gift: Gift) -> None:
    creator = await lookup.by_id_even_closed(tx, gift.creator_id)
    kind = "memberships.gift_expired" if gift.state == "expired" else "memberships.gift_expires"
    await notify(
        backends, tx, gift.buyer_id, kind, dedupe=f"{kind} {gift.id}", link=f"/gifts/{gift.id}", page=creator.name,
        until=day(gift.expires_at),
    )  # fmt: skip


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
