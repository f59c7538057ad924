"""Another tier, amount or interval.

More is had at once: the difference is shown first and charged to the cent as it was shown. Less begins when the period that was paid
for is over, and can be taken back until then. What is wanted is written down before the provider is asked, so a lost answer, or an
event that is quicker than it, finds what it belongs to.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.billing.contract import CardRefused, Interval, Terms
from directfanz.backends.database.contract import Writer
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import lookup
from directfanz.domains.memberships.errors import NoSuchTier, NotNow, PreviewOld, TierClosed
from directfanz.domains.memberships.models import PREVIEW_LIVES, Choice, Membership, Preview, PreviewLine
from directfanz.domains.memberships.policy.selling import check_amount, direction
from directfanz.domains.memberships.policy.states import without_pending
from directfanz.domains.memberships.repository import memberships, tiers
from directfanz.domains.memberships.service import following, planning
from directfanz.domains.memberships.service.joining import require_place
from directfanz.domains.memberships.service.limit import SpendLimit
from directfanz.domains.memberships.service.mine import lock_mine
from directfanz.domains.memberships.service.record import become, changed
from directfanz.domains.memberships.service.terms import terms_of
from directfanz.errors import Rejected
from directfanz.http.caller import Caller
from directfanz.kit.money import Money


class Wanted(NamedTuple):
    tier_id: UUID
    amount: Money
    interval: Interval


class _Asked(NamedTuple):
    row: Membership
    choice: Choice
    now: bool
    terms: Terms


async def preview(
    backends: Backends, caller: Caller, membership_id: UUID, wanted: Wanted, at: datetime | None = None
) -> Preview:
    """What the change costs and when it is true: now, or `at`. Nothing is changed."""
    at = at or backends.clock.now().replace(microsecond=0)
    async with backends.database.writing() as tx:
        asked = await _asked(tx, caller, membership_id, wanted)
    row, choice = asked.row, asked.choice
    assert row.subscription is not None
    assert row.period_end is not None
    if not asked.now:
        return _previewed(choice, at, now=False, due=Money(0, row.currency), lines=[], from_when=row.period_end)
    invoice = await backends.billing.preview_change(row.subscription, asked.terms, at=at)
    lines = [PreviewLine(text=line.text, amount=line.amount) for line in invoice.lines]
    return _previewed(choice, at, now=True, due=invoice.due, lines=lines, from_when=at)


async def upgrade_now(
    backends: Backends, caller: Caller, membership_id: UUID, wanted: Wanted, at: datetime, limit: SpendLimit
) -> Membership:
    """`at` is the preview's. Refused by the card, or more than the person lets themselves spend: nothing is changed."""
    began = backends.clock.now()
    if not began - PREVIEW_LIVES <= at <= began:
        raise PreviewOld("Prices may have moved since you looked. Look at the change again.")
    shown = await preview(backends, caller, membership_id, wanted, at)
    async with backends.database.writing() as tx:
        asked = await _asked(tx, caller, membership_id, wanted)
        if not asked.now:
            raise NotNow("This change begins at the renewal. Look at it again.")
        await limit.hold(tx, asked.row.user_id, asked.row.id, shown.due, at)
        await _want(backends, tx, asked, at, now=True)
    row = asked.row
    assert row.subscription is not None
    key = f"change {row.id} {at.timestamp()} {wanted.tier_id} {wanted.amount.minor} {wanted.interval}"
    try:
        said = await backends.billing.change_now(row.subscription, asked.terms, at=at, key=key)
    except (CardRefused, Rejected):
        await _want_no_more(backends, row.id, at, limit)
        raise
    async with backends.database.writing() as tx:
        return await following.subscription_is(backends, tx, said, asked_at=began) or row


async def downgrade_at_renewal(backends: Backends, caller: Caller, membership_id: UUID, wanted: Wanted) -> Membership:
    async with backends.database.writing() as tx:
        asked = await _asked(tx, caller, membership_id, wanted)
        if asked.now:
            raise NotNow("This change is made at once. Look at what it costs first.")
        assert asked.row.period_end is not None
        row = await _want(backends, tx, asked, asked.row.period_end, now=False)
        await planning.plan(backends, tx, row)
    return row


async def take_back(backends: Backends, caller: Caller, membership_id: UUID) -> Membership:
    """What was planned for the renewal. May be done again."""
    async with backends.database.writing() as tx:
        row = await lock_mine(tx, caller, membership_id)
        if row.pending_from is None or row.pending_now:
            return row
        row = await become(backends, tx, row, without_pending(row), "change_taken_back", actor=caller.user_id)
        await planning.plan(backends, tx, row)
    return row


