"""A change that waits for the renewal, as a schedule of two phases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directfanz.backends.billing.contract import Terms
from directfanz.backends.billing.stripe import shapes
from directfanz.backends.billing.stripe.catalogue import Catalogue
from directfanz.backends.billing.stripe.part import merged
from directfanz.backends.billing.stripe.reading import name_of
from directfanz.backends.billing.stripe.wire import Wire, at, step
from directfanz.errors import Rejected

if TYPE_CHECKING:
    from stripe.params import (
        SubscriptionScheduleCreateParams,
        SubscriptionScheduleUpdateParams,
        SubscriptionScheduleUpdateParamsPhase,
        SubscriptionScheduleUpdateParamsPhaseDiscount,
    )


class Schedules:
    def __init__(self, wire: Wire, catalogue: Catalogue) -> None:
        self._wire = wire
        self._catalogue = catalogue

    async def plan(self, found: shapes.Subscription, terms: Terms, key: str) -> None:
        schedule = await self._of(found, step(key, "schedule"))
        now = _running(schedule)
        then: SubscriptionScheduleUpdateParamsPhase = {
            "items": [{"quantity": 1, "price_data": await self._catalogue.price(terms)}],
            "duration": {"interval": terms.interval, "interval_count": 1},
            "proration_behavior": "none",
            "metadata": merged(found.metadata, terms.metadata),
        }
        discounts = _discounts(now)
        if discounts:
            then["discounts"] = discounts
        plan: SubscriptionScheduleUpdateParams = {
            "phases": [_as_it_is(now), then],
            "end_behavior": "release",
            "proration_behavior": "none",
        }
        path = at("subscription_schedules", schedule.id)
        await self._wire.post(path, shapes.Schedule, "change_at_renewal", plan, key=step(key, "phases"))

    async def release(self, schedule_id: str, key: str) -> None:
        """The subscription goes on as it is. One that is through, or was released before, has nothing to let go of."""
        try:
            path = at("subscription_schedules", schedule_id, "release")
            await self._wire.post(path, shapes.Schedule, "take_back_change", {}, key=key)
        except Rejected:
            found = await self._get(schedule_id)
            if found.status in ("active", "not_started"):
                raise

    async def _of(self, found: shapes.Subscription, key: str) -> shapes.Schedule:
        if found.schedule:
            return await self._get(name_of(found.schedule))
        asked: SubscriptionScheduleCreateParams = {"from_subscription": found.id}
        return await self._wire.post("subscription_schedules", shapes.Schedule, "change_at_renewal", asked, key=key)

    async def _get(self, schedule_id: str) -> shapes.Schedule:
        return await self._wire.get(at("subscription_schedules", schedule_id), shapes.Schedule, "schedule")


def _running(schedule: shapes.Schedule) -> shapes.Phase:
    begun = schedule.current_phase.start_date if schedule.current_phase else None
    running = next((phase for phase in schedule.phases if phase.start_date == begun), None)
    if running is None:
        raise Rejected(f"The schedule {schedule.id} has no phase that runs.")
    return running


def _as_it_is(phase: shapes.Phase) -> SubscriptionScheduleUpdateParamsPhase:
    """Stripe takes what is left out of a phase for a wish to remove it."""
    same: SubscriptionScheduleUpdateParamsPhase = {
        "start_date": phase.start_date,
        "end_date": phase.end_date,
        "items": [{"price": name_of(item.price), "quantity": item.quantity or 1} for item in phase.items],
        "proration_behavior": "none",
        "metadata": dict(phase.metadata or {}),
    }
    discounts = _discounts(phase)
    if discounts:
        same["discounts"] = discounts
    if phase.trial_end:
        same["trial_end"] = phase.trial_end
    return same


def _discounts(phase: shapes.Phase) -> list[SubscriptionScheduleUpdateParamsPhaseDiscount]:
    """The one that runs, not its coupon anew: its months count on."""
    found: list[SubscriptionScheduleUpdateParamsPhaseDiscount] = []
    for one in phase.discounts:
        if one.discount:
            found.append({"discount": name_of(one.discount)})
        elif one.coupon:
            found.append({"coupon": name_of(one.coupon)})
    return found
