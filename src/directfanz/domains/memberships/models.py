"""Tiers, memberships, offers and gifts, as the rest of the code sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec

from directfanz.backends.billing.contract import Discount, Interval, Terms
from directfanz.kit.money import Money

State = Literal["incomplete", "trialing", "active", "past_due", "paused", "canceled", "ended"]
MembershipSource = Literal["paid", "gift", "comp", "free"]
TierState = Literal["draft", "open", "archived"]
Audience = Literal["all", "new", "former"]
GiftState = Literal["pending", "lapsed", "paid", "claimed", "expired", "refunded"]
CancelReason = Literal["too_dear", "too_little", "not_enough_time", "trouble", "other", ""]
# Page and person are kept apart: neither chooses these from a list.
Parted = Literal["blocked", "blocked_by_page"]

LIVE: frozenset[State] = frozenset({"trialing", "active", "past_due", "paused", "canceled"})
# What renews lets its member in so long after its period. The last try of a refused card is a week after the first refusal, which comes
# an hour or so after the period.
GRACE = timedelta(days=8)
# A page at the provider is open half an hour; the place is kept a little longer, for news that is late.
CHECKOUT_LIVES = timedelta(minutes=31)
HELD = timedelta(minutes=45)
PREVIEW_LIVES = timedelta(minutes=30)
GIFT_LIVES = timedelta(days=365)
GIFT_MONTHS = (1, 3, 6, 12)
PAUSE_MONTHS = (1, 2, 3)
TIERS_PER_PAGE = 20
OFFERS_PER_PAGE = 200


class Tier(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `tiers`. Amounts are in minor units of `currency`; a year is offered when it has a price."""

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
    state: TierState
    created_at: datetime
    updated_at: datetime

    @property
    def is_free(self) -> bool:
        return self.min_amount == 0 and not self.pay_what_you_want

    @property
    def price(self) -> Money:
        return Money(self.min_amount, self.currency)

    @property
    def yearly_price(self) -> Money | None:
        return None if self.yearly_min_amount is None else Money(self.yearly_min_amount, self.currency)

    def least(self, interval: Interval) -> int | None:
        """None when it cannot be had for this interval."""
        return self.min_amount if interval == "month" else self.yearly_min_amount


class Membership(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `memberships`."""

    id: UUID
    user_id: UUID
    creator_id: UUID
    tier_id: UUID
    state: State
    source: MembershipSource
    amount: int
    currency: str
    interval: Interval
    subscription: str | None = None
    checkout: str | None = None
    card: str | None = None
    trial_days: int = 0
    offer_id: UUID | None = None
    period_start: datetime | None = None
    period_end: datetime | None = None
    grace_until: datetime | None = None
    resumes_at: datetime | None = None
    cancels_at_end: bool = False
    cancel_reason: str | None = None
    cancel_comment: str = ""
    pending_tier_id: UUID | None = None
    pending_amount: int | None = None
    pending_interval: Interval | None = None
    pending_from: datetime | None = None
    pending_now: bool = False
    held_until: datetime | None = None
    as_of: datetime | None = None
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str | None = None

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def price(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def renews(self) -> bool:
        """The provider charges again when the period ends."""
        return self.subscription is not None and self.state in ("trialing", "active", "past_due")

    @property
    def access_until(self) -> datetime | None:
        """What `entitlement_claims` says too. None: until it is ended."""
        if self.state in ("trialing", "active", "past_due"):
            return self.grace_until or self.period_end
        return self.period_end

    @property
    def entitlement_source(self) -> Literal["membership", "gift", "comp"]:
        return self.source if self.source in ("gift", "comp") else "membership"


class Joining(msgspec.Struct, frozen=True, kw_only=True):
    """A place that is held while its member pays. `replaces` is the checkout of an earlier try: let it expire."""

    membership_id: UUID
    creator_id: UUID
    tier_id: UUID
    terms: Terms
    trial_days: int
    discount: Discount | None
    expires_at: datetime
    checkout: str | None = None
    replaces: str | None = None


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    creator_id: UUID
    tier_id: UUID | None
    code: str
    name: str
    percent: int | None
    amount: int | None
    currency: str
    periods: int | None
    at_most: int | None
    expires_at: datetime | None
    audience: Audience
    state: Literal["open", "archived"]
    created_at: datetime
    used: int = 0

    @property
    def off(self) -> Money | None:
        return None if self.amount is None else Money(self.amount, self.currency)


class Gift(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    creator_id: UUID
    tier_id: UUID
    buyer_id: UUID
    months: int
    amount: int
    currency: str
    message: str
    state: GiftState
    has_code: bool
    held_until: datetime | None
    expires_at: datetime | None
    claimed_by: UUID | None
    claimed_at: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None
    membership_id: UUID | None
    on_top: bool
    postponed_to: datetime | None
    created_at: datetime
    paid_at: datetime | None

    @property
    def price(self) -> Money:
        return Money(self.amount, self.currency)


class GiftBuying(msgspec.Struct, frozen=True, kw_only=True):
    """What the buyer pays, and until when the place is held."""

    gift_id: UUID
    creator_id: UUID
    tier_id: UUID
    price: Money
    product: str
    metadata: Mapping[str, str]
    expires_at: datetime


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a membership's history."""

    id: UUID
    membership_id: UUID
    at: datetime
    kind: str
    actor_id: UUID | None
    facts: Mapping[str, Any]


class Affected(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a change of a tier concerns. `pay_less`: they keep their price unless they agree to the new one."""

    members: int
    pay_less: int
    joining: int
    gifts: int


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to be: of a tier, at a price, for an interval."""

    tier: Tier
    amount: int
    interval: Interval

    @property
    def price(self) -> Money:
        return Money(self.amount, self.tier.currency)


class PreviewLine(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    amount: Money


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What a change does, before it is made. `at` is given back with the yes, so what was shown is what is charged."""

    now: bool
    at: datetime
    due: Money
    lines: Sequence[PreviewLine]
    price: Money
    interval: Interval
    from_when: datetime
    tier_name: str
