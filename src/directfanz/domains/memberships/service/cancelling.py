"""Leaving, and thinking better of it."""

from __future__ import annotations

from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.creators.service import blocking
from directfanz.domains.memberships.errors import NotNow
from directfanz.domains.memberships.models import CancelReason, Membership, Parted
from directfanz.domains.memberships.policy.states import ended
from directfanz.domains.memberships.repository import memberships
from directfanz.domains.memberships.service import following, telling
from directfanz.domains.memberships.service.mine import lock_mine
from directfanz.domains.memberships.service.record import become, changed
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id

COMMENT_CHARACTERS = 1000


async def cancel(
    backends: Backends, caller: Caller, membership_id: UUID, reason: CancelReason | Parted = "", comment: str = ""
) -> Membership:
    """What was paid for stays; nothing more is charged. May be done again."""
    began = backends.clock.now()
    async with backends.database.writing() as tx:
        row = await lock_mine(tx, caller, membership_id)
        if row.state in ("canceled", "ended"):
            return row
        if row.state == "incomplete":
            raise NotNow("You have not joined yet. Close the page for paying, and nothing is charged.")
        noted = changed(row, cancel_reason=reason, cancel_comment=comment.strip()[:COMMENT_CHARACTERS])
        if row.subscription is None:
            return await _leave(backends, tx, row, noted)
        row = await become(backends, tx, row, noted, "cancel_asked", actor=caller.user_id)
    assert row.subscription is not None
    if row.state == "past_due":
        said = await backends.billing.cancel_now(row.subscription, key=f"cancel {new_id()}")
    else:
        said = await backends.billing.cancel_at_end(row.subscription, cancel=True, key=f"cancel {new_id()}")
    async with backends.database.writing() as tx:
        return await following.subscription_is(backends, tx, said, asked_at=began) or row


async def end_with_period(backends: Backends, user_id: UUID, creator_id: UUID, reason: Parted) -> Membership | None:
    """Page and person are kept apart: nothing more is charged, what is paid for runs out by itself. Both are told as when somebody
    leaves. A gift runs out by itself anyway. May be done again."""
    async with backends.database.writing() as tx:
        row = await memberships.find_live(tx, user_id, creator_id)
    if row is None or row.source == "gift" or row.state == "canceled":
        return row
    return await cancel(backends, Caller(user_id=user_id), row.id, reason)


async def take_back(backends: Backends, caller: Caller, membership_id: UUID) -> Membership:
    """Until its last day. May be done again."""
    began = backends.clock.now()
    async with backends.database.writing() as tx:
        row = await lock_mine(tx, caller, membership_id)
        if row.state in ("trialing", "active", "past_due", "paused"):
            return row
        if row.state != "canceled" or row.subscription is None or (row.period_end and row.period_end <= began):
            raise NotNow("This membership is over. Join again.")
        await blocking.require_together(tx, row.user_id, row.creator_id)
        row = await become(backends, tx, row, changed(row, cancel_reason=None, cancel_comment=""), actor=caller.user_id)
    assert row.subscription is not None
    said = await backends.billing.cancel_at_end(row.subscription, cancel=False, key=f"keep {new_id()}")
    async with backends.database.writing() as tx:
        return await following.subscription_is(backends, tx, said, asked_at=began) or row


async def _leave(backends: Backends, tx: Writer, row: Membership, noted: Membership) -> Membership:
    """Nothing is charged for it, so nothing has to run out first; but what somebody gave is not thrown away by a click."""
    if row.source == "gift":
        raise NotNow(f"Nothing is charged for a gift. It ends by itself on {telling.day(row.period_end)}.")
    gone = ended(noted, backends.clock.now(), "canceled")
    return await become(backends, tx, row, gone, "canceled", "ended", actor=row.user_id)
