"""What has to be said to the provider after the commit. Its answer comes back as an event, like everything it does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.backends.jobs.contract import Job
from directfanz.errors import NotFound


class CancelSubscription(msgspec.Struct, frozen=True):
    subscription: str


class PostponeCharge(msgspec.Struct, frozen=True):
    subscription: str
    until: datetime
    key: str


async def cancel(backends: Backends, tx: Writer, subscription: str) -> None:
    await backends.jobs.enqueue(tx, CANCEL, CancelSubscription(subscription), queueing_key=f"cancel {subscription}")


async def cancel_all(backends: Backends, tx: Writer, subscriptions: Sequence[str]) -> None:
    """In one round trip. The job may run twice for the same one."""
    if subscriptions:
        await backends.jobs.enqueue_all(tx, CANCEL, [CancelSubscription(each) for each in subscriptions])


async def postpone(backends: Backends, tx: Writer, subscription: str, until: datetime, key: str) -> None:
    await backends.jobs.enqueue(tx, POSTPONE, PostponeCharge(subscription, until, key))


async def _cancel(backends: Backends, payload: CancelSubscription) -> None:
    try:
        if (await backends.billing.subscription(payload.subscription)).state == "canceled":
            return
        await backends.billing.cancel_now(payload.subscription, key=f"cancel {payload.subscription}")
    except NotFound:
        return  # nothing there that could charge anybody


async def _postpone(backends: Backends, payload: PostponeCharge) -> None:
    """Never to an earlier day than one it was postponed to before."""
    now = await backends.billing.subscription(payload.subscription)
    if now.ended_at is None and now.period_end < payload.until:
        await backends.billing.postpone(payload.subscription, payload.until, key=payload.key)


CANCEL = Job("memberships.cancel_at_provider", CancelSubscription, _cancel)
POSTPONE = Job("memberships.postpone_at_provider", PostponeCharge, _postpone)
