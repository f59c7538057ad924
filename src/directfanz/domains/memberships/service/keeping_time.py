"""What happens because a moment came: each takes the clock of the backends, may run twice, and leaves what fails for the next time."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.billing.contract import CardRefused
from directfanz.backends.database.contract import Writer
from directfanz.domains.memberships.models import Membership
from directfanz.domains.memberships.policy.states import ended, without_pending
from directfanz.domains.memberships.repository import due, gifts, memberships
from directfanz.domains.memberships.service import asking, at_provider, following, joining, pausing, planning, telling
from directfanz.domains.memberships.service.gifts import lapse as lapse_gift
from directfanz.domains.memberships.service.record import become, changed
from directfanz.errors import DirectFanzError

log = logging.getLogger("directfanz.memberships")

ROWS_AT_ONCE = 200
NOTICE = timedelta(days=3)
GIFT_NOTICE = timedelta(days=30)
# Longer than the provider takes to renew and to tell of it.
SILENCE = timedelta(hours=3)
CHANGE_TAKES = timedelta(minutes=10)
One = Callable[[Backends, UUID], Awaitable[None]]


async def lapse_joinings(backends: Backends) -> None:
    await _each(backends, "lapsed", timedelta(), _lapse)
    while ids := await gifts.lapsed_ids(backends.database, backends.clock.now(), ROWS_AT_ONCE):
        for gift_id in ids:
            async with backends.database.writing() as tx:
                await lapse_gift(backends, tx, gift_id)


async def tell_of_trials(backends: Backends) -> None:
    await _each(backends, "trial_ends", NOTICE, _tell_trial)


async def resume(backends: Backends) -> None:
    await _each(backends, "resumes", NOTICE, _tell_resume)
    await _each(backends, "resumes", timedelta(), _resume)


async def end_grace(backends: Backends) -> None:
    await _each(backends, "grace_over", timedelta(), _give_up)


async def end_what_ran_out(backends: Backends) -> None:
    await _each(backends, "ran_out", timedelta(), _run_out)


async def ask_again(backends: Backends) -> None:
    """Where news should have come and did not: the provider is asked."""
    await _each(backends, "silent", -SILENCE, _ask_one)
    await _each(backends, "half_changed", -CHANGE_TAKES, _settle_change)
    await _each(backends, "not_changed", -SILENCE, _plan_again)


async def expire_gifts(backends: Backends) -> None:
    now = backends.clock.now()
    for gift_id in await gifts.expiring_ids(backends.database, now + GIFT_NOTICE, 100_000):
        async with backends.database.writing() as tx:
            await gifts.expire(tx, gift_id, now)
            gift = await gifts.find(tx, gift_id)
            if gift is not None and gift.state in ("paid", "expired"):
                await telling.gift_runs_out(backends, tx, gift)


async def leave_closed_pages(backends: Backends) -> None:
    after: UUID | None = None
    while ids := await due.of_closed_pages(backends.database, after, ROWS_AT_ONCE):
        for membership_id in ids:
            await _tried(backends, membership_id, _page_closed)
        after = ids[-1]


async def _each(backends: Backends, what: str, ahead: timedelta, one: One) -> None:
    after: UUID | None = None
    moment = backends.clock.now() + ahead
    while ids := await due.ids(backends.database, what, moment, after, ROWS_AT_ONCE):
        for membership_id in ids:
            await _tried(backends, membership_id, one)
        after = ids[-1]


async def _tried(backends: Backends, membership_id: UUID, one: One) -> None:
    try:
        await one(backends, membership_id)
    except DirectFanzError as error:
        log.warning("membership %s waits for the next time: %s", membership_id, error)


async def _lapse(backends: Backends, membership_id: UUID) -> None:
    async with backends.database.writing() as tx:
        row = await memberships.find(tx, membership_id)
        if row is not None and row.held_until is not None and row.held_until <= backends.clock.now():
            await joining.lapse(backends, tx, membership_id)


async def _tell_trial(backends: Backends, membership_id: UUID) -> None:
    async with backends.database.writing() as tx:
        row = await memberships.find(tx, membership_id)
        if row is not None and row.state == "trialing":
            await telling.member(
                backends, tx, row, "memberships.trial_ends", f"trial {row.id} {row.period_end}",
                until=telling.day(row.period_end), price=asking.worded(row.amount, row.currency, row.interval),
            )  # fmt: skip


async def _tell_resume(backends: Backends, membership_id: UUID) -> None:
    async with backends.database.writing() as tx:
        row = await memberships.find(tx, membership_id)
        if row is not None and row.state == "paused":
            await telling.member(
                backends, tx, row, "memberships.resumes", f"resumes {row.id} {row.resumes_at}",
                until=telling.day(row.resumes_at), price=asking.worded(row.amount, row.currency, row.interval),
            )  # fmt: skip


async def _resume(backends: Backends, membership_id: UUID) -> None:
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


async def _give_up(backends: Backends, membership_id: UUID) -> None:
    """The provider is asked once more: who paid in the last minute is not put out."""
    row = await _ask(backends, membership_id)
    now = backends.clock.now()
    if row is None or row.state != "past_due" or row.grace_until is None or row.grace_until > now:
        return
    async with backends.database.writing() as tx:
        await _end(backends, tx, membership_id, "unpaid", frozenset({"past_due"}))


async def _run_out(backends: Backends, membership_id: UUID) -> None:
    async with backends.database.writing() as tx:
        row = await memberships.find(tx, membership_id)
        if row is not None and row.period_end is not None and row.period_end <= backends.clock.now():
            await _end(backends, tx, membership_id, "ran_out", frozenset({"active", "canceled"}))


async def _page_closed(backends: Backends, membership_id: UUID) -> None:
    async with backends.database.writing() as tx:
        row = await memberships.lock(tx, membership_id)
        if row is None:
            return
        if row.state == "incomplete":
            await joining.lapse(backends, tx, membership_id)
        else:
            await _end(backends, tx, membership_id, "page_closed", frozenset({row.state}))


async def _end(backends: Backends, tx: Writer, membership_id: UUID, why: str, states: frozenset[str]) -> None:
    row = await memberships.lock(tx, membership_id)
    if row is None or row.state not in states:
        return
    if row.subscription is not None:
        await at_provider.cancel(backends, tx, row.subscription)
    new = await become(backends, tx, row, ended(row, backends.clock.now(), why), "ended", why=why)
    await telling.ended(backends, tx, new)


async def _ask(backends: Backends, membership_id: UUID) -> Membership | None:
    row = await memberships.find(backends.database, membership_id)
    if row is None or row.subscription is None:
        return row
    asked_at = backends.clock.now()
    said = await backends.billing.subscription(row.subscription)
    async with backends.database.writing() as tx:
        return await following.subscription_is(backends, tx, said, asked_at=asked_at)


async def _ask_one(backends: Backends, membership_id: UUID) -> None:
    await _ask(backends, membership_id)


async def _settle_change(backends: Backends, membership_id: UUID) -> None:
    """Its answer was lost. Either the provider made it, and says so now, or it never will."""
    row = await _ask(backends, membership_id)
    if row is None or not row.pending_now:
        return
    async with backends.database.writing() as tx:
        again = await memberships.lock(tx, membership_id)
        if again is not None and again.pending_now and again.pending_from == row.pending_from:
            await become(backends, tx, again, without_pending(again), "change_refused")


async def _plan_again(backends: Backends, membership_id: UUID) -> None:
    """The renewal came and was charged as before: what was planned is planned for the next one."""
    row = await _ask(backends, membership_id)
    if row is None or row.pending_from is None or row.period_end is None or row.period_end <= row.pending_from:
        return
    async with backends.database.writing() as tx:
        again = await memberships.lock(tx, membership_id)
        if again is not None and again.pending_from == row.pending_from and not again.pending_now:
            new = await become(backends, tx, again, changed(again, pending_from=again.period_end), "change_planned")
            await planning.plan(backends, tx, new)
