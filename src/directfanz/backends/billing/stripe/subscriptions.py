"""What renews by itself: read, previewed, changed at once or at the renewal, cancelled, paused, postponed.

A change at the renewal is a schedule at Stripe: the period that runs as it is, then one at the new terms, then the schedule lets go.
Whatever else changes a subscription goes before it, so a schedule that is left would undo it and is released.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from directfanz.backends.billing.contract import Invoice, Subscription, Terms
from directfanz.backends.billing.stripe import shapes
from directfanz.backends.billing.stripe.part import Part
from directfanz.backends.billing.stripe.reading import invoice, name_of, only_item, stamp, subscription
from directfanz.backends.billing.stripe.schedules import Schedules
from directfanz.backends.billing.stripe.wire import at, step
from directfanz.errors import NotFound, Rejected

if TYPE_CHECKING:
    from stripe.params import InvoiceCreatePreviewParams, SubscriptionUpdateParams

# The card is the subscription's own, or else the person's.
EXPAND = ["default_payment_method", "customer.invoice_settings.default_payment_method"]


class Subscriptions(Part):
    async def subscription(self, subscription_id: str) -> Subscription:
        return subscription(await self._found(subscription_id))

    async def preview_change(self, subscription_id: str, terms: Terms, *, at: datetime) -> Invoice:
        item = only_item(await self._found(subscription_id))
        asked: InvoiceCreatePreviewParams = {
            "subscription": subscription_id,
            "subscription_details": {
                "items": [{"id": item.id, "price_data": await self._catalogue.price(terms)}],
                "proration_behavior": "always_invoice",
                "proration_date": stamp(at),
            },
        }
        found = await self._wire.post("invoices/create_preview", shapes.Invoice, "preview_change", asked)
        return invoice(found, preview=True)

    async def change_now(self, subscription_id: str, terms: Terms, *, at: datetime, key: str) -> Subscription:
        before = await self._found(subscription_id)
        change: SubscriptionUpdateParams = {
            "items": [{"id": only_item(before).id, "price_data": await self._catalogue.price(terms)}],
            "proration_behavior": "always_invoice",
            "proration_date": stamp(at),
            "payment_behavior": "error_if_incomplete",
            "metadata": dict(terms.metadata),
        }
        changed = await self._update(subscription_id, change, "change_now", key)
        if before.schedule:  # only now: a card that refused leaves all as it was
            await self._schedules.release(name_of(before.schedule), step(key, "release"))
        return changed

    async def change_at_renewal(self, subscription_id: str, terms: Terms, *, key: str) -> None:
        await self._schedules.plan(await self._found(subscription_id), terms, key)

    async def take_back_change(self, subscription_id: str, *, key: str) -> None:
        await self._let_go(await self._found(subscription_id), key)

    async def cancel_at_end(self, subscription_id: str, *, cancel: bool, key: str) -> Subscription:
        await self._let_go(await self._found(subscription_id), step(key, "release"))
        change: SubscriptionUpdateParams = {"cancel_at_period_end": cancel}
        return await self._update(subscription_id, change, "cancel_at_end", key)

    async def cancel_now(self, subscription_id: str, *, key: str) -> Subscription:
        """Nothing is given back for the rest of the period: refunds are asked for as such."""
        try:
            path = at("subscriptions", subscription_id)
            found = await self._wire.delete(path, shapes.Subscription, "cancel_now", {"expand": EXPAND}, key=key)
        except (NotFound, Rejected):
            found = await self._found(subscription_id)
            if found.status not in ("canceled", "incomplete_expired"):
                raise
        return subscription(found)

    async def pause(self, subscription_id: str, *, key: str) -> Subscription:
        change: SubscriptionUpdateParams = {"pause_collection": {"behavior": "void"}}
        return await self._update(subscription_id, change, "pause", key)

    async def resume(self, subscription_id: str, *, charge_now: bool, key: str) -> Subscription:
        change: SubscriptionUpdateParams = {"pause_collection": ""}
        if charge_now:
            change["billing_cycle_anchor"] = {"type": "now"}
            change["proration_behavior"] = "none"
            change["payment_behavior"] = "error_if_incomplete"
        return await self._update(subscription_id, change, "resume", key)

    async def postpone(self, subscription_id: str, until: datetime, *, key: str) -> Subscription:
        """Stripe's way is a trial until then; what has been paid is not given back."""
        change: SubscriptionUpdateParams = {"trial_end": stamp(until), "proration_behavior": "none"}
        return await self._update(subscription_id, change, "postpone", key)

    @property
    def _schedules(self) -> Schedules:
        return Schedules(self._wire, self._catalogue)

    async def _found(self, subscription_id: str) -> shapes.Subscription:
        path = at("subscriptions", subscription_id)
        return await self._wire.get(path, shapes.Subscription, "subscription", {"expand": EXPAND})

    async def _update(
        self, subscription_id: str, change: SubscriptionUpdateParams, operation: str, key: str
    ) -> Subscription:
        path = at("subscriptions", subscription_id)
        change["expand"] = EXPAND
        return subscription(await self._wire.post(path, shapes.Subscription, operation, change, key=key))

    async def _let_go(self, found: shapes.Subscription, key: str) -> None:
        if found.schedule:
            await self._schedules.release(name_of(found.schedule), key)
