"""What may be asked and given, in rules without I/O."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from directfanz.backends.billing.contract import Discount, Interval
from directfanz.domains.memberships.errors import AmountWrong, OfferRefused
from directfanz.domains.memberships.models import Choice, Membership, Offer, Tier
from directfanz.errors import Detail
from directfanz.kit.money import Money, decimals, plain

# Above it somebody's finger slipped.
MOST_CHARGED_UNITS = 10_000
MONTHS_IN_A_YEAR = 12


def least_charged(currency: str) -> int:
    """A unit of most currencies; of those without decimals about as much."""
    return _hundredfold(currency)


def most_charged(currency: str) -> int:
    """Of currencies without decimals a unit is worth about a cent."""
    return MOST_CHARGED_UNITS * _hundredfold(currency)


def _hundredfold(currency: str) -> int:
    places = decimals(currency) or 2
    return int(10**places)


def check_amount(tier: Tier, amount: Money, interval: Interval) -> None:
    """That this may be paid for the tier."""
    least = tier.least(interval)
    if least is None:
        raise _wrong("interval", f"{tier.name} cannot be paid by the year.", "Choose to pay by the month.")
    if amount.currency != tier.currency:
        raise _wrong(
            "amount", f"{tier.name} is paid in {tier.currency}, not {amount.currency}.", f"Pay in {tier.currency}."
        )
    if not tier.pay_what_you_want and amount.minor != least:
        raise _wrong("amount", f"{tier.name} costs {_worded(least, tier)}.", f"Pay {_worded(least, tier)}.")
    if amount.minor < least:
        raise _wrong(
            "amount", f"{tier.name} costs at least {_worded(least, tier)}.", f"Pay {_worded(least, tier)} or more."
        )
    check_chargeable(amount)


def check_chargeable(amount: Money, field: str = "amount") -> None:
    """Zero, or what can be charged to a card."""
    least, most = least_charged(amount.currency), most_charged(amount.currency)
    if amount.minor < 0 or 0 < amount.minor < least:
        shown = f"{plain(Money(least, amount.currency))} {amount.currency}"
        raise _wrong(field, f"Less than {shown} cannot be charged.", f"Use {shown} or more, or nothing.")
    if amount.minor > most:
        shown = f"{plain(Money(most, amount.currency))} {amount.currency}"
        raise _wrong(field, f"More than {shown} cannot be charged at once.", f"Use {shown} or less.")


def direction(old: Choice, new: Choice) -> Literal["now", "renewal"]:
    """More is had at once and its difference paid now; less begins when what was paid for is over."""
    if new.tier.rank != old.tier.rank:
        return "now" if new.tier.rank > old.tier.rank else "renewal"
    if new.interval != old.interval:
        return "now" if new.interval == "year" else "renewal"
    return "now" if new.amount > old.amount else "renewal"


def check_offer(offer: Offer | None, tier: Tier, amount: int, *, was_member: bool, now: datetime) -> Offer:
    """That the code may be used for this by this person, now."""
    if offer is None or (offer.tier_id not in (None, tier.id)):
        raise OfferRefused("This code is not known here. Look whether it is for another tier, or join without it.")
    if offer.expires_at is not None and now >= offer.expires_at:
        raise OfferRefused("This code has run out. Join without it.")
    if offer.at_most is not None and offer.used >= offer.at_most:
        raise OfferRefused("This code was used as often as it may be. Join without it.")
    if offer.audience == "new" and was_member:
        raise OfferRefused("This code is for people who were not members before.")
    if offer.audience == "former" and not was_member:
        raise OfferRefused("This code is for people who were members before.")
    if offer.amount is not None and amount - offer.amount != 0 and amount - offer.amount < least_charged(tier.currency):
        raise OfferRefused("This code takes off more than you pay. Choose a higher amount or join without it.")
    return offer


def discount_of(offer: Offer) -> Discount:
    off = None if offer.amount is None else Money(offer.amount, offer.currency)
    return Discount(name=offer.name, percent=offer.percent, amount=off, periods=offer.periods)


def gift_price(tier: Tier, months: int) -> Money:
    """A year's gift costs what a year costs, where there is such a price."""
    if months == MONTHS_IN_A_YEAR and tier.yearly_min_amount is not None:
        return Money(tier.yearly_min_amount, tier.currency)
    return tier.price * months


def days_left(live: Sequence[Membership], now: datetime) -> int:
    """Of a gift that a paid membership takes the place of: the first charge is made when it would have ended."""
    ends = [each.period_end for each in live if each.source == "gift" and each.period_end and each.period_end > now]
    return max((math.ceil((end - now).total_seconds() / 86_400) for end in ends), default=0)


def _worded(minor: int, tier: Tier) -> str:
    return f"{plain(Money(minor, tier.currency))} {tier.currency}"


def _wrong(field: str, problem: str, suggestion: str) -> AmountWrong:
    return AmountWrong(problem, Detail(field, problem, suggestion))
