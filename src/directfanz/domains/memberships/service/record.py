"""Writing a membership down: the row, what it entitles to, and its history, always together."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Grant
from directfanz.domains.memberships.errors import NotNow
from directfanz.domains.memberships.models import Membership, Tier
from directfanz.domains.memberships.policy.states import may_follow
from directfanz.domains.memberships.repository import memberships, tiers


async def become(
    backends: Backends,
    tx: Writer,
    old: Membership,
    new: Membership,
    *kinds: str,
    actor: UUID | None = None,
    **facts: object,
) -> Membership:
    """`old` is what was read under the lock."""
    if not may_follow(old, new):
        raise NotNow(f"A membership that is {old.state} cannot become {new.state}.")
    if not await memberships.update(tx, old, new):
        raise NotNow("The membership changed in the meantime. Look at it again.")
    await entitle(backends, tx, new)
    for kind in kinds:
        await memberships.happened(tx, new.id, backends.clock.now(), kind, actor, facts)
    return new


async def entitle(backends: Backends, tx: Writer, row: Membership) -> None:
    """May be done again: the same row gives the same."""
    if row.state == "incomplete":
        return
    if row.state == "ended":
        await entitlements.end(
            backends, tx, row.entitlement_source, row.id, row.ended_at or backends.clock.now(), row.end_reason or ""
        )
        return
    tier = await tiers.find(tx, row.tier_id)
    assert tier is not None
    await entitlements.grant(backends, tx, grant_of(row, tier))


def grant_of(row: Membership, tier: Tier) -> Grant:
    assert row.started_at is not None
    return Grant(
        user_id=row.user_id, creator_id=row.creator_id, source=row.entitlement_source, source_id=row.id, rank=tier.rank,
        tier_name=tier.name, starts_at=row.started_at, ends_at=row.access_until,
    )  # fmt: skip


def changed(row: Membership, **values: object) -> Membership:
    return msgspec.structs.replace(row, **values)
