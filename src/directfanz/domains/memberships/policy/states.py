"""Which state of a membership may follow which, and what the provider's word about a subscription makes of one. Pure.

What is told may be told twice, late and in any order: `told` looks at what is true now and at nothing else.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from directfanz.backends.billing.contract import Subscription
from directfanz.domains.memberships.models import GRACE, Membership, State

# Nearly all follow each other, because states in between may never be heard of. What ended stays ended.
_AFTER_JOINING: frozenset[State] = frozenset({"trialing", "active", "past_due", "paused", "canceled", "ended"})
TRANSITIONS: dict[State, frozenset[State]] = {
    "incomplete": _AFTER_JOINING,
    "trialing": _AFTER_JOINING - {"trialing"},
    "active": _AFTER_JOINING - {"active", "trialing"},
    "past_due": _AFTER_JOINING - {"past_due", "trialing"},
    "paused": _AFTER_JOINING - {"paused"},
    "canceled": _AFTER_JOINING - {"canceled"},
    "ended": frozenset(),
}
_NO_TRIAL_AFTER: frozenset[State] = frozenset({"active", "past_due"})
# A trial ends on the day that was promised; a subscription whose first charge is later was postponed by a gift.
TRIAL_SLACK = timedelta(days=1)


def may_follow(old: Membership, new: Membership) -> bool:
    """A joining that was given up may still turn out to be paid for: the news came late."""
    before = "incomplete" if old.end_reason == "lapsed" else old.state
    return old.state == new.state or new.state in TRANSITIONS[before]


def told(row: Membership, said: Subscription) -> Membership:
    """The row as the subscription makes it. Its tier and pending change are another matter (`changed`)."""
    if row.state == "ended" and row.end_reason != "lapsed":
        return row
    state = _state(row, said)
    row = msgspec.structs.replace(
        row, subscription=said.id, card=said.card or row.card, amount=said.price.minor, interval=said.interval,
        held_until=None if state != "incomplete" else row.held_until,
    )  # fmt: skip
    if state == "incomplete":
        return row
    if state == "ended":
        if row.state == "ended":
            return row
        return ended(row, said.ended_at or said.period_end, row.end_reason or _why_ended(row))
    row = msgspec.structs.replace(
        row, state=state, ended_at=None, end_reason=None, started_at=row.started_at or said.period_start,
        cancels_at_end=said.cancels_at_end,
        resumes_at=row.resumes_at if state == "paused" else None,
    )  # fmt: skip
    if state == "canceled" and row.pending_from is not None and not row.pending_now:
        row = without_pending(row)  # the provider lets go of what was planned
    return _period(row, said)


def ended(row: Membership, at: datetime, why: str) -> Membership:
    return msgspec.structs.replace(
        row, state="ended", ended_at=at, end_reason=why, held_until=None, resumes_at=None, cancels_at_end=False,
        pending_tier_id=None, pending_amount=None, pending_interval=None, pending_from=None, pending_now=False,
    )  # fmt: skip


def changed(row: Membership, said: Subscription) -> Membership:
    """A pending change is true once its moment has come and the provider says the new price."""
    if row.pending_from is None or row.state == "ended":
        return row
    as_asked = (said.price.minor, said.interval) == (row.pending_amount, row.pending_interval)
    if not as_asked or (not row.pending_now and said.period_start < row.pending_from):
        return row
    return without_pending(row, tier=True)


def without_pending(row: Membership, *, tier: bool = False) -> Membership:
    assert row.pending_tier_id is not None
    return msgspec.structs.replace(
        row, tier_id=row.pending_tier_id if tier else row.tier_id, pending_tier_id=None, pending_amount=None,
        pending_interval=None, pending_from=None, pending_now=False,
    )  # fmt: skip


def paid_until(row: Membership, start: datetime, end: datetime) -> Membership:
    """A period was paid for. An older one than the newest changes nothing."""
    if not row.is_live or (row.period_end is not None and end <= row.period_end):
        return row
    new = msgspec.structs.replace(row, period_start=start, period_end=end, grace_until=end + GRACE)
    return msgspec.structs.replace(new, state="active") if row.state == "past_due" else new


def on_trial(row: Membership, said: Subscription) -> bool:
    if said.state != "trialing" or row.trial_days == 0 or said.trial_end is None:
        return False
    return said.trial_end <= row.created_at + timedelta(days=row.trial_days) + TRIAL_SLACK


def _state(row: Membership, said: Subscription) -> State:
    match said.state:
        case "incomplete":
            return "incomplete"
        case "incomplete_expired" | "canceled":
            return "ended"
        case "past_due" | "unpaid":
            return "past_due"
        case _ if said.cancels_at_end:
            return "canceled"
        case _ if said.collection_paused or said.state == "paused":
            return "paused"
        case _:
            return "trialing" if on_trial(row, said) and row.state not in _NO_TRIAL_AFTER else "active"


def _period(row: Membership, said: Subscription) -> Membership:
    """While collection is paused the provider's periods go on, but nobody pays them: the paid one stays."""
    if row.state == "past_due":
        # The last paid period ended when this one began.
        return msgspec.structs.replace(
            row, period_start=said.period_start, period_end=said.period_end, grace_until=said.period_start + GRACE
        )
    if said.collection_paused and row.period_end is not None:
        return row
    return msgspec.structs.replace(
        row, period_start=said.period_start, period_end=said.period_end, grace_until=said.period_end + GRACE
    )


def _why_ended(row: Membership) -> str:
    if row.state == "incomplete":
        return "lapsed"
    if row.state == "past_due" and row.cancel_reason is None:
        return "unpaid"
    return "canceled"
