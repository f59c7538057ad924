"""What the provider says of subscriptions and payments, written down.

Each of these may be called again, late and in any order. The caller holds no lock; the row is locked here.
"""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.billing.contract import Subscription
from directfanz.backends.database.contract import Writer
from directfanz.domains.memberships.models import Membership
from directfanz.domains.memberships.policy.states import changed as with_change
from directfanz.domains.memberships.policy.states import ended, paid_until, told
from directfanz.domains.memberships.repository import memberships, offers
from directfanz.domains.memberships.service import arriving, at_provider, telling
from directfanz.domains.memberships.service.record import become, changed

log = logging.getLogger("directfanz.memberships")


async def subscription_is(
    backends: Backends, tx: Writer, said: Subscription, *, asked_at: datetime | None = None
) -> Membership | None:
    """Makes the membership what the subscription is now. None when it is of no membership of ours.

    `asked_at` is the moment before the provider was asked: an answer to an older question does not undo a newer one.
    A subscription that is `surplus` afterwards is cancelled by a job; what was paid for it is to be given back.
    """
    row = await _locked(tx, said)
    asked = asked_at or backends.clock.now()
    if row is None or (row.as_of is not None and asked < row.as_of):
        return row
    if row.subscription not in (None, said.id):
        await _cancel(backends, tx, said)
        return row
    if row.state == "ended" and row.end_reason != "lapsed":
        return row
    new = changed(with_change(told(row, said), said), as_of=asked)
    if new.is_live and not row.is_live:
        return await arriving.arrive(backends, tx, row, new, said)
    if new.state == "trialing" and not await offers.use_trial(tx, row.creator_id, row.user_id, row.id, new.card, asked):
        return await arriving.refuse(backends, tx, row, new, "trial_used")
    written = await become(backends, tx, row, new, *what_happened(row, new))
    await _tell(backends, tx, row, written)
    return written


def is_surplus(row: Membership | None, said: Subscription) -> bool:
    """Somebody paid twice, or had a trial that was not theirs to have: nothing of it is kept."""
    return row is not None and (row.subscription != said.id or row.end_reason in ("doubled", "trial_used"))


async def paid(
    backends: Backends, tx: Writer, membership_id: UUID, period_start: datetime, period_end: datetime
) -> Membership | None:
    """A period was paid for. An older one than the newest changes nothing."""
    row = await memberships.lock(tx, membership_id)
    new = paid_until(row, period_start, period_end) if row else None
    if row is None or new is None or new is row:
        return row
    return await become(backends, tx, row, new, *what_happened(row, new))


async def payment_failed(
    backends: Backends, tx: Writer, membership_id: UUID, attempt: int, next_try: datetime | None
) -> Membership | None:
    """Tells the member once per try. What becomes of the membership is said by the subscription."""
    row = await memberships.lock(tx, membership_id)
    if row is None or not row.is_live or row.period_end is None:
        return row
    await telling.member(
        backends, tx, row, "memberships.payment_failed", f"failed {row.id} {row.period_start:%Y%m%d} {attempt}",
        until=telling.day(row.grace_until), next=telling.day(next_try) if next_try else "not again",
    )  # fmt: skip
    return row


async def refunded(backends: Backends, tx: Writer, membership_id: UUID, *, whole: bool) -> Membership | None:
    """What was given back whole is had no longer. A part given back changes nothing."""
    row = await memberships.lock(tx, membership_id)
    if row is None or not whole or not row.is_live:
        return row
    if row.subscription is not None:
        await at_provider.cancel(backends, tx, row.subscription)
    new = await become(backends, tx, row, ended(row, backends.clock.now(), "refunded"), "ended", why="refunded")
    await telling.ended(backends, tx, new)
    return new


def what_happened(old: Membership, new: Membership) -> list[str]:
    """In words of the history. Nothing, when the same was told again."""
    words: list[str] = []
    if old.state != new.state:
        words.append(_STATE_WORDS.get((old.state, new.state)) or _BECAME[new.state])
    if old.tier_id != new.tier_id:
        words.append("tier_changed")
    elif (old.amount, old.interval) != (new.amount, new.interval) and old.is_live:
        words.append("price_changed")
    if old.is_live and new.state in ("active", "canceled") and _later(old.period_end, new.period_end):
        words.append("renewed")
    return words


def _later(old: datetime | None, new: datetime | None) -> bool:
    return old is not None and new is not None and new > old


_STATE_WORDS = {
    ("past_due", "active"): "recovered",
    ("paused", "active"): "resumed",
    ("canceled", "active"): "canceled_taken_back",
    ("canceled", "trialing"): "canceled_taken_back",
    ("trialing", "active"): "trial_ended",
}
_BECAME = {
    "incomplete": "began", "trialing": "trial_began", "active": "joined", "past_due": "payment_failed",
    "paused": "paused", "canceled": "canceled", "ended": "ended",
}  # fmt: skip


async def _locked(tx: Writer, said: Subscription) -> Membership | None:
    row = await memberships.lock_by_subscription(tx, said.id)
    if row is not None:
        return row
    try:
        return await memberships.lock(tx, UUID(said.metadata.get("membership", "")))
    except ValueError:
        return None


async def _cancel(backends: Backends, tx: Writer, said: Subscription) -> None:
    if said.ended_at is None:
        await at_provider.cancel(backends, tx, said.id)


async def _tell(backends: Backends, tx: Writer, old: Membership, new: Membership) -> None:
    if old.is_live and new.state == "ended":
        await telling.ended(backends, tx, new)
    elif (old.state, new.state) == ("past_due", "active"):
        await telling.member(backends, tx, new, "memberships.recovered", f"recovered {new.id} {new.period_start}")
    elif old.state != "canceled" and new.state == "canceled":
        await telling.left(backends, tx, new)
