"""Becoming a member: a place is held while the provider's page is open, and given up when nothing comes of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.billing.contract import Interval
from directfanz.backends.database.contract import ConstraintBroken, Writer
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import blocking, lookup, team
from directfanz.domains.memberships.errors import (
    AmountWrong,
    MemberAlready,
    NoSuchTier,
    OfferRefused,
    OwnPage,
    TierClosed,
    TierFull,
)
from directfanz.domains.memberships.models import CHECKOUT_LIVES, HELD, Joining, Membership, Offer, Tier
from directfanz.domains.memberships.policy.selling import check_amount, check_offer, days_left, discount_of
from directfanz.domains.memberships.policy.states import ended
from directfanz.domains.memberships.repository import memberships, offers, tiers
from directfanz.domains.memberships.service import telling
from directfanz.domains.memberships.service.record import become, changed, entitle
from directfanz.domains.memberships.service.terms import terms_of
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money

_STILL_OPEN = CHECKOUT_LIVES / 3


async def begin(
    backends: Backends, tx: Writer, user_id: UUID, tier_id: UUID, amount: Money, interval: Interval,
    offer_code: str | None = None,
) -> Joining:  # fmt: skip
    """Holds the place. The same asked again gives the same joining; another one takes the first one's place."""
    tier, creator = await open_tier(tx, user_id, tier_id)
    check_amount(tier, amount, interval)
    if amount.minor == 0:
        raise AmountWrong(f"{tier.name} costs nothing: join it without paying.")
    live, earlier = await _others(tx, user_id, tier.creator_id)
    offer = await _offer(backends, tx, user_id, tier, amount.minor, offer_code, earlier)
    if earlier is not None and _is_same(earlier, tier, amount, interval, offer, backends.clock.now()):
        return _joining(backends, creator, tier, await _kept(backends, tx, earlier), offer, live)
    if earlier is not None:
        await lapse(backends, tx, earlier.id)
    await require_place(tx, tier, but=live.id if live else None)
    row = await _held(backends, tx, user_id, tier, amount, interval, offer, live)
    return _joining(backends, creator, tier, row, offer, live, earlier.checkout if earlier else None)


async def join_free(backends: Backends, caller: Caller, tier_id: UUID) -> Membership:
    user_id, now = caller.require_user(), backends.clock.now()
    async with backends.database.writing() as tx:
        tier, _ = await open_tier(tx, user_id, tier_id)
        check_amount(tier, Money(0, tier.currency), "month")
        live, earlier = await _others(tx, user_id, tier.creator_id)
        if live is not None:
            raise already(live)
        if earlier is not None:
            await lapse(backends, tx, earlier.id)
        await require_place(tx, tier)
        row = Membership(
            id=new_id(), user_id=user_id, creator_id=tier.creator_id, tier_id=tier.id, state="active", source="free",
            amount=0, currency=tier.currency, interval="month", created_at=now, started_at=now, period_start=now,
        )  # fmt: skip
        await put(backends, tx, row, "joined", actor=user_id)
        await telling.joined(backends, tx, row)
    return row


async def opened(backends: Backends, tx: Writer, membership_id: UUID, checkout: str) -> None:
    """The provider's page for it is there."""
    row = await memberships.lock(tx, membership_id)
    if row is not None and row.state == "incomplete" and row.checkout != checkout:
        await become(backends, tx, row, changed(row, checkout=checkout))


async def lapse(backends: Backends, tx: Writer, membership_id: UUID) -> Membership | None:
    """Nothing came of it: the place, the code and the trial are free again. If it turns out to be paid for, it lives all the same."""
    row = await memberships.lock(tx, membership_id)
    if row is None or row.state != "incomplete":
        return row
    await offers.give_back(tx, row.id)
    return await become(backends, tx, row, ended(row, backends.clock.now(), "lapsed"), "lapsed")


async def put(backends: Backends, tx: Writer, row: Membership, *kinds: str, actor: UUID | None = None) -> None:
    """A new row. Who was quicker in another tab has the place."""
    try:
        async with tx.savepoint():
            await memberships.insert(tx, row)
    except ConstraintBroken as error:
        if error.constraint not in ("memberships_one_live", "memberships_one_joining"):
            raise
        raise MemberAlready(
            "You are joining this page in another tab. Go on there, or try again in a minute."
        ) from None
    await entitle(backends, tx, row)
    for kind in kinds:
        await memberships.happened(tx, row.id, backends.clock.now(), kind, actor, {})


