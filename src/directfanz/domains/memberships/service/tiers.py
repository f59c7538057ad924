"""What a creator offers. A tier with members is never taken away from them: it is archived, and its price stays theirs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.audit import service as audit
from directfanz.domains.creators.service import team
from directfanz.domains.memberships.errors import NoSuchTier, TierInUse
from directfanz.domains.memberships.models import TIERS_PER_PAGE, Affected, Tier, TierState
from directfanz.domains.memberships.policy.selling import check_chargeable
from directfanz.domains.memberships.repository import tiers
from directfanz.domains.memberships.service import asking, regranting
from directfanz.errors import Conflict, InvalidInput
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money


class TierForm(msgspec.Struct, frozen=True, kw_only=True):
    """What a creator says of a tier; amounts in minor units."""

    name: str
    about: str = ""
    benefits: Sequence[str] = ()
    min_amount: int
    suggested_amount: int | None = None
    yearly_min_amount: int | None = None
    pay_what_you_want: bool = False
    trial_days: int = 0
    cap: int | None = None


class OpenTier(msgspec.Struct, frozen=True, kw_only=True):
    """`left` is None when there is no cap."""

    tier: Tier
    members: int
    left: int | None


async def open_tiers(reader: Reader, creator_id: UUID) -> list[OpenTier]:
    """What a visitor may choose from, the lowest first."""
    found = [tier for tier in await tiers.of_creator(reader, creator_id) if tier.state == "open"]
    members = await tiers.members_by_tier(reader, creator_id)
    return [OpenTier(tier=tier, members=members.get(tier.id, 0), left=await _left(reader, tier)) for tier in found]


async def all_tiers(backends: Backends, caller: Caller, creator_id: UUID) -> list[OpenTier]:
    """For the team, with drafts and what is archived."""
    async with backends.database.writing() as tx:
        await team.require_any(tx, caller, creator_id)
        found = await tiers.of_creator(tx, creator_id)
        members = await tiers.members_by_tier(tx, creator_id)
        return [OpenTier(tier=each, members=members.get(each.id, 0), left=await _left(tx, each)) for each in found]


async def one(backends: Backends, caller: Caller, tier_id: UUID) -> OpenTier:
    """For the team."""
    async with backends.database.writing() as tx:
        tier = await find(tx, tier_id)
        await team.require_any(tx, caller, tier.creator_id)
        members = (await tiers.members_by_tier(tx, tier.creator_id)).get(tier_id, 0)
        return OpenTier(tier=tier, members=members, left=await _left(tx, tier))


async def find(reader: Reader, tier_id: UUID) -> Tier:
    found = await tiers.find(reader, tier_id)
    if found is None:
        raise NoSuchTier("There is no such tier.")
    return found


async def create(
    backends: Backends, caller: Caller, creator_id: UUID, form: TierForm, state: TierState = "draft"
) -> Tier:
    """Above the others; `reorder` puts it elsewhere."""
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        creator = await team.require(tx, caller, creator_id, "tiers")
        _check(form, creator.currency)
        there = await tiers.lock_all(tx, creator_id)
        if len(there) >= TIERS_PER_PAGE:
            raise Conflict(f"A page has {TIERS_PER_PAGE} tiers at most. Change one of them.")
        tier = Tier(
            id=new_id(), creator_id=creator_id, rank=max((each.rank for each in there), default=0) + 1,
            currency=creator.currency, state=state, created_at=now, updated_at=now, **_said(form),
        )  # fmt: skip
        await tiers.insert(tx, tier)
        await audit.record(tx, actor=caller.user_id, action="memberships.tier_created", target=tier.id)
    return tier


async def affected(backends: Backends, caller: Caller, tier_id: UUID, form: TierForm) -> Affected:
    """Whom the change concerns, before it is made."""
    async with backends.database.writing() as tx:
        tier = await find(tx, tier_id)
        await team.require(tx, caller, tier.creator_id, "tiers")
        return await tiers.affected(tx, tier.id, form.min_amount, form.yearly_min_amount)


async def change(
    backends: Backends, caller: Caller, tier_id: UUID, form: TierForm, *, ask: bool = False, note: str = ""
) -> Tier:
    """Members keep their price. With `ask` those who pay less are asked whether they agree to the new one."""
    async with backends.database.writing() as tx:
        tier = await _locked(tx, caller, tier_id)
        _check(form, tier.currency)
        new = msgspec.structs.replace(tier, updated_at=backends.clock.now(), **_said(form))
        await tiers.update(tx, new)
        if (tier.min_amount, tier.yearly_min_amount) != (new.min_amount, new.yearly_min_amount):
            await asking.price_changed(backends, tx, caller.require_user(), tier, new, ask=ask, note=note)
        if tier.name != new.name:
            await regranting.regrant(backends, tx, [tier.id])
        await audit.record(tx, actor=caller.user_id, action="memberships.tier_changed", target=tier.id, asked=ask)
    return new


async def set_state(backends: Backends, caller: Caller, tier_id: UUID, state: TierState) -> Tier:
    """Open it, or archive it: then nobody new comes in, and whoever is in stays."""
    async with backends.database.writing() as tx:
        tier = await _locked(tx, caller, tier_id)
        if state == tier.state:
            return tier
        if state == "draft":
            raise TierInUse("A tier that was open cannot be a draft again. Archive it.")
        new = msgspec.structs.replace(tier, state=state, updated_at=backends.clock.now())
        await tiers.update(tx, new)
        word = "memberships.tier_opened" if state == "open" else "memberships.tier_archived"
        await audit.record(tx, actor=caller.user_id, action=word, target=tier.id)
    return new


async def remove(backends: Backends, caller: Caller, tier_id: UUID) -> None:
    """Only a draft: nobody was ever in it."""
    async with backends.database.writing() as tx:
        tier = await _locked(tx, caller, tier_id)
        if not await tiers.remove(tx, tier.id):
            raise TierInUse("Only a draft can be deleted. Archive the tier: its members stay, and nobody new comes in.")
        await audit.record(tx, actor=caller.user_id, action="memberships.tier_removed", target=tier.id)


async def reorder(backends: Backends, caller: Caller, creator_id: UUID, ordered: Sequence[UUID]) -> list[Tier]:
    """All of the page's tiers, the lowest first. Members see what their tier's new place lets them see."""
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "tiers")
        there = await tiers.lock_all(tx, creator_id)
        if sorted(ordered) != sorted(each.id for each in there):
            raise InvalidInput.in_field("tiers", "Name every tier of the page once.", "Load the page again.")
        await tiers.set_ranks(tx, creator_id, ordered, backends.clock.now())
        places = {tier_id: place for place, tier_id in enumerate(ordered, 1)}
        await regranting.regrant(backends, tx, [each.id for each in there if each.rank != places[each.id]])
        await audit.record(tx, actor=caller.user_id, action="memberships.tiers_reordered", target=creator_id)
        return await tiers.of_creator(tx, creator_id)


async def _locked(tx: Writer, caller: Caller, tier_id: UUID) -> Tier:
    tier = await tiers.lock(tx, tier_id)
    if tier is None:
        raise NoSuchTier("There is no such tier.")
    await team.require(tx, caller, tier.creator_id, "tiers")
    return tier


async def _left(reader: Reader, tier: Tier) -> int | None:
    return None if tier.cap is None else max(0, tier.cap - await tiers.taken(reader, tier.id))


def _said(form: TierForm) -> dict[str, Any]:
    values = {name: getattr(form, name) for name in form.__struct_fields__}
    return values | {"benefits": [line for each in form.benefits if (line := each.strip())], "name": form.name.strip()}


def _check(form: TierForm, currency: str) -> None:
    check_chargeable(Money(form.min_amount, currency), "min_amount")
    if form.yearly_min_amount is not None:
        check_chargeable(Money(form.yearly_min_amount, currency), "yearly_min_amount")
        if form.min_amount == 0 or form.yearly_min_amount == 0:
            raise InvalidInput.in_field(
                "yearly_min_amount", "What costs nothing has no yearly price.", "Leave it empty."
            )
    if form.suggested_amount is not None:
        check_chargeable(Money(form.suggested_amount, currency), "suggested_amount")
        if form.suggested_amount < form.min_amount:
            raise InvalidInput.in_field(
                "suggested_amount", "This is less than the least.", "Suggest the least or more."
            )
    if form.min_amount == 0 and form.trial_days:
        raise InvalidInput.in_field("trial_days", "What costs nothing needs no trial.", "Set it to 0.")
    if not form.name.strip():
        raise InvalidInput.in_field("name", "A tier needs a name.")
