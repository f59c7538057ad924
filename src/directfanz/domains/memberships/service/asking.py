"""A new price, and whoever pays less than it: they are asked, and keep their price until they say yes."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.billing.contract import Interval
from directfanz.backends.database.contract import Writer
from directfanz.backends.jobs.contract import Job
from directfanz.domains.memberships.errors import NotNow
from directfanz.domains.memberships.models import Membership, Tier
from directfanz.domains.memberships.repository import prices
from directfanz.domains.memberships.repository.prices import PriceChange
from directfanz.domains.memberships.service import changes, telling
from directfanz.domains.memberships.service.mine import lock_mine
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money, plain

MEMBERS_AT_ONCE = 200


class Ask(msgspec.Struct, frozen=True):
    change_id: UUID


class Question(msgspec.Struct, frozen=True, kw_only=True):
    change_id: UUID
    amount: Money
    note: str


async def price_changed(
    backends: Backends, tx: Writer, by_user: UUID, old: Tier, new: Tier, *, ask: bool, note: str
) -> None:
    change = PriceChange(
        id=new_id(), tier_id=new.id, at=backends.clock.now(), by_user=by_user, old_amount=old.min_amount,
        new_amount=new.min_amount, old_yearly_amount=old.yearly_min_amount, new_yearly_amount=new.yearly_min_amount,
        currency=new.currency, asks=ask, note=note.strip()[:1000],
    )  # fmt: skip
    await prices.insert(tx, change)
    if ask:
        await backends.jobs.enqueue(tx, ASK, Ask(change.id))


async def open_question(backends: Backends, row: Membership) -> Question | None:
    """The newest that concerns them and is not answered."""
    async with backends.database.writing() as tx:
        found = await prices.open_question(tx, row.id)
    amount = found.amount(row.interval) if found else None
    if found is None or amount is None or amount <= row.amount or row.pending_amount == amount:
        return None
    return Question(change_id=found.id, amount=Money(amount, found.currency), note=found.note)


async def agree(backends: Backends, caller: Caller, membership_id: UUID, change_id: UUID) -> Membership:
    """From the next renewal on. Only for whom it was asked, and only for the price that they saw."""
    async with backends.database.writing() as tx:
        row = await lock_mine(tx, caller, membership_id)
        change = await prices.open_question(tx, row.id)
        amount = change.amount(row.interval) if change else None
        if change is None or change.id != change_id or amount is None:
            raise NotNow("This question is answered, or a newer price was asked for. Look at it again.")
        await prices.agree(tx, change.id, row.id, backends.clock.now())
        return await changes.keep_price(backends, tx, row, amount)


async def _ask(backends: Backends, payload: Ask) -> None:
    """A batch at a time; whoever was asked before is not asked again."""
    while True:
        async with backends.database.writing() as tx:
            change = await prices.find(tx, payload.change_id)
            if change is None:
                return
            rows = await prices.not_asked(tx, change, MEMBERS_AT_ONCE)
            for row in rows:
                await _ask_one(backends, tx, change, row)
        if len(rows) < MEMBERS_AT_ONCE:
            return


async def _ask_one(backends: Backends, tx: Writer, change: PriceChange, row: Membership) -> None:
    await prices.asked(tx, change.id, row.id, backends.clock.now())
    amount = change.amount(row.interval)
    if amount is not None:
        await telling.member(
            backends, tx, row, "memberships.price_question", f"price {change.id} {row.id}",
            price=worded(amount, row.currency, row.interval), old=worded(row.amount, row.currency, row.interval),
        )  # fmt: skip


def worded(amount: int, currency: str, interval: Interval) -> str:
    return f"{plain(Money(amount, currency))} {currency} a {interval}"


ASK = Job("memberships.ask_for_price", Ask, _ask, timeout_seconds=1800)
