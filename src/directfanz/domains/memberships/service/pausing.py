"""A rest: nothing is charged, what was paid for stays until its end, and the place is kept."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.billing.contract import CardRefused
from directfanz.domains.memberships.errors import NotNow
from directfanz.domains.memberships.models import PAUSE_MONTHS, Membership
from directfanz.domains.memberships.repository import memberships
from directfanz.domains.memberships.service import following
from directfanz.domains.memberships.service.limit import SpendLimit
from directfanz.domains.memberships.service.mine import lock_mine
from directfanz.domains.memberships.service.record import become, changed
from directfanz.errors import InvalidInput, Rejected
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id
from directfanz.kit.time import add_months


async def pause(backends: Backends, caller: Caller, membership_id: UUID, months: int | None = None) -> Membership:
    """For so many months, or until it is resumed. Asked again it changes for how long."""
    if months is not None and months not in PAUSE_MONTHS:
        raise InvalidInput.in_field("months", "A pause is for 1, 2 or 3 months, or until you resume.")
    began = backends.clock.now()
    until = add_months(began, months) if months else None
    async with backends.database.writing() as tx:
        row = await lock_mine(tx, caller, membership_id)
        _require_pausable(row)
        row = await become(
            backends, tx, row, changed(row, resumes_at=until), "pause_asked", actor=caller.user_id, until=until
        )
    assert row.subscription is not None
    said = await backends.billing.pause(row.subscription, key=f"pause {new_id()}")
    async with backends.database.writing() as tx:
        return await following.subscription_is(backends, tx, said, asked_at=began) or row


async def resume(backends: Backends, caller: Caller, membership_id: UUID, limit: SpendLimit) -> Membership:
    """In a period that is paid for, it goes on; after it, a new one begins and is charged at once, within what they let themselves
    spend."""
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        row = await lock_mine(tx, caller, membership_id)
        if row.state == "paused" and _is_charged(row, now):
            await limit.hold(tx, row.user_id, row.id, row.price, now)
    if row.state in ("active", "trialing", "past_due"):
        return row
    try:
        return await _resume(backends, row)
    except (CardRefused, Rejected):
        async with backends.database.writing() as tx:
            await limit.let_go(tx, row.id)
        raise


async def resume_due(backends: Backends, membership_id: UUID) -> Membership | None:
    """Its months are over."""
    row = await memberships.find(backends.database, membership_id)
    if row is None or row.state != "paused" or row.resumes_at is None or row.resumes_at > backends.clock.now():
        return row
    return await _resume(backends, row)


async def _resume(backends: Backends, row: Membership) -> Membership:
    began = backends.clock.now()
    if row.state != "paused" or row.subscription is None:
        raise NotNow("This membership is not paused.")
    said = await backends.billing.resume(row.subscription, charge_now=_is_charged(row, began), key=f"resume {new_id()}")
    async with backends.database.writing() as tx:
        return await following.subscription_is(backends, tx, said, asked_at=began) or row


def _is_charged(row: Membership, now: datetime) -> bool:
    return row.period_end is None or row.period_end <= now


def _require_pausable(row: Membership) -> None:
    if row.source != "paid" or row.subscription is None:
        raise NotNow("Nothing is charged for this membership, so there is nothing to pause.")
    if row.pending_from is not None:
        raise NotNow("A change is planned. Take it back first, then pause.")
    if row.state not in ("active", "paused"):
        raise NotNow(_WHY_NOT.get(row.state, "This membership cannot be paused now."))


_WHY_NOT: dict[str, str] = {
    "trialing": "A trial cannot be paused. Cancel it, and nothing is charged.",
    "past_due": "Your last payment failed. Look at your card first.",
    "canceled": "You cancelled. Nothing more is charged as it is.",
    "ended": "This membership is over.",
    "incomplete": "You have not joined yet.",
}
