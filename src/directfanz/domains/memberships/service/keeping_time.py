"""What happens because a moment came: each takes the clock of the backends, may run twice, and leaves what fails for the next time.

Members are taken a batch at a time, each batch in a bounded number of round trips to the database. One that fails holds up no other:
its batch is halved until it stands alone.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.billing.contract import CardRefused
from directfanz.domains.memberships.models import Membership
from directfanz.domains.memberships.policy.states import without_pending
from directfanz.domains.memberships.repository import batches, due, gifts, memberships
from directfanz.domains.memberships.service import asking, hearing, many, pausing, planning, telling
from directfanz.domains.memberships.service.record import become, changed
from directfanz.errors import DirectFanzError

log = logging.getLogger("directfanz.memberships")

ROWS_AT_ONCE = 200
NOTICE = timedelta(days=3)
GIFT_NOTICE = timedelta(days=30)
# Longer than the provider takes to renew and to tell of it.
SILENCE = timedelta(hours=3)
CHANGE_TAKES = timedelta(minutes=10)
Settle = Callable[[Backends, Sequence[UUID]], Awaitable[None]]


async def lapse_joinings(backends: Backends) -> None:
    await _all(backends, "lapsed", timedelta(), _lapse)
    lapsed = ROWS_AT_ONCE
    while lapsed == ROWS_AT_ONCE:
        async with backends.database.writing() as tx:
            lapsed = await gifts.lapse_some(tx, backends.clock.now(), ROWS_AT_ONCE)


async def tell_of_trials(backends: Backends) -> None:
    await _all(backends, "trial_ends", NOTICE, _tell_trials)


async def resume(backends: Backends) -> None:
    await _all(backends, "resumes", NOTICE, _tell_resumes)
    await _all(backends, "resumes", timedelta(), _resume)


async def end_grace(backends: Backends) -> None:
    await _all(backends, "grace_over", timedelta(), _give_up)


async def end_what_ran_out(backends: Backends) -> None:
    await _all(backends, "ran_out", timedelta(), _run_out)


async def ask_again(backends: Backends) -> None:
    """Where news should have come and did not: the provider is asked."""
    await _all(backends, "silent", -SILENCE, _ask)
    await _all(backends, "half_changed", -CHANGE_TAKES, _settle_changes)
    await _all(backends, "not_changed", -SILENCE, _plan_again)


async def expire_gifts(backends: Backends) -> None:
    now, after = backends.clock.now(), None
    while True:
        async with backends.database.writing() as tx:
            over = await gifts.expire_some(tx, now, ROWS_AT_ONCE)
            await telling.gifts_run_out(backends, tx, over, "memberships.gift_expired")
        if not over:
            break
    while soon := await gifts.expiring(backends.database, now + GIFT_NOTICE, after, ROWS_AT_ONCE):
        async with backends.database.writing() as tx:
            await telling.gifts_run_out(backends, tx, soon, "memberships.gift_expires")
        after = soon[-1].id


async def leave_closed_pages(backends: Backends) -> None:
    after: UUID | None = None
    while ids := await due.of_closed_pages(backends.database, after, ROWS_AT_ONCE):
        await _tried(backends, ids, _pages_closed)
        after = ids[-1]


async def _all(backends: Backends, what: str, ahead: timedelta, settle: Settle) -> None:
    after: UUID | None = None
    moment = backends.clock.now() + ahead
    while ids := await due.ids(backends.database, what, moment, after, ROWS_AT_ONCE):
        await _tried(backends, ids, settle)
        after = ids[-1]


async def _tried(backends: Backends, ids: Sequence[UUID], settle: Settle) -> None:
    try:
        await settle(backends, ids)
    except DirectFanzError as error:
        if len(ids) == 1:
            log.warning("membership %s waits for the next time: %s", ids[0], error)
            return
        half = len(ids) // 2
        await _tried(backends, ids[:half], settle)
        await _tried(backends, ids[half:], settle)


async def _lapse(backends: Backends, ids: Sequence[UUID]) -> None:
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        await many.lapse(backends, tx, ids, lambda row: row.held_until is not None and row.held_until <= now)


async def _tell_trials(backends: Backends, ids: Sequence[UUID]) -> None:
    async with backends.database.writing() as tx:
        rows = [row for row in await batches.these(tx, ids) if row.state == "trialing"]
        await telling.members(
            backends, tx, rows, "memberships.trial_ends", lambda row: f"trial {row.id} {row.period_end}",
            lambda row: {"until": telling.day(row.period_end), "price": _price(row)},
        )  # fmt: skip


async def _tell_resumes(backends: Backends, ids: Sequence[UUID]) -> None:
    async with backends.database.writing() as tx:
        rows = [row for row in await batches.these(tx, ids) if row.state == "paused"]
        await telling.members(
            backends, tx, rows, "memberships.resumes", lambda row: f"resumes {row.id} {row.resumes_at}",
            lambda row: {"until": telling.day(row.resumes_at), "price": _price(row)},
        )  # fmt: skip


def _price(row: Membership) -> str:
    return asking.worded(row.amount, row.currency, row.interval)


async def _resume(backends: Backends, ids: Sequence[UUID]) -> None:
    """Each is a charge of its own, so they are asked for side by side."""
    await hearing.side_by_side(ids, lambda membership_id: _resume_one(backends, membership_id))


async def _resume_one(backends: Backends, membership_id: UUID) -> None:
    try:
        await pausing.resume_due(backends, membership_id)
    except CardRefused as refused:
        async with backends.database.writing() as tx:
            row = await memberships.lock(tx, membership_id)
            if row is None or row.state != "paused" or row.resumes_at is None:
                return
            # Nobody is charged for what they do not know of.
            await telling.member(
                backends, tx, row, "memberships.stays_paused", f"stays {row.id} {row.resumes_at}", why=refused.message
            )
            await become(backends, tx, row, changed(row, resumes_at=None), "resume_refused")


async def _give_up(backends: Backends, ids: Sequence[UUID]) -> None:
    """The provider is asked once more: who paid in the last minute is not put out."""
    heard, now = await hearing.about(backends, ids), backends.clock.now()

    def is_over(row: Membership) -> bool:
        return row.state == "past_due" and row.grace_until is not None and row.grace_until <= now

    async with backends.database.writing() as tx:
        await many.end(backends, tx, [row.id for row in heard if is_over(row)], "unpaid", is_over)


async def _run_out(backends: Backends, ids: Sequence[UUID]) -> None:
    now = backends.clock.now()

    def is_over(row: Membership) -> bool:
        return row.state in ("active", "canceled") and row.period_end is not None and row.period_end <= now

    async with backends.database.writing() as tx:
        await many.end(backends, tx, ids, "ran_out", is_over)


async def _pages_closed(backends: Backends, ids: Sequence[UUID]) -> None:
    async with backends.database.writing() as tx:
        await many.lapse(backends, tx, ids)
        await many.end(backends, tx, ids, "page_closed", lambda row: row.is_live)


async def _ask(backends: Backends, ids: Sequence[UUID]) -> None:
    await hearing.about(backends, ids)


async def _settle_changes(backends: Backends, ids: Sequence[UUID]) -> None:
    """Their answers were lost. Either the provider made the change, and says so now, or it never will."""
    for row in await hearing.about(backends, ids):
        if not row.pending_now:
            continue
        async with backends.database.writing() as tx:
            again = await memberships.lock(tx, row.id)
            if again is not None and again.pending_now and again.pending_from == row.pending_from:
                await become(backends, tx, again, without_pending(again), "change_refused")


async def _plan_again(backends: Backends, ids: Sequence[UUID]) -> None:
    """The renewal came and was charged as before: what was planned is planned for the next one."""
    for row in await hearing.about(backends, ids):
        if row.pending_from is None or row.period_end is None or row.period_end <= row.pending_from:
            continue
        async with backends.database.writing() as tx:
            again = await memberships.lock(tx, row.id)
            if again is not None and again.pending_from == row.pending_from and not again.pending_now:
                new = await become(backends, tx, again, changed(again, pending_from=again.period_end), "change_planned")
                await planning.plan(backends, tx, new)
