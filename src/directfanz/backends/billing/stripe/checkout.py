"""Stripe's own page on which somebody pays."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from directfanz.backends.billing.contract import CheckoutPage, Discount, Metadata, Terms
from directfanz.backends.billing.stripe.part import Part, merged
from directfanz.backends.billing.stripe.reading import checkout_page, minor, stamp
from directfanz.backends.billing.stripe.shapes import Session
from directfanz.backends.billing.stripe.wire import at
from directfanz.errors import Rejected
from directfanz.kit.money import Money

if TYPE_CHECKING:
    from stripe.params import SubscriptionUpdateParamsItemPriceData
    from stripe.params.checkout import SessionCreateParams, SessionCreateParamsLineItemPriceData


class Checkout(Part):
    _taxed: bool = False  # Stripe Tax works out what is added to the price, by where the person lives

    async def check_out_subscription(
        self, *, customer: str, terms: Terms, trial_days: int = 0, discount: Discount | None = None, success_url: str,
        cancel_url: str, expires_at: datetime, metadata: Metadata, key: str,
    ) -> CheckoutPage:  # fmt: skip
        told = merged(terms.metadata, metadata)
        page = _page(customer, success_url, cancel_url, expires_at, told)
        page["mode"] = "subscription"
        page["line_items"] = [{"quantity": 1, "price_data": _as_line(await self._catalogue.price(terms))}]
        page["subscription_data"] = {"metadata": told}
        page["payment_method_collection"] = "always"  # a trial ends, and then somebody pays
        if trial_days:
            page["subscription_data"]["trial_period_days"] = trial_days
        if discount:
            page["discounts"] = [{"coupon": await self._catalogue.coupon(discount, terms.interval)}]
        return await self._open(page, "check_out_subscription", key)

    async def check_out_payment(
        self, *, customer: str, price: Money, product: str, success_url: str, cancel_url: str, expires_at: datetime,
        metadata: Metadata, key: str,
    ) -> CheckoutPage:  # fmt: skip
        page = _page(customer, success_url, cancel_url, expires_at, metadata)
        page["mode"] = "payment"
        page["payment_intent_data"] = {"metadata": dict(metadata)}
        cost = minor(price)
        of = await self._catalogue.product(product)
        page["line_items"] = [
            {"quantity": 1, "price_data": {"currency": price.currency.lower(), "unit_amount": cost, "product": of}}
        ]
        return await self._open(page, "check_out_payment", key)

    async def checkout(self, checkout_id: str) -> CheckoutPage:
        return checkout_page(await self._wire.get(at("checkout", "sessions", checkout_id), Session, "checkout"))

    async def expire_checkout(self, checkout_id: str) -> CheckoutPage:
        try:
            path = at("checkout", "sessions", checkout_id, "expire")
            return checkout_page(await self._wire.post(path, Session, "expire_checkout", {}))
        except Rejected:
            page = await self.checkout(checkout_id)
            if page.state == "open":
                raise
            return page  # somebody paid, or it lapsed, meanwhile

    async def _open(self, page: SessionCreateParams, operation: str, key: str) -> CheckoutPage:
        if self._taxed:
            page["automatic_tax"] = {"enabled": True}
            page["customer_update"] = {"address": "auto"}
        return checkout_page(await self._wire.post("checkout/sessions", Session, operation, page, key=key))


def _page(
    customer: str, success_url: str, cancel_url: str, expires_at: datetime, metadata: Metadata
) -> SessionCreateParams:
    return {
        "customer": customer,
        "success_url": success_url,
        "cancel_url": cancel_url,
        "expires_at": stamp(expires_at),
        "metadata": dict(metadata),
        "allowed_payment_method_types": ["card"],  # others settle after days, and have no card to know somebody by
    }


def _as_line(price: SubscriptionUpdateParamsItemPriceData) -> SessionCreateParamsLineItemPriceData:
    """The SDK has a type of its own for the same in every call."""
    return {
        "currency": price["currency"],
        "product": price["product"],
        "unit_amount": price["unit_amount"],
        "recurring": {"interval": price["recurring"]["interval"]},
    }
