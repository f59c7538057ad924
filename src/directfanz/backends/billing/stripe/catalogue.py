"""Products and coupons, made when they are first needed.

Their ids follow from what they say, so that all processes agree on them without asking, and none is made twice.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from directfanz.backends.billing.contract import Discount, Interval, Terms
from directfanz.backends.billing.stripe.reading import minor
from directfanz.backends.billing.stripe.shapes import Ref
from directfanz.backends.billing.stripe.wire import Wire
from directfanz.errors import InvalidInput, Rejected

if TYPE_CHECKING:
    from stripe.params import CouponCreateParams, ProductCreateParams, SubscriptionUpdateParamsItemPriceData

KNOWN = 10_000
MAX_NAME, MAX_COUPON_NAME = 250, 40
MONTHS = {"month": 1, "year": 12}


class Catalogue:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._known: dict[str, None] = {}

    async def product(self, name: str) -> str:
        name = name.strip()[:MAX_NAME]
        if not name:
            raise InvalidInput.in_field("product", "What is sold needs a name.")
        product: ProductCreateParams = {"id": f"prod_df{_digest(name)}", "name": name}
        await self._ensure("products", product["id"], dict(product))
        return product["id"]

    async def price(self, terms: Terms) -> SubscriptionUpdateParamsItemPriceData:
        return {
            "currency": terms.price.currency.lower(),
            "product": await self.product(terms.product),
            "unit_amount": minor(terms.price),
            "recurring": {"interval": terms.interval},
        }

    async def coupon(self, discount: Discount, interval: Interval) -> str:
        coupon = _coupon(discount, interval)
        name = f"df{_digest(msgspec.json.encode(coupon, order='sorted').decode())}"
        await self._ensure("coupons", name, {"id": name, **coupon})
        return name

    async def _ensure(self, folder: str, name: str, params: dict[str, object]) -> None:
        """No key of idempotency: another process may have made it for another purpose, and the id says that it is the same."""
        if name in self._known:
            return
        try:
            await self._wire.post(folder, Ref, f"make_{folder}", params)
        except Rejected as error:
            if "resource_already_exists" not in error.message:
                raise
        if len(self._known) >= KNOWN:
            self._known.clear()
        self._known[name] = None


def _coupon(discount: Discount, interval: Interval) -> CouponCreateParams:
    """A period of a year is twelve months to a coupon."""
    if (discount.percent is None) == (discount.amount is None):
        raise InvalidInput.in_field("discount", "A discount is a percentage or an amount, one of them.")
    coupon: CouponCreateParams = {"name": discount.name[:MAX_COUPON_NAME], "duration": "forever"}
    if discount.percent is not None:
        coupon["percent_off"] = discount.percent
    elif discount.amount is not None:
        coupon["amount_off"] = minor(discount.amount)
        coupon["currency"] = discount.amount.currency.lower()
    if discount.periods == 1:
        coupon["duration"] = "once"
    elif discount.periods is not None:
        coupon["duration"] = "repeating"
        coupon["duration_in_months"] = discount.periods * MONTHS[interval]
    return coupon


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]
