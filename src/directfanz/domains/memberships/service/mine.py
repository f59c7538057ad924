"""One's own memberships, read and locked."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import lookup
from directfanz.domains.memberships.errors import NoSuchMembership
from directfanz.domains.memberships.models import Happened, Membership, Tier
from directfanz.domains.memberships.repository import memberships, tiers
from directfanz.http.caller import Caller
from directfanz.kit.money import Money


class Mine(msgspec.Struct, frozen=True, kw_only=True):
    """A membership with what it is of."""

    membership: Membership
    creator: Creator
    tier: Tier
    pending_tier: Tier | None

    @property
    def pending_price(self) -> Money | None:
        row = self.membership
        return None if row.pending_amount is None else Money(row.pending_amount, row.currency)


async def all_mine(backends: Backends, caller: Caller) -> list[Mine]:
    """The live ones first, then the newest."""
    async with backends.database.writing() as tx:
        rows = await memberships.of_user(tx, caller.require_user())
        found = [await _with_names(tx, row) for row in rows]
    return sorted(found, key=lambda each: not each.membership.is_live)


async def one(backends: Backends, caller: Caller, membership_id: UUID) -> Mine:
    async with backends.database.writing() as tx:
        return await _with_names(tx, _own(await memberships.find(tx, membership_id), caller))


async def of_page(backends: Backends, user_id: UUID, creator_id: UUID) -> Membership | None:
    """The live one with this page."""
    async with backends.database.writing() as tx:
        return await memberships.find_live(tx, user_id, creator_id)


async def history(backends: Backends, caller: Caller, membership_id: UUID) -> list[Happened]:
    async with backends.database.writing() as tx:
        row = _own(await memberships.find(tx, membership_id), caller)
        return await memberships.history(tx, row.id)


async def lock_mine(tx: Writer, caller: Caller, membership_id: UUID) -> Membership:
    return _own(await memberships.lock(tx, membership_id), caller)


def _own(row: Membership | None, caller: Caller) -> Membership:
    if row is None or row.user_id != caller.require_user():
        raise NoSuchMembership("There is no such membership of yours.")
    return row


async def _with_names(tx: Writer, row: Membership) -> Mine:
    found = await tiers.these(tx, [each for each in (row.tier_id, row.pending_tier_id) if each])
    creator = await lookup.by_id_even_closed(tx, row.creator_id)
    pending = found.get(row.pending_tier_id) if row.pending_tier_id else None
    return Mine(membership=row, creator=creator, tier=found[row.tier_id], pending_tier=pending)