async def keep_price(backends: Backends, tx: Writer, row: Membership, amount: int) -> Membership:
    """The same tier at another price from the renewal on: its member agreed to it."""
    if row.state not in ("trialing", "active") or row.period_end is None or row.pending_now:
        raise NotNow("The price cannot change now. Look at your membership.")
    tier_id, interval = row.pending_tier_id or row.tier_id, row.pending_interval or row.interval
    new = changed(
        row, pending_tier_id=tier_id, pending_amount=amount, pending_interval=interval, pending_from=row.period_end
    )
    written = await become(backends, tx, row, new, "price_agreed", actor=row.user_id, amount=amount)
    await planning.plan(backends, tx, written)
    return written


async def _asked(tx: Writer, caller: Caller, membership_id: UUID, wanted: Wanted) -> _Asked:
    """The tier is locked before the membership, as it is for who joins."""
    tier = await tiers.lock(tx, wanted.tier_id)
    row = await lock_mine(tx, caller, membership_id)
    if tier is None or tier.creator_id != row.creator_id:
        raise NoSuchTier("There is no such tier on this page.")
    if row.source != "paid" or row.subscription is None or row.state not in ("trialing", "active"):
        raise NotNow(_why_not(row))
    if row.pending_now:
        raise NotNow("A change is being made just now. Try again in a minute.")
    creator = await lookup.by_id(tx, row.creator_id)
    choice = Choice(tier=tier, amount=wanted.amount.minor, interval=wanted.interval)
    now = await _is_now(tx, row, choice)
    _check(row, choice)
    if tier.id != row.tier_id:
        await require_place(tx, tier, but=row.id)
    return _Asked(row, choice, now, _terms(row, creator, choice))


def _terms(row: Membership, creator: Creator, choice: Choice) -> Terms:
    return terms_of(row, creator, choice.tier, choice.amount, choice.interval)


async def _is_now(tx: Writer, row: Membership, choice: Choice) -> bool:
    mine = await tiers.find(tx, row.tier_id)
    assert mine is not None
    return direction(Choice(tier=mine, amount=row.amount, interval=row.interval), choice) == "now"


def _check(row: Membership, choice: Choice) -> None:
    if (row.tier_id, row.amount, row.interval) == (choice.tier.id, choice.amount, choice.interval):
        raise NotNow("That is what you have already.")
    if choice.tier.id != row.tier_id and choice.tier.state != "open":
        raise TierClosed(f"{choice.tier.name} takes no new members. Look at the other tiers.")
    check_amount(choice.tier, choice.price, choice.interval)
    if choice.amount == 0:
        raise NotNow(f"{choice.tier.name} costs nothing: cancel, and join it when your period is over.")


async def _want(backends: Backends, tx: Writer, asked: _Asked, since: datetime, *, now: bool) -> Membership:
    row, choice = asked.row, asked.choice
    new = changed(
        row, pending_tier_id=choice.tier.id, pending_amount=choice.amount, pending_interval=choice.interval,
        pending_from=since, pending_now=now,
    )  # fmt: skip
    word = "change_asked" if now else "change_planned"
    return await become(
        backends, tx, row, new, word, actor=row.user_id, tier=choice.tier.name, amount=choice.amount,
        interval=choice.interval,
    )  # fmt: skip


async def _want_no_more(backends: Backends, membership_id: UUID, at: datetime, limit: SpendLimit) -> None:
    async with backends.database.writing() as tx:
        await limit.let_go(tx, membership_id)
        row = await memberships.lock(tx, membership_id)
        if row is not None and row.pending_now and row.pending_from == at:
            await become(backends, tx, row, without_pending(row), "change_refused")


def _previewed(
    choice: Choice, at: datetime, *, now: bool, due: Money, lines: list[PreviewLine], from_when: datetime
) -> Preview:
    return Preview(
        now=now, at=at, due=due, lines=lines, price=choice.price, interval=choice.interval, from_when=from_when,
        tier_name=choice.tier.name,
    )  # fmt: skip


def _why_not(row: Membership) -> str:
    match row.state:
        case "past_due":
            return "Your last payment failed. Look at your card first."
        case "paused":
            return "Your membership is paused. Resume it first."
        case "canceled":
            return "You cancelled. Take that back first."
        case "ended" | "incomplete":
            return "This membership is over. Join again."
        case _:
            return "This membership is not paid for, so there is nothing to change. Join the tier that you want."
