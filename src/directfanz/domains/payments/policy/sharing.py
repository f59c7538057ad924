"""Who gets which part of an order, to the cent: of what was paid, and of what goes back.

Parts that go back are worked out from the sum of all that went back, so that many small ones add up to exactly what one whole one
takes from each.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from directfanz.kit.money import Money, fee

FeesOn = Literal["creator", "platform"]


class Shares(msgspec.Struct, frozen=True, kw_only=True):
    creator: Money
    platform: Money
    tax: Money
    provider: Money

    @property
    def total(self) -> Money:
        return self.creator + self.platform + self.tax + self.provider


def of_paid(total: Money, tax: Money, provider_fee: Money, fee_bps: int, fees_on: FeesOn) -> tuple[Shares, Money]:
    """And the platform's fee before the provider's was taken from it. A creator is never charged more than an order brings."""
    net = total - tax
    cut = fee(net, fee_bps)
    creator = net - cut
    if fees_on == "creator":
        creator = max(creator - provider_fee, Money(0, total.currency))
    platform = net - creator - provider_fee
    return Shares(creator=creator, platform=platform, tax=tax, provider=provider_fee), cut


class Back(msgspec.Struct, frozen=True, kw_only=True):
    """What went back so far, and the parts of it that the tax and the platform's fee gave."""

    amount: Money
    tax: Money
    fee: Money


def of_refund(total: Money, tax: Money, cut: Money, back: Back, amount: Money) -> Shares:
    """What a refund takes from each. The provider keeps its fee: whoever carries it has paid it already."""
    after = back.amount + amount
    if amount.minor <= 0 or after > total:
        raise ValueError("a refund is more than nothing, and all refunds together are no more than was paid")
    taxes = _part(tax, after, total) - back.tax
    platform = _part(cut, after, total) - back.fee
    none = Money(0, total.currency)
    return Shares(creator=amount - taxes - platform, platform=platform, tax=taxes, provider=none)


def _part(whole: Money, back: Money, total: Money) -> Money:
    """Half a minor unit away from zero."""
    return Money((whole.minor * back.minor * 2 + total.minor) // (total.minor * 2), whole.currency)
