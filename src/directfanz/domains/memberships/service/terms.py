"""What the provider is told that somebody pays for."""

from __future__ import annotations

from directfanz.backends.billing.contract import Interval, Terms
from directfanz.domains.creators.models import Creator
from directfanz.domains.memberships.models import Membership, Tier
from directfanz.kit.money import Money


def product_name(creator: Creator, tier: Tier) -> str:
    return f"{creator.name}: {tier.name}"


def terms_of(row: Membership, creator: Creator, tier: Tier, amount: int, interval: Interval) -> Terms:
    """The metadata is carried by the subscription, so that whoever looks there finds the way back."""
    metadata = {
        "kind": "membership", "membership": str(row.id), "creator": str(row.creator_id), "user": str(row.user_id),
        "tier": str(tier.id),
    }  # fmt: skip
    price = Money(amount, tier.currency)
    return Terms(price=price, interval=interval, product=product_name(creator, tier), metadata=metadata)