async def open_tier(tx: Writer, user_id: UUID, tier_id: UUID) -> tuple[Tier, Creator]:
    """Locked, so that its price and its last place stay what they are until the commit."""
    tier = await tiers.lock(tx, tier_id)
    if tier is None:
        raise NoSuchTier("There is no such tier.")
    creator = await lookup.by_id(tx, tier.creator_id)
    if not creator.is_public or tier.state != "open":
        raise TierClosed(f"{tier.name} takes no new members. Look at the other tiers.")
    if await team.role_of(tx, Caller(user_id=user_id), creator.id):
        raise OwnPage("You are in the team of this page and see everything on it.")
    await blocking.require_together(tx, user_id, creator.id)
    return tier, creator


async def require_place(tx: Writer, tier: Tier, but: UUID | None = None) -> None:
    """Under the lock on the tier: of two who want the last place, one waits here and then finds it taken."""
    if tier.cap is not None and await tiers.taken(tx, tier.id, but) >= tier.cap:
        raise TierFull(f"All {tier.cap} places of {tier.name} are taken. Choose another tier, or look again later.")


def already(live: Membership) -> MemberAlready:
    return MemberAlready("You are a member of this page already. Change your tier under My memberships.")


async def _others(tx: Writer, user_id: UUID, creator_id: UUID) -> tuple[Membership | None, Membership | None]:
    """The live one, which a paid one may take the place of, and one that is being paid for."""
    rows = await memberships.lock_of_pair(tx, user_id, creator_id)
    live = next((row for row in rows if row.is_live), None)
    if live is not None and live.source == "paid":
        raise already(live)
    return live, next((row for row in rows if row.state == "incomplete"), None)


async def _kept(backends: Backends, tx: Writer, row: Membership) -> Membership:
    """Without a page yet it is held anew: the provider wants a page to be open half an hour at least."""
    if row.checkout is not None:
        return row
    return await become(backends, tx, row, changed(row, held_until=backends.clock.now() + HELD))


async def _offer(
    backends: Backends, tx: Writer, user_id: UUID, tier: Tier, amount: int, code: str | None, earlier: Membership | None
) -> Offer | None:
    if not code or not code.strip():
        return None
    was_member = await memberships.was_member(tx, user_id, tier.creator_id)
    found = await offers.lock_open(tx, tier.creator_id, code.strip()[:40])
    if found is not None and earlier is not None and earlier.offer_id == found.id:
        found = msgspec.structs.replace(found, used=found.used - 1)
    return check_offer(found, tier, amount, was_member=was_member, now=backends.clock.now())


async def _held(
    backends: Backends, tx: Writer, user_id: UUID, tier: Tier, amount: Money, interval: Interval, offer: Offer | None,
    live: Membership | None,
) -> Membership:  # fmt: skip
    now = backends.clock.now()
    trial = 0 if live or await _had_trial(tx, user_id, tier) else tier.trial_days
    row = Membership(
        id=new_id(), user_id=user_id, creator_id=tier.creator_id, tier_id=tier.id, state="incomplete", source="paid",
        amount=amount.minor, currency=amount.currency, interval=interval, trial_days=trial,
        offer_id=offer.id if offer else None, held_until=now + HELD, created_at=now,
    )  # fmt: skip
    await put(backends, tx, row)
    if offer is not None and not await offers.redeem(tx, offer.id, user_id, row.id, now):
        raise OfferRefused("You used this code before. Join without it.")
    return row


async def _had_trial(tx: Writer, user_id: UUID, tier: Tier) -> bool:
    return await offers.had_trial(tx, tier.creator_id, user_id) or await memberships.was_member(
        tx, user_id, tier.creator_id
    )


def _is_same(
    row: Membership, tier: Tier, amount: Money, interval: Interval, offer: Offer | None, now: datetime
) -> bool:
    asked = (tier.id, amount.minor, interval, offer.id if offer else None)
    there = (row.tier_id, row.amount, row.interval, row.offer_id)
    return asked == there and row.held_until is not None and row.held_until - now > HELD - CHECKOUT_LIVES + _STILL_OPEN


def _joining(
    backends: Backends, creator: Creator, tier: Tier, row: Membership, offer: Offer | None,
    live: Membership | None, replaces: str | None = None,
) -> Joining:  # fmt: skip
    assert row.held_until is not None
    gift_days = days_left([live], backends.clock.now()) if live else 0
    terms = terms_of(row, creator, tier, row.amount, row.interval)
    return Joining(
        membership_id=row.id, creator_id=row.creator_id, tier_id=tier.id, terms=terms,
        trial_days=max(row.trial_days, gift_days), discount=discount_of(offer) if offer else None,
        expires_at=row.held_until - HELD + CHECKOUT_LIVES, checkout=row.checkout, replaces=replaces,
    )  # fmt: skip
