"""Tiers, memberships, offers and gifts as programs see them. Amounts are whole minor units: 1250 of EUR are 12.50."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar.params import PathParameter
from msgspec import Meta

from directfanz.backends.billing.contract import Interval
from directfanz.domains.memberships.models import Audience, Gift, GiftState, MembershipSource, Offer, State, TierState
from directfanz.domains.memberships.service.mine import Mine
from directfanz.domains.memberships.service.tiers import OpenTier
from directfanz.http.caller import require_scope

TIERS, MINE, GIFTS, TEAM = ["Tiers and offers"], ["Memberships"], ["Gifts"], ["Members"]
READ, WRITE = require_scope("memberships:read"), require_scope("memberships:write")
TEAM_READ, TEAM_WRITE = require_scope("creators:read"), require_scope("creators:write")
Slug = Annotated[str, PathParameter(max_length=64, description="The address of the page, of today or of before.")]
Amount = Annotated[int, Meta(ge=0, le=2**53, description="Whole minor units, such as 1250 for 12.50.")]
Text = Annotated[str, Meta(max_length=2000)]


class TierView(msgspec.Struct, frozen=True, kw_only=True):
    """`left` is null where there is no cap."""

    id: UUID
    creator_id: UUID
    rank: int
    name: str
    about: str
    benefits: list[str]
    min_amount: int
    suggested_amount: int | None
    yearly_min_amount: int | None
    currency: str
    pay_what_you_want: bool
    trial_days: int
    cap: int | None
    left: int | None
    members: int
    state: TierState


class OfferView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    tier_id: UUID | None
    code: str
    name: str
    percent: int | None
    amount: int | None
    currency: str
    periods: int | None
    at_most: int | None
    used: int
    expires_at: datetime | None
    audience: Audience
    open: bool


class MembershipView(msgspec.Struct, frozen=True, kw_only=True):
    """`access_until` is how far what is paid for reaches, with the grace while a renewal is being paid; null: until it is ended."""

    id: UUID
    creator_id: UUID
    creator: str
    tier_id: UUID
    tier: str
    state: State
    source: MembershipSource
    amount: int
    currency: str
    interval: Interval
    next_charge_at: datetime | None
    period_end: datetime | None
    access_until: datetime | None
    cancels_at_end: bool
    resumes_at: datetime | None
    planned: Planned | None
    started_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    tier_id: UUID
    tier: str
    amount: int
    interval: Interval
    from_when: datetime


class GiftView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    creator_id: UUID
    tier_id: UUID
    months: int
    amount: int
    currency: str
    message: str
    state: GiftState
    expires_at: datetime | None
    claimed_at: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None


def tier_view(each: OpenTier) -> TierView:
    return TierView(**_taken(TierView, each.tier, left=each.left, members=each.members))


def offer_view(offer: Offer) -> OfferView:
    return OfferView(**_taken(OfferView, offer, open=offer.state == "open"))


def gift_view(gift: Gift) -> GiftView:
    return GiftView(**_taken(GiftView, gift))


def membership_view(mine: Mine) -> MembershipView:
    row = mine.membership
    until = row.access_until if row.is_live else row.ended_at
    charged = row.period_end if row.renews and row.state != "past_due" else None
    return MembershipView(
        **_taken(
            MembershipView,
            row,
            creator=mine.creator.name,
            tier=mine.tier.name,
            next_charge_at=charged,
            access_until=until,
            planned=planned_view(mine),
        )
    )


def planned_view(mine: Mine) -> Planned | None:
    row = mine.membership
    if mine.pending_tier is None or row.pending_from is None or row.pending_now:
        return None
    assert row.pending_amount is not None
    assert row.pending_interval is not None
    return Planned(
        tier_id=mine.pending_tier.id,
        tier=mine.pending_tier.name,
        amount=row.pending_amount,
        interval=row.pending_interval,
        from_when=row.pending_from,
    )


def _taken(view: type[msgspec.Struct], row: msgspec.Struct, **more: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in view.__struct_fields__ if name not in more} | more
